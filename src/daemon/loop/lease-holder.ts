import type { Fence } from '../../compose/connections.ts'
import { type Lease, LeaseLostError, type Leases } from '../leases/lease.ts'

/** The lease of one scope, asked for when it is needed and kept until it is lost. */
export interface LeaseHolder extends Fence {
  /** Who works on the scope, where that is somebody else; undefined where it is us. Throws where it cannot be told. */
  ask(signal: AbortSignal): Promise<string | undefined>
  release(): Promise<void>
}

/** No lease is held yet. `onLost` is called when one that was held is over. */
export function createLeaseHolder(leases: Leases, scope: string, onLost: () => void): LeaseHolder {
  let lease: Lease | undefined
  return {
    async ask(signal) {
      const before = lease
      if (before?.signal.aborted) lease = undefined
      // Asked also for what is held: it may be another replica's turn.
      const answer = await leases.acquire(scope, signal)
      lease = answer.granted ? answer.lease : undefined
      if (!answer.granted) return answer.holder
      if (answer.lease !== before) answer.lease.signal.addEventListener('abort', onLost, { once: true })
      return undefined
    },
    check() {
      if (!lease) throw new LeaseLostError(scope)
      lease.check()
    },
    async release() {
      lease?.signal.removeEventListener('abort', onLost)
      await lease?.release()
      lease = undefined
    },
  }
}
