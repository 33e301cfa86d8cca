// Several GET requests in one $batch: fewer round trips, and longer URLs than a request line may have (up to 64 KB; Microsoft, Web API:
// execute batch operations).
import { type Exchange, jsonOf, retryAfterMs } from '../exchange.ts'
import { CrmError } from '../organization.ts'
import { type BatchPart, batchContentType, writeBatch } from '../wire/batch-request.ts'
import { type ItemAnswer, readBatch } from '../wire/batch-response.ts'
import { toCrmError } from '../wire/errors.ts'
import { headerOf } from '../wire/headers.ts'

const MAXIMUM_PASSES = 6
const THROTTLED_WAIT_MS = 2_000

/**
 * Sends GET requests in one batch and gives the JSON of each, in order. What a server left unanswered behind a throttled part is asked
 * again; any other failing part fails the whole. Where batches are refused as such, the requests go out one by one. Throws CrmError.
 */
export async function readParts(
  exchange: Exchange,
  segment: string,
  parts: readonly BatchPart[],
  doing: string,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const values = await readInBatch(exchange, segment, parts, doing, signal)
  return values === 'unsupported' ? oneByOne(exchange, segment, parts, doing, signal) : values
}

/** As `readParts`, but where batches are refused as such, it is left to the caller what to do: a URL may be too long outside of one. */
export async function readInBatch(
  exchange: Exchange,
  segment: string,
  parts: readonly BatchPart[],
  doing: string,
  signal: AbortSignal,
): Promise<readonly unknown[] | 'unsupported'> {
  const values: unknown[] = []
  for (let pass = 1; values.length < parts.length; pass += 1) {
    const open = parts.slice(values.length)
    const answers = await sendBatch(exchange, segment, open, doing, signal)
    if (answers === 'unsupported') return answers
    const waitMs = collect(answers, values, open.length, exchange, doing)
    if (values.length === parts.length) break
    if (pass === MAXIMUM_PASSES)
      throw new CrmError('Throttled', `${doing}: throttled ${pass} times in a row`, { status: 429 })
    exchange.options.onEvent({ kind: 'waiting', reason: 'HTTP 429', waitMs, attempt: pass })
    await exchange.options.wait(waitMs, signal)
  }
  return values
}

/** Takes over answers up to the first throttled one and gives the wait it asks for. */
function collect(
  answers: readonly (ItemAnswer | undefined)[],
  values: unknown[],
  expected: number,
  exchange: Exchange,
  doing: string,
): number {
  for (let index = 0; index < expected; index += 1) {
    const answer = answers[index]?.[0]
    if (!answer) throw new CrmError('Incomplete', `${doing}: the batch was answered in part`)
    if (answer.status === 429 || answer.status === 503) {
      return retryAfterMs(answer, exchange.options.now()) ?? THROTTLED_WAIT_MS
    }
    values.push(jsonOf(answer, doing))
  }
  return 0
}

async function sendBatch(
  exchange: Exchange,
  segment: string,
  parts: readonly BatchPart[],
  doing: string,
  signal: AbortSignal,
): Promise<readonly (ItemAnswer | undefined)[] | 'unsupported'> {
  const id = `read_${parts.length}_${Math.floor(exchange.options.random() * 0xffffffff).toString(16)}`
  const items = parts.map((part) => ({ kind: 'plain', part }) as const)
  const received = await exchange.read(
    {
      method: 'POST',
      path: `${segment}/$batch`,
      headers: { 'Content-Type': batchContentType(id) },
      body: writeBatch(items, `${exchange.options.root.apiPath}${segment}/`, id),
    },
    doing,
    signal,
  )
  const answer = readBatch(headerOf(received.headers, 'content-type'), received.response.body.toString('utf8'))
  if (answer) return answer.items
  if (batchIsRefused(received.status)) return 'unsupported'
  throw toCrmError(received, doing)
}

/** Question: which statuses say that `$batch` as such is not to be had here? Proxies and filters in front of the server use these. */
export function batchIsRefused(status: number): boolean {
  return [404, 405, 406, 413, 415, 501].includes(status)
}

async function oneByOne(
  exchange: Exchange,
  segment: string,
  parts: readonly BatchPart[],
  doing: string,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const values: unknown[] = []
  for (const part of parts) {
    const { method, path, headers } = part
    values.push(await exchange.json({ method, path: `${segment}/${path}`, ...(headers && { headers }) }, doing, signal))
  }
  return values
}
