// Carrying encoded operations over the wire once, in one batch or one by one, and saying for each what that attempt amounts to.
import type { HttpResponse } from '../../network/http.ts'
import { type Exchange, retryAfterMs } from '../exchange.ts'
import type { ServerFacts } from '../probe.ts'
import { batchIsRefused } from '../read/parts.ts'
import { type BatchItem, batchContentType, writeBatch } from '../wire/batch-request.ts'
import { type BatchAnswer, readBatch } from '../wire/batch-response.ts'
import { readBody } from '../wire/body.ts'
import { type Answer, isSignIn, toCrmError } from '../wire/errors.ts'
import { headerOf } from '../wire/headers.ts'
import type { Encoded } from './encode.ts'
import { surelyNotExecuted, type Verdict, verdictOf, verdictOfError, verdictOfItem } from './verdict.ts'

/** What a server turns out to be able to do, beginning with what its version promises; learned from its answers. */
export interface Abilities {
  batch: boolean
  continueOnError: boolean
  plainWritesInBatch: boolean
}

/** What sending needs. */
export interface SendContext {
  readonly exchange: Exchange
  readonly facts: ServerFacts
  readonly abilities: Abilities
}

/** What came of sending a batch: a verdict per operation, or that the batch as such was refused and nothing of it was executed. */
export type BatchOutcome =
  | { readonly kind: 'verdicts'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'refused' }

/** Sends operations as one batch. */
export async function sendBatch(
  context: SendContext,
  operations: readonly Encoded[],
  signal: AbortSignal,
): Promise<BatchOutcome> {
  const { exchange, facts, abilities } = context
  const { options } = exchange
  const id = `write_${Math.floor(options.random() * 2 ** 40).toString(16)}`
  const items = operations.map((operation) => itemOf(operation, abilities))
  const asked = abilities.continueOnError
  const doing = `writing to ${options.root.host}`
  let response: HttpResponse
  try {
    response = await exchange.once(
      {
        method: 'POST',
        path: `${facts.segment}/$batch`,
        headers: { 'Content-Type': batchContentType(id), ...(asked && { Prefer: 'odata.continue-on-error' }) },
        body: writeBatch(items, `${options.root.apiPath}${facts.segment}/`, id),
        secrets: operations.flatMap(secretsOf),
      },
      signal,
    )
  } catch (error) {
    return all(operations, verdictOfError(error, doing))
  }
  const text = response.body.toString('utf8')
  const answer = readBatch(headerOf(response.headers, 'content-type'), text)
  if (!answer) return whole({ ...response, body: readBody(text) }, operations, doing, options.now())
  // A server that was told to go on and gave fewer answers did not listen; the next batch does not tell it, so that its end is clear.
  if (asked && answer.items.length < items.length) abilities.continueOnError = false
  const verdicts = answered(answer, operations, items, options.now(), !asked || response.status >= 400)
  return { kind: 'verdicts', verdicts }
}

/** Sends one operation outside any batch, its requests one after the other. */
export async function sendAlone(
  { exchange, facts }: SendContext,
  encoded: Encoded,
  signal: AbortSignal,
): Promise<Verdict> {
  let verdict: Verdict = { kind: 'done' }
  for (const [index, { method, path, headers, body }] of encoded.parts.entries()) {
    try {
      const request = { method, path: `${facts.segment}/${path}`, ...(headers && { headers }), ...(body && { body }) }
      const outgoing = { ...request, secrets: secretsOf(encoded) }
      const response = await exchange.once(outgoing, signal)
      verdict = verdictOf({ ...response, body: readBody(response.body) }, encoded, exchange.options.now())
    } catch (error) {
      verdict = verdictOfError(error, `writing to ${exchange.options.root.host}`)
    }
    if (verdict.kind !== 'done') return index === 0 ? verdict : inPart(verdict)
  }
  return verdict
}

/** The passwords that an operation carries. */
function secretsOf({ operation }: Encoded): readonly string[] {
  if (operation.kind !== 'create-profile' && operation.kind !== 'update-profile') return []
  const { incomingPassword, outgoingPassword } = operation.patch
  return [incomingPassword, outgoingPassword].filter((password) => password !== undefined)
}

/** An operation of several requests that got stuck behind the first has taken effect in part. */
function inPart(verdict: Verdict): Verdict {
  if (verdict.kind === 'done' || verdict.kind === 'not-reached') return verdict
  return { kind: 'open', code: verdict.code, message: `${verdict.message} (an earlier step took effect)` }
}

/** One object per change set, and a change set only where it is needed: two objects never stand or fall together. */
function itemOf({ parts }: Encoded, abilities: Abilities): BatchItem {
  const [part] = parts
  if (part && parts.length === 1 && abilities.plainWritesInBatch) return { kind: 'plain', part }
  return { kind: 'change-set', parts }
}

function answered(
  answer: BatchAnswer,
  operations: readonly Encoded[],
  items: readonly BatchItem[],
  now: Date,
  mayStop: boolean,
): readonly Verdict[] {
  const stopped = mayStop && stoppedAtFailure(answer)
  const countable = answer.items.length === items.length || !answer.complete || stopped
  let contentId = 0
  const verdicts: Verdict[] = operations.map((operation, index) => {
    const ids = new Set<string>()
    const item = items[index]
    if (item?.kind === 'change-set') for (const _ of item.parts) ids.add(String(++contentId))
    // Too many or too few answers do not say which one is missing; only a Content-ID still tells whose an answer is.
    const found = answer.items[index]
    if (found && (countable || found.some((part) => part.contentId !== undefined)))
      return verdictOfItem(found, operation, ids, now)
    if (stopped && index >= answer.items.length) return { kind: 'not-reached' }
    return verdictOfItem(undefined, operation, ids, now)
  })
  return verdicts
}

/** A batch ends at its first failure unless it was told to go on, and some servers do not listen; then its last answer is that failure. */
function stoppedAtFailure(answer: BatchAnswer): boolean {
  return answer.complete && (answer.items.at(-1)?.some(({ status }) => status >= 400) ?? false)
}

/** An answer that is no multipart speaks of the batch as such. */
function whole(answer: Answer, operations: readonly Encoded[], doing: string, now: Date): BatchOutcome {
  const { status, body } = answer
  const { code, message } = toCrmError(answer, doing)
  if (isSignIn(answer)) return all(operations, { kind: 'refused', code: 'Unauthenticated', message })
  if (surelyNotExecuted(answer))
    return all(operations, { kind: 'later', code, message, afterMs: retryAfterMs(answer, now) })
  if (status === 413 || status === 400) return { kind: 'too-large' }
  if (batchIsRefused(status) || (status === 403 && body.kind !== 'json')) return { kind: 'refused' }
  if (status >= 400 && status < 500 && status !== 408) return all(operations, { kind: 'refused', code, message })
  return all(operations, { kind: 'open', code, message })
}

function all(operations: readonly Encoded[], verdict: Verdict): BatchOutcome {
  return { kind: 'verdicts', verdicts: operations.map(() => verdict) }
}
