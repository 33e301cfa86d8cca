import type { Key, Reason } from './observation.ts'

/** The state of one object in the form Kubernetes made common. Synced: as the spec says. Ready: it works. */
export interface Condition extends Reason {
  readonly type: 'Synced' | 'Ready'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly revision: string
}

/** The conditions of one object. */
export interface ObjectConditions {
  readonly kind: string
  readonly key: Key
  readonly label: string
  readonly synced: Condition
  readonly ready: Condition
}
