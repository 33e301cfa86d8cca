// What changes of who a mailbox is mean for the stages behind: a mailbox that is to be created is there for them already, and one whose
// address is to change will have lost its approval.
import type { Dependency, Fields, Key, Observed, Projection, Read } from '../../engine/index.ts'
import { STAGE_NAMES } from '../stage-names.ts'

/** Nothing is written to a mailbox before it exists and has its address. */
export function needsIdentity(key: Key): Dependency {
  return { stage: STAGE_NAMES.mailboxIdentity, key }
}

/** True where an earlier stage changes the address of this mailbox. */
export function addressChanges(earlier: Projection, key: Key): boolean {
  return earlier.change(STAGE_NAMES.mailboxIdentity, key)?.fields.some(({ field }) => field === 'address') ?? false
}

/**
 * The actual state of a mailbox stage once identities are in order. `created` are the fields of a mailbox that does not exist yet (what
 * CRM will put into it is not known), `readdressed` what a new address changes.
 */
export function afterIdentity<F extends Fields, Ref>(
  actual: Read<F, Ref | undefined>,
  earlier: Projection,
  after: { readonly created: F; readonly readdressed: Partial<F> },
): Read<F, Ref | undefined> {
  const identities = earlier.read(STAGE_NAMES.mailboxIdentity)
  if (!actual.complete || !identities?.complete) return actual
  const projected = new Map<Key, Observed<F, Ref | undefined>>()
  for (const [key, { label = key }] of identities.rows) {
    const change = earlier.change(STAGE_NAMES.mailboxIdentity, key)
    if (!change) continue
    const row = actual.rows.get(key)
    if (!row && change.action === 'create') projected.set(key, { fields: after.created, ref: undefined, label })
    else if (row && addressChanges(earlier, key))
      projected.set(key, { ...row, fields: { ...row.fields, ...after.readdressed } })
  }
  return projected.size === 0 ? actual : { ...actual, rows: new Map([...actual.rows, ...projected]) }
}
