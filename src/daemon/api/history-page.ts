// Pages of the journal, newest first. The cursor is a time, so a page stays what it is while new passes are written. What one request may
// read is capped; where that is not enough the page is short, and its cursor leads on from where reading stopped.
import { Slots } from '../../network/slots.ts'
import { type HistoryPass, readHistory } from '../../reconcile/history.ts'
import { tellPass } from '../../report/history-view.ts'
import { canonicalAddress } from '../../spec/address.ts'
import { HttpError, type Viewer } from '../http/route.ts'
import { wordsOf } from './anonymous.ts'
import type { Stages } from './api-stages.ts'
import type { HistoryPage, PassShape } from './shapes.ts'

/** What is asked of the history of a scope. */
export interface HistoryPageQuery {
  readonly limit?: number
  readonly cursor?: string
  /** An address, or the name of another object, whole. */
  readonly q?: string
}

/** Passes of a page where nothing is said, and the most there are. */
export const HISTORY_PAGE = { usual: 20, most: 100 } as const

const CHANGES = 200
const MAXIMUM_BYTES = 32 * 1024 * 1024
/** Requests that read at the same time; others wait. */
const READERS = 2

/** Reads a page of a scope's history for somebody with this role. */
export type HistoryPages = (scope: string, query: HistoryPageQuery, role: Viewer['role']) => Promise<HistoryPage>

/** Makes what reads histories. */
export function historyPages(input: {
  readonly stateDirectory: string
  readonly stages: Stages
  /** Default: 32 MiB. */
  readonly maximumBytes?: number
}): HistoryPages {
  const slots = new Slots(READERS)
  const words = wordsOfStages(input.stages)
  const { stateDirectory, maximumBytes = MAXIMUM_BYTES } = input
  return async (scope, { limit = HISTORY_PAGE.usual, cursor, q }, role) => {
    // Whoever may not see names must not find out by asking for them.
    if (q !== undefined && role !== 'Reader')
      throw new HttpError(403, 'ReadersOnly', 'searching for names needs the role Reader')
    const before = cursor === undefined ? undefined : timeOf(cursor)
    const release = await slots.acquire()
    try {
      const { passes, hasMore, unreadBefore } = await readHistory({
        stateDirectory,
        scope,
        limit,
        changesPerPass: CHANGES,
        maximumBytes,
        ...(before && { before }),
        ...(q !== undefined && { keys: new Set([q, `"${q}"`, canonicalAddress(q)]) }),
      })
      const end = passes.length >= limit ? passes.at(-1)?.time : (unreadBefore ?? passes.at(-1)?.time)
      // Whoever follows the cursors must come to an end, whatever times a damaged journal tells.
      const next = hasMore && end !== undefined && (cursor === undefined || end < cursor) ? end : undefined
      return { items: passes.map((pass) => passShape(pass, role, words)), ...(next !== undefined && { next }) }
    } finally {
      release()
    }
  }
}

function timeOf(cursor: string): Date {
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/.test(cursor)
  const time = new Date(isTime ? cursor : Number.NaN)
  if (!Number.isNaN(time.getTime())) return time
  throw new HttpError(400, 'BadCursor', 'the cursor is not one of a history; begin without a cursor')
}

type WordsOf = Parameters<typeof tellPass>[1]

function wordsOfStages({ organization, trust }: Stages): WordsOf {
  const all = [...organization, ...trust]
  const stages = new Map(all.map(({ name, fields, words }) => [name, { fields, ...(words && { words }) }]))
  return (name) => stages.get(name)
}

function passShape(pass: HistoryPass, role: Viewer['role'], words: WordsOf): PassShape {
  const { time, by, revision, planned, finished, allowed } = pass
  const isReader = role === 'Reader'
  const failure = finished?.failure
  return {
    pass: pass.pass,
    time,
    // A process is named by its host; whoever else ran a pass is a person.
    by: isReader || by.startsWith('mailkeel run') ? by : 'a person',
    revision,
    planned,
    results: { ...finished?.results },
    ...(finished && { finishedAt: finished.time }),
    ...(failure && {
      failure: { code: failure.code, message: isReader ? failure.message : wordsOf(failure.code) },
    }),
    ...(isReader ? namedParts(pass, words) : { allowed: allowed.map(({ guard }) => guard), changes: [] }),
  }
}

function namedParts(pass: HistoryPass, words: WordsOf): Pick<PassShape, 'allowed' | 'changes'> {
  const told = tellPass(pass, words)
  return {
    allowed: told.overrides,
    changes: told.changes.map(({ label, sentences, place }, index) => {
      const { stage = '', result = 'Open', reason } = pass.changes[index] ?? {}
      return {
        label,
        stage,
        sentence: sentences.join(', '),
        result,
        ...(reason && { reason: { code: reason.code, message: reason.message } }),
        ...(place !== '' && { origin: place }),
      }
    }),
  }
}
