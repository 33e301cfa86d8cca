import { type Reply, reasonOf } from '../../engine/index.ts'
import type { EntraFault } from '../../entra/tenant.ts'

/**
 * One write for some changes, as their replies. A client that says nothing of the effect of a failure, or that there was none, failed; where
 * it may have had one the read-back decides.
 */
export async function attempt(ids: readonly string[], work: () => Promise<void>): Promise<readonly Reply[]> {
  try {
    await work()
    return ids.map((id) => ({ id, outcome: 'done' }))
  } catch (error) {
    const reason = reasonOf(error)
    const outcome = mayHaveEffect(error) ? 'unknown' : 'failed'
    const harm = reason.code === REMOVED_FOREIGN ? { harm: reason } : {}
    return ids.map((id) => ({ id, outcome, reason, ...harm }))
  }
}

/** Whatever became of the write itself, what it did to others must be told. */
const REMOVED_FOREIGN = 'RemovedForeign' satisfies EntraFault

/** A refusal of our own, in the form of a failure of a client: nothing was written. */
export class Refusal extends Error {
  readonly code: string
  readonly effect = 'none'

  constructor(code: string, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
  }
}

function mayHaveEffect(error: unknown): boolean {
  return !(error instanceof Error && 'code' in error && (!('effect' in error) || error.effect === 'none'))
}
