// Applying one step, window by window. For each window: refuse what moved since the plan, write down the intents, write, look again, write
// down the outcomes.
//
// The server is never left waiting for us. Two windows are under way: what the server has room for of the one, and the one behind it, whose
// requests stand in line. As soon as the first is answered, the next one joins the line. Looking takes long too, so it is done meanwhile:
// the look after a window serves as the look before the one that follows three later. So every object is read twice, however many there are.
//
//   window 0   look, intents, write ──────────────── look ──── outcomes
//   window 1   look ─── intents, (in line) ───────── write ──────────────── look ──── outcomes
//   window 2   look ──────────────────────────────── intents, (in line) ─── write ──────────────── look
//   window 3                                         look ───────────────── intents, (in line) ─── write ─────
//
// How old may a look be when its object is written? It begins when the window three before was answered; then come the writes of the two
// windows between, those of the own one, and what of the one in line behind it the server takes meanwhile. So an object is written at most
// four windows of writes after it was looked at, which is why windows are small. Who changes the same object by hand in just that time is
// overwritten; the journal has the values read before.
// Windows never share an object, so our own writes make no look stale. A look that is not complete serves nobody: the window looks itself.
import type { ApplyInput } from './apply-input.ts'
import {
  beginWindow,
  concludeWindow,
  type Look,
  look,
  prepareWindow,
  type Writing,
  type Written,
} from './apply-window.ts'
import type { Change } from './change.ts'
import type { Reason } from './observation.ts'
import type { Outcome } from './outcome.ts'
import type { ScopeStage } from './plan.ts'

/** How many changes are journaled and written together: one round of full batches for eight requests at a time. */
const WINDOW = 800
/** Windows whose intents are written down and that are not answered yet. */
const UNDER_WAY = 2
/** One look covers a window that was written, and the one so many behind it. */
const AHEAD = UNDER_WAY + 1

/** A window that was written, while it is looked at. */
interface Pending<Reader> {
  readonly window: readonly Change[]
  readonly written: Written
  readonly look: Promise<Look<Reader> | undefined>
}

/**
 * The outcomes of one step, window by window. `blocked` says why a change cannot be made now; it is asked when its window begins. Throws
 * only where the journal cannot be written; then nothing more is sent. A cancel ends the windows under way and leaves the rest `Cancelled`.
 */
export async function* applyStep<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  changes: readonly Change[],
  blocked: (change: Change) => Reason | undefined,
): AsyncGenerator<readonly Outcome[]> {
  const windows = cut(changes, WINDOW)
  const stop = new AbortController()
  const writing = { ...input, signal: AbortSignal.any([input.signal, stop.signal]) }
  const progress = { answered: 0 }
  const underWay: Writing[] = []
  const [own, others] = [windows.slice(0, 1), windows.slice(1, AHEAD)].map((some) =>
    lookAt(some.flat(), [], input.signal),
  )
  let pending: Pending<Reader> | undefined
  try {
    await begin(windows[0], await own)
    let before = complete(await others)
    for (const window of windows.slice(1, UNDER_WAY)) await begin(window, before)
    for (const [index, window] of windows.entries()) {
      const written = await underWay[0]?.written
      if (!written) throw new RangeError('a window was not begun')
      underWay.shift()
      const last = pending
      pending = { window, written, look: lookAfter(written, windows[index + AHEAD] ?? []) }
      if (last) before = complete(yield* settle(last))
      await begin(windows[index + UNDER_WAY], before)
    }
    if (pending) yield* settle(pending)
  } finally {
    stop.abort()
    await Promise.all([...underWay.map(({ written }) => written), others, pending?.look])
  }

  /** Returns when its intents are on the disk and its writes are in line. */
  async function begin(window: readonly Change[] | undefined, before: Look<Reader> | undefined): Promise<void> {
    if (!window) return
    const prepared = await prepareWindow(input, stage, window, before, blocked)
    underWay.push(await beginWindow(writing, stage, prepared, progress))
  }

  async function lookAfter({ assignments }: Written, next: readonly Change[]): Promise<Look<Reader> | undefined> {
    if (assignments.length === 0) return undefined
    const written = assignments.map(({ change }) => change)
    // Once something was written, looking at it again is not cut short by a cancel.
    return lookAt(input.signal.aborted ? [] : next, written, new AbortController().signal)
  }

  function lookAt(next: readonly Change[], written: readonly Change[], signal: AbortSignal) {
    return look(input, stage, [...written, ...next.filter((change) => !blocked(change))], signal)
  }

  async function* settle(done: Pending<Reader>): AsyncGenerator<readonly Outcome[], Look<Reader> | undefined> {
    const seen = await done.look
    yield await concludeWindow(input, stage, done.window, done.written, seen)
    return seen
  }
}

function complete<Reader>(look: Look<Reader> | undefined): Look<Reader> | undefined {
  return look?.read.complete ? look : undefined
}

function cut<T>(items: readonly T[], length: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, (at + 1) * length),
  )
}
