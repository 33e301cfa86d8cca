// Applying one step, window by window. For each window: refuse what moved since the plan, write down the intents, write, look again, write
// down the outcomes.
//
// Looking takes as long as writing, so it is done meanwhile: the look after a window runs while the next one is written, and serves as the
// look before the one behind that. So every object is read twice, however many there are, and the server is never left waiting for us.
//
// How old may a look be when its object is written? It begins when the window two before was answered; then come the writes of the
// window between and those of the own window. So an object is written at most two windows of writes after it was looked at, which is
// why windows are small. Who changes the same object by hand in just that time is overwritten; the journal has the values read before.
// Windows never share an object, so our own writes make no look stale. A look that is not complete serves nobody: the window looks itself.
import type { ApplyInput } from './apply-input.ts'
import { concludeWindow, type Look, look, prepareWindow, type Written, writeWindow } from './apply-window.ts'
import type { Change } from './change.ts'
import type { Reason } from './observation.ts'
import type { Outcome } from './outcome.ts'
import type { ScopeStage } from './plan.ts'

/** How many changes are journaled and written together: two rounds of full batches for eight requests at a time. */
const WINDOW = 1600

/** A window that was written, while it is looked at. */
interface Pending<Reader> {
  readonly window: readonly Change[]
  readonly written: Written
  readonly look: Promise<Look<Reader> | undefined>
}

/**
 * The outcomes of one step, window by window. `blocked` says why a change cannot be made now; it is asked when its window begins. Throws
 * only where the journal cannot be written. A cancel ends the windows under way and leaves the rest `Cancelled`.
 */
export async function* applyStep<D, Reader, Writer>(
  input: ApplyInput<D, Reader, Writer>,
  stage: ScopeStage<D, Reader, Writer>,
  changes: readonly Change[],
  blocked: (change: Change) => Reason | undefined,
): AsyncGenerator<readonly Outcome[]> {
  const windows = cut(changes, WINDOW)
  const progress = { answered: 0 }
  let before: Look<Reader> | undefined
  let pending: Pending<Reader> | undefined
  try {
    for (const [index, window] of windows.entries()) {
      if (index === 0) before = await lookAhead([...window, ...(windows[1] ?? [])], [], input.signal)
      const prepared = await prepareWindow(input, stage, window, before, blocked)
      const written = await writeWindow(input, stage, prepared, progress)
      const after = lookAfter(written, windows[index + 2] ?? [])
      // The look before the second window is the first one, which covers both.
      if (pending) before = yield* settle(pending)
      if (!before?.read.complete) before = undefined
      pending = { window, written, look: after }
    }
    if (pending) yield* settle(pending)
    pending = undefined
  } finally {
    await pending?.look
  }

  async function lookAfter({ assignments }: Written, next: readonly Change[]): Promise<Look<Reader> | undefined> {
    if (assignments.length === 0) return undefined
    const written = assignments.map(({ change }) => change)
    // Once something was written, looking at it again is not cut short by a cancel.
    return lookAhead(input.signal.aborted ? [] : next, written, new AbortController().signal)
  }

  function lookAhead(next: readonly Change[], written: readonly Change[], signal: AbortSignal) {
    return look(input, stage, [...written, ...next.filter((change) => !blocked(change))], signal, before?.reader)
  }

  async function* settle(done: Pending<Reader>): AsyncGenerator<readonly Outcome[], Look<Reader> | undefined> {
    const seen = await done.look
    yield await concludeWindow(input, stage, done.window, done.written, seen)
    return seen
  }
}

function cut<T>(items: readonly T[], length: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, (at + 1) * length),
  )
}
