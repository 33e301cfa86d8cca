// What an answer to a write means. The one question that matters is whether the write can have taken effect: "no" may be repeated by
// anyone, "perhaps" only where a repeat does no harm.
import { NetworkError } from '../../network/http.ts'
import { retryAfterMs } from '../exchange.ts'
import { CrmError, type CrmFailure } from '../organization.ts'
import type { ItemAnswer, PartAnswer } from '../wire/batch-response.ts'
import { type Answer, fromNetworkError, isApiError, isSignIn, saysAlreadyThere, toCrmError } from '../wire/errors.ts'
import type { Encoded } from './encode.ts'

/** What is known about one operation after one attempt. */
export type Verdict =
  | { readonly kind: 'done' }
  /** Refused: nothing changed, and asking again would not help. */
  | { readonly kind: 'refused'; readonly code: CrmFailure; readonly message: string }
  /** Surely not executed, worth another attempt after a while. */
  | {
      readonly kind: 'later'
      readonly code: CrmFailure
      readonly message: string
      readonly afterMs: number | undefined
    }
  /** Surely not executed because the server stopped in front of it. */
  | { readonly kind: 'not-reached' }
  /** May have taken effect. */
  | { readonly kind: 'open'; readonly code: CrmFailure; readonly message: string }
  /** A create that met a row with its key: ours, if the row is there. */
  | { readonly kind: 'already-there'; readonly code: CrmFailure; readonly message: string }

/** What is being done by an operation, for messages. */
export function doingOf({ operation, entitySet }: Pick<Encoded, 'operation' | 'entitySet'>): string {
  const [verb] = operation.kind.split('-')
  return `${verb === 'create' ? 'creating' : verb === 'delete' ? 'deleting' : 'updating'} ${entitySet}(${operation.id})`
}

/** The meaning of one answer, of a request by itself or of a part of a batch. */
export function verdictOf(answer: Answer, encoded: Encoded, now: Date): Verdict {
  const { status, body } = answer
  const { code, message } = toCrmError(answer, doingOf(encoded))
  if (isSignIn(answer)) return { kind: 'refused', code: 'Unauthenticated', message }
  if (status >= 200 && status < 300) {
    return body.kind === 'html' ? { kind: 'open', code, message } : { kind: 'done' }
  }
  if (surelyNotExecuted(answer)) return { kind: 'later', code, message, afterMs: retryAfterMs(answer, now) }
  if (status < 400 || status === 408 || (status >= 500 && status !== 501)) return { kind: 'open', code, message }
  const { kind } = encoded.operation
  if (kind.startsWith('create-') && saysAlreadyThere(answer)) return { kind: 'already-there', code, message }
  // Gone is what was wanted; only the Web API's own 404 speaks of the row.
  if (kind === 'delete-profile' && status === 404 && isApiError(body)) return { kind: 'done' }
  return { kind: 'refused', code, message }
}

/** Question: which refusals come before anything is executed? Throttling does; a 503 that says when to come back does (not documented). */
export function surelyNotExecuted(answer: Pick<Answer, 'status' | 'headers'>): boolean {
  return answer.status === 429 || (answer.status === 503 && answer.headers['retry-after'] !== undefined)
}

/**
 * The meaning of a batch's answer to one item. A change set takes effect as a whole or not at all: it is done when every request in it
 * was answered well, and its failure is the one answer that says so.
 */
export function verdictOfItem(
  item: ItemAnswer | undefined,
  encoded: Encoded,
  contentIds: ReadonlySet<string>,
  now: Date,
): Verdict {
  const doing = doingOf(encoded)
  if (!item || item.length === 0 || item.length > encoded.parts.length || !item.every(belongs)) {
    return { kind: 'open', code: 'Incomplete', message: `${doing}: the answer of the batch cannot be read` }
  }
  const failure = item.find((answer) => answer.status < 200 || answer.status >= 300)
  if (failure) return verdictOf(failure, encoded, now)
  if (item.length < encoded.parts.length) {
    return { kind: 'open', code: 'Incomplete', message: `${doing}: answered in part` }
  }
  return { kind: 'done' }

  function belongs({ contentId }: PartAnswer): boolean {
    return contentId === undefined || contentIds.size === 0 || contentIds.has(contentId)
  }
}

/** The meaning of an exchange that brought no answer. */
export function verdictOfError(error: unknown, doing: string): Verdict {
  if (error instanceof NetworkError) {
    const { code, message } = fromNetworkError(error, doing)
    if (error.failure === 'fenced') return { kind: 'refused', code, message }
    return error.sent ? { kind: 'open', code, message } : { kind: 'later', code, message, afterMs: undefined }
  }
  // Without a proof of identity nothing was executed.
  if (error instanceof CrmError) return { kind: 'refused', code: error.code, message: `${doing}: ${error.message}` }
  throw error
}
