// Every write that is sent, with its values, read from the requests themselves: the log of the simulator keeps no values. Batches are taken
// apart here once more on purpose: a test that used the writer's own reading would believe the writer.
import type { HttpRequest } from '../../src/network/http.ts'

/** One write that was sent, whatever came of it. */
export interface SentWrite {
  readonly method: string
  /** The set of rows, for example `mailboxes`. */
  readonly set: string
  /** The row; empty where it is created. */
  readonly id: string
  /** Behind the row, for example `emailserverprofile/$ref`; mostly empty. */
  readonly property: string
  readonly values: Readonly<Record<string, unknown>>
}

/** The writes of one request. */
export function writesOfRequest({ method, url, body }: HttpRequest): readonly SentWrite[] {
  if (method === 'GET') return []
  const text = typeof body === 'string' ? body : Buffer.from(body ?? '').toString('utf8')
  if (!url.endsWith('/$batch')) return [writeOf(method, new URL(url).pathname, text)]
  const parts = text.matchAll(/^(POST|PATCH|PUT|DELETE) (\S+) HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n(\{.*\})?/gm)
  return [...parts].map(([, verb = '', path = '', json = '']) => writeOf(verb, path, json))
}

function writeOf(method: string, path: string, json: string): SentWrite {
  const [, set = '', id = '', property = ''] = /\/v\d\.\d\/(\w+)(?:\(([0-9a-f-]{36})\))?\/?(.*)$/i.exec(path) ?? []
  return { method, set, id: id.toLowerCase(), property, values: json === '' ? {} : JSON.parse(json) }
}
