import { badRequest } from '../errors.ts'
import type { Answer } from '../http.ts'
import type { BatchItem, BatchPart } from './parse.ts'
import type { ItemAnswer } from './print.ts'

/** How a batch reaches the service. */
export interface BatchRunner {
  /** Serves one part; refusals are answers. `created` holds the addresses of rows created earlier in the change set. */
  readonly serve: (part: BatchPart, created: ReadonlyMap<string, string>) => Answer
  /** Undoes everything where `work` throws. */
  readonly atomically: <T>(work: () => T) => T
  /** Goes on after a failure (Prefer: odata.continue-on-error). */
  readonly continueOnError: boolean
}

/** The answers to a batch, and the status of the whole. */
export interface BatchOutcome {
  readonly status: number
  readonly answers: readonly ItemAnswer[]
}

/**
 * Runs a batch in order. Without continue-on-error the first failure ends it and its status is that of the whole; with it the status is
 * 200. A failed change set is undone and answers with its one failure.
 */
export function runBatch(items: readonly BatchItem[], runner: BatchRunner): BatchOutcome {
  const answers: ItemAnswer[] = []
  for (const item of items) {
    const answer: ItemAnswer =
      item.kind === 'request'
        ? { kind: 'request', answer: runner.serve(item.part, NONE), contentId: item.part.contentId }
        : runChangeset(item.parts, runner)
    answers.push(answer)
    const failure = failureOf(answer)
    if (failure !== undefined && !runner.continueOnError) return { status: failure, answers }
  }
  return { status: 200, answers }
}

const NONE: ReadonlyMap<string, string> = new Map()

class ChangesetFailed extends Error {
  readonly answer: Answer
  readonly contentId: string | undefined

  constructor(answer: Answer, contentId: string | undefined) {
    super('the change set is undone')
    this.answer = answer
    this.contentId = contentId
  }
}

function runChangeset(parts: readonly BatchPart[], runner: BatchRunner): ItemAnswer {
  const created = new Map<string, string>()
  try {
    const answers = runner.atomically(() =>
      parts.map((part) => {
        const answer = runner.serve(part, created)
        if (answer.status >= 400) throw new ChangesetFailed(answer, part.contentId)
        const address = createdAddress(answer)
        if (part.contentId !== undefined && address !== undefined) created.set(part.contentId, address)
        return { answer, contentId: part.contentId }
      }),
    )
    return { kind: 'changeset', answers }
  } catch (error) {
    if (!(error instanceof ChangesetFailed)) throw error
    return { kind: 'changeset', answers: [{ answer: error.answer, contentId: error.contentId }] }
  }
}

/** Replaces `$<Content-ID>` at the begin of a part's URL by the address of the row created there. Throws 400 where there is none. */
export function resolveTarget(target: string, created: ReadonlyMap<string, string>): string {
  const match = /^\$([^/?]+)(.*)$/s.exec(target)
  if (match?.[1] === undefined) return target
  const address = created.get(match[1])
  if (address === undefined) {
    throw badRequest(`Content-ID Reference: '$${match[1]}' does not exist in the batch context.`)
  }
  return address + (match[2] ?? '')
}

function createdAddress(answer: Answer): string | undefined {
  const address = answer.headers['OData-EntityId']
  return typeof address === 'string' ? address : undefined
}

function failureOf(answer: ItemAnswer): number | undefined {
  const statuses = answer.kind === 'request' ? [answer.answer.status] : answer.answers.map((one) => one.answer.status)
  return statuses.find((status) => status >= 400)
}
