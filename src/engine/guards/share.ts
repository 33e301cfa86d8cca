import { changedKeys, type Guard, shareInWords, stoppedKeys } from '../guard.ts'

/** Limits of a share guard. `share` is a fraction of the managed objects; below `minimum` objects the guard stays quiet. */
export interface ShareLimit {
  readonly kind: string
  readonly noun: string
  readonly share: number
  readonly minimum: number
}

/** Objects when more than a share of the managed objects would change at once (by default 30 % of 10 or more mailboxes). */
export function changeShareGuard(limit: ShareLimit): Guard {
  return shareGuard('change', limit, changedKeys, 'change')
}

/** Objects when more than a share of the managed objects would stop at once (by default 5 %). */
export function stopShareGuard(limit: ShareLimit): Guard {
  return shareGuard('stop', limit, stoppedKeys, 'stop')
}

function shareGuard(
  name: string,
  { kind, noun, share, minimum }: ShareLimit,
  keysOf: typeof changedKeys,
  verb: string,
): Guard {
  return {
    name,
    judge({ plan, presence }) {
      const total = presence.get(kind)?.present.size ?? 0
      const count = keysOf(plan, kind).size
      if (count === 0) return { decision: 'allow', message: '' }
      const words = shareInWords(count, total, noun, verb)
      const limitInWords = `the limit is ${Math.round(share * 100)} %`
      if (total < minimum)
        return { decision: 'allow', message: `${words}: allowed, ${limitInWords} from ${minimum} ${noun}` }
      if (count <= share * total) return { decision: 'allow', message: `${words}: allowed, ${limitInWords}` }
      return { decision: 'override', message: `${words}: ${limitInWords}; if that is meant, say --allow ${name}` }
    },
  }
}
