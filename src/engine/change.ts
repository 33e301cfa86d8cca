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

const ID_LENGTH = 32
const scratch = Buffer.alloc(ID_LENGTH)

/** The id of a change: 32 hexadecimal digits. The order of the fields does not matter. `fieldsText` is what `fieldsAsText` makes of them. */
export function changeId(
  { scope, stage, key, action, fields }: Identity,
  fieldsText: string = fieldsAsText(fields),
): string {
  const object = JSON.stringify([scope, stage, key, action]).slice(1, -1)
  // Copied, not cut: a part of a text keeps the whole of it in memory, and ids are compared and sorted by the hundred thousand.
  scratch.write(hash('sha256', `[${object},${fieldsText}]`, 'hex'), 'latin1')
  return scratch.toString('latin1')
}

/** The part of an identity that is the same for all objects with the same field changes. */
export function fieldsAsText(fields: Identity['fields']): string {
  const sorted = [...fields].sort((a, b) => (a.field < b.field ? -1 : 1))
  const parts = sorted.map(({ field, from, to, volatile }) =>
    from === undefined || volatile ? [field, null, 0, to] : [field, from, 1, to],
  )
  return JSON.stringify(parts)
}

/** The digest of a plan: the hash of its set of change ids, and of nothing else. */
export function digestOf(ids: Iterable<string>): string {
  return hash('sha256', [...ids].sort().join('\n'), 'hex')
}
