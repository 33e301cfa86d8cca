import { hash } from 'node:crypto'
import type { FieldValue, Key } from './observation.ts'
import type { Dependency, Effect, Origin, Phrase } from './stage.ts'

/** One field on its way from what is to what is asked. `from` is absent where the object is created or the value is not readable. */
export interface FieldChange {
  readonly field: string
  readonly from?: FieldValue
  readonly to: FieldValue
  readonly effect: Effect
  /** The value moves by itself: `from` is shown, but is no part of the change's id. */
  readonly volatile?: true
}

/** What will be done to one object. Plain data; the same object is printed, reviewed, journaled and applied. */
export interface Change {
  /** Hash of scope, stage, key, action, from and to. The same change has the same id in every plan. */
  readonly id: string
  readonly stage: string
  readonly kind: string
  readonly key: Key
  readonly label: string
  readonly action: 'create' | 'update' | 'delete'
  readonly fields: readonly FieldChange[]
  readonly effects: readonly Effect[]
  readonly phrases: readonly Phrase[]
  readonly origin: Origin
  readonly needs: readonly Dependency[]
  /** The id of the whole change that this is the stopping part of; who approved that approved this. */
  readonly partOf?: string
}

/** True where a person approved a change: by its own id, or by that of the whole it is a part of. */
export function isApproved({ id, partOf }: Pick<Change, 'id' | 'partOf'>, approved: ReadonlySet<string>): boolean {
  return approved.has(id) || (partOf !== undefined && approved.has(partOf))
}

/** Which object a change, or the lack of one, is about. */
export type Target = Pick<Change, 'stage' | 'kind' | 'key'>

/** What a change id is made of. */
export interface Identity {
  readonly scope: string
  readonly stage: string
  readonly key: Key
  readonly action: Change['action']
  readonly fields: readonly Pick<FieldChange, 'field' | 'from' | 'to' | 'volatile'>[]
}

/** The id of a change: 32 hexadecimal digits. The order of the fields does not matter. */
export function changeId(identity: Identity): string {
  const { scope, stage, key, action } = identity
  const fields = [...identity.fields].sort((a, b) => (a.field < b.field ? -1 : 1))
  const parts = fields.map(({ field, from, to, volatile }) =>
    from === undefined || volatile ? [field, null, 0, to] : [field, from, 1, to],
  )
  return hash('sha256', JSON.stringify([scope, stage, key, action, parts]), 'hex').slice(0, 32)
}

/** The digest of a plan: the hash of its set of change ids, and of nothing else. */
export function digestOf(ids: Iterable<string>): string {
  return hash('sha256', [...ids].sort().join('\n'), 'hex')
}
