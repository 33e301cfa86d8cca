// A channel in memory: each script is answered as the test says, and every call is kept.
import type { Channel, ScriptAnswer, ScriptCall } from '../../src/crm-server/channel.ts'
import { CrmServerError, type CrmServerFault } from '../../src/crm-server/deployment.ts'

/** What a script answers, or the fault by which it comes to nothing. */
export type Scripted = (call: Call) => ScriptAnswer | CrmServerError

/** A call with its secrets read. */
export interface Call {
  readonly id: string
  readonly input: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
}

export const AT = '2026-11-23T08:00:00.000Z'

/** A channel that answers by id; what is not named is a failure of the test. */
export function scriptedChannel(
  host: string,
  answers: Readonly<Record<string, Scripted>>,
): Channel & { readonly calls: Call[]; isClosed: boolean } {
  const calls: Call[] = []
  const channel = {
    host,
    calls,
    isClosed: false,
    execute: async ({ script, input, secrets }: ScriptCall) => {
      const read = await Promise.all(secrets.map(async (secret) => [secret.path, await secret.read()] as const))
      const call = { id: script.id, input, secrets: Object.fromEntries(read) }
      calls.push(call)
      const answer = answers[script.id]
      if (!answer) throw new Error(`${script.id} was not expected on ${host}`)
      const result = answer(call)
      if (result instanceof CrmServerError) throw result
      return result
    },
    close: async () => {
      channel.isClosed = true
    },
  }
  return channel
}

/** An answer of a script that went well. */
export const ok = (result: unknown): ScriptAnswer => ({ ok: true, result, changed: false, warnings: [], at: AT })

/** An answer of a script that says it failed. */
export const failed = (code: string, message = 'no'): ScriptAnswer => ({ ok: false, error: { code, message } })

/** A channel that came to nothing. */
export const lost = (host: string, code: CrmServerFault, effect: 'none' | 'possible' = 'none'): CrmServerError =>
  new CrmServerError(code, host, `${code} at ${host}`, { effect })
