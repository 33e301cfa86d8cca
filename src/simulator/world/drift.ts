import type { Row, Value } from '../world.ts'
import { someoneElse } from './callers.ts'
import type { Core } from './core.ts'
import { shuffled } from './random.ts'
import { numberIn, referenceIn, referenceTo, textIn } from './row-values.ts'
import { APPROVAL, APPROVAL_COLUMN } from './rules/address-approval.ts'
import { RULES } from './rules/index.ts'
import { updateRow } from './verbs.ts'

interface DriftKind {
  readonly name: string
  readonly describe: string
  /** The rows it can change, and how; undefined where a row is not one of them. */
  readonly entity: 'mailbox' | 'emailserverprofile'
  readonly change: (core: Core, row: Readonly<Row>) => Change | undefined
}

interface Change {
  readonly entity: 'mailbox' | 'emailserverprofile' | 'systemuser' | 'queue'
  readonly id: string
  readonly columns: Row
}

const inMailbox = (row: Readonly<Row>, columns: Row): Change => ({
  entity: 'mailbox',
  id: textIn(row, 'mailboxid'),
  columns,
})
const inProfile = (row: Readonly<Row>, columns: Row): Change => ({
  entity: 'emailserverprofile',
  id: textIn(row, 'emailserverprofileid'),
  columns,
})

/** What someone may do by hand, behind the back of whoever keeps the organization in order. */
export const DRIFT_KINDS: readonly DriftKind[] = [
  {
    name: 'method',
    describe: 'the incoming method of mailboxes is set to None',
    entity: 'mailbox',
    change: (_core, row) =>
      numberIn(row, 'incomingemaildeliverymethod') === 0
        ? undefined
        : inMailbox(row, { incomingemaildeliverymethod: 0 }),
  },
  {
    name: 'profile',
    describe: 'mailboxes are bound to another profile',
    entity: 'mailbox',
    change: (core, row) => {
      const other = otherProfile(core, row)
      return other === undefined ? undefined : inMailbox(row, { emailserverprofile: other })
    },
  },
  {
    name: 'approval',
    describe: 'the addresses of mailboxes are rejected',
    entity: 'mailbox',
    change: (_core, row) => {
      const regarding = referenceIn(row, 'regardingobjectid')
      if (regarding?.entity !== 'systemuser' && regarding?.entity !== 'queue') return undefined
      if (numberIn(row, APPROVAL_COLUMN) === APPROVAL.rejected) return undefined
      return { entity: regarding.entity, id: regarding.id, columns: { [APPROVAL_COLUMN]: APPROVAL.rejected } }
    },
  },
  {
    name: 'deactivate',
    describe: 'mailboxes are deactivated',
    entity: 'mailbox',
    change: (_core, row) => (row['statecode'] === 0 ? inMailbox(row, { statecode: 1 }) : undefined),
  },
  {
    name: 'rename-profile',
    describe: 'profiles get another name',
    entity: 'emailserverprofile',
    change: (_core, row) => inProfile(row, { name: `${textIn(row, 'name')} (changed)`.slice(-100) }),
  },
  {
    name: 'polling-interval',
    describe: 'profiles poll every 60 minutes',
    entity: 'emailserverprofile',
    change: (_core, row) => inProfile(row, { minpollingintervalinminutes: 60 }),
  },
]

/** Lets someone change up to `count` rows; returns the ids of the rows written. Throws an Error for an unknown kind. */
export function drift(core: Core, kind: string, count: number): readonly string[] {
  const found = DRIFT_KINDS.find((candidate) => candidate.name === kind)
  if (found === undefined) {
    throw new Error(`no drift is called "${kind}"; there are ${DRIFT_KINDS.map(({ name }) => name).join(', ')}`)
  }
  const changes = [...core.store.rows(found.entity).values()].flatMap((row) => found.change(core, row) ?? [])
  const chosen = shuffled(changes, core.random).slice(0, Math.max(0, count))
  for (const { entity, id, columns } of chosen) updateRow(core, RULES, someoneElse(core), entity, id, columns)
  return chosen.map(({ id }) => id)
}

function otherProfile(core: Core, mailbox: Readonly<Row>): Value | undefined {
  const current = referenceIn(mailbox, 'emailserverprofile')?.id
  for (const id of core.store.rows('emailserverprofile').keys()) {
    if (current !== undefined && id !== current) return referenceTo('emailserverprofile', id)
  }
  return undefined
}
