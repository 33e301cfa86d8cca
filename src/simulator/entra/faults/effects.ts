import type { EntraDeliveryFault, EntraFault, EntraInsteadFault, EntraReshapeFault } from './kinds.ts'

/** The faults of one operation, sorted by what they do to it. */
export interface EntraEffects {
  readonly instead: EntraInsteadFault | undefined
  readonly reshape: readonly EntraReshapeFault[]
  readonly delivery: EntraDeliveryFault | undefined
  readonly staleRead: boolean
  readonly hidesKeyBytes: boolean
  readonly lyingWrite: boolean
}

/** Sorts taken faults. */
export function entraEffectsOf(faults: readonly EntraFault[]): EntraEffects {
  const reshape: EntraReshapeFault[] = []
  let instead: EntraInsteadFault | undefined
  let delivery: EntraDeliveryFault | undefined
  for (const fault of faults) {
    switch (fault.kind) {
      case 'status':
      case 'html':
      case 'redirect':
      case 'claims-challenge':
      case 'empty-token':
      case 'sign-in-error':
        instead = fault
        break
      case 'truncated-body':
      case 'empty-body':
      case 'date-skew':
        reshape.push(fault)
        break
      case 'no-answer':
      case 'reset':
      case 'half-body':
      case 'slow-headers':
        delivery = fault
        break
      default:
    }
  }
  const has = (kind: EntraFault['kind']) => faults.some((fault) => fault.kind === kind)
  return {
    instead,
    reshape,
    delivery,
    staleRead: has('stale-read'),
    hidesKeyBytes: has('keys-without-bytes'),
    lyingWrite: has('lying-write'),
  }
}
