// What a server says about a failure is shown to people. Some say too much: a debug page repeats the headers of the request, a validation
// the value it did not like. So our own secrets are taken out of every answer that is not plain data, before anything of it is read.
import type { HttpResponse } from '../../network/http.ts'
import { createConcealer } from '../../network/redact.ts'

/** What was sent and must not come back. */
export interface Sent {
  readonly method: string
  /** The headers that carried the identity. */
  readonly identity: Readonly<Record<string, string>>
  /** Secrets in the body. */
  readonly secrets: readonly string[]
}

/** The answer without the secrets of its request. Rows that were read are left alone: nothing of them is shown as it stands. */
export function concealed(response: HttpResponse, { method, identity, secrets }: Sent): HttpResponse {
  const isData = method === 'GET' && response.status >= 200 && response.status < 300
  if (isData || response.body.length === 0) return response
  const proofs = Object.values(identity).flatMap((value) => [value, value.slice(value.indexOf(' ') + 1)])
  const conceal = createConcealer([...proofs, ...secrets])
  const text = response.body.toString('utf8')
  const clean = conceal(text)
  return clean === text ? response : { ...response, body: Buffer.from(clean) }
}
