import type { Reference, Row } from '../../world.ts'
import { type Core, organizationOf, tableIn, touch } from '../core.ts'
import { inUse } from '../faults.ts'
import { referenceIn, referenceTo } from '../row-values.ts'
import type { TableRules } from '../table-rules.ts'
import { refuseMissingLocations } from './combinations.ts'

const EXCHANGE_ONLINE_HYBRID = 3
const SERVER_TO_SERVER = 2

/** E-mail server profiles. */
export const profileRules: TableRules = {
  onCreate({ core }, row, given) {
    if (core.switches.combinationsChecked) refuseMissingLocations(row, { useautodiscover: false, ...given })
    return { ...row, ...filledIn(core, row), ...ownerAddress(core, referenceIn(row, 'ownerid')) }
  },
  onUpdate({ core }, before, change) {
    const merged = { ...before, ...change }
    if (core.switches.combinationsChecked) refuseMissingLocations(merged, change)
    const typed = 'servertype' in change ? filledIn(core, merged) : {}
    const owned = 'ownerid' in change ? ownerAddress(core, referenceIn(change, 'ownerid')) : {}
    return { ...change, ...typed, ...owned }
  },
  afterUpdate({ core }, id, before, after) {
    if (before['statecode'] !== 1 || after['statecode'] !== 0) return
    for (const [mailboxId, mailbox] of core.store.rows('mailbox')) {
      const isWaiting = mailbox['testemailconfigurationscheduled'] === true
      if (isWaiting && referenceIn(mailbox, 'emailserverprofile')?.id === id) core.requestTest(mailboxId)
    }
  },
  onDelete({ core, caller }, id) {
    const isDefault = referenceIn(organizationOf(core), 'defaultemailserverprofileid')?.id === id
    if (isDefault && refusesDeletingDefault(core)) {
      throw inUse('The email server profile cannot be deleted because it is the default of the organization.')
    }
    const by = referenceTo('systemuser', caller.userId)
    for (const [mailboxId, mailbox] of core.store.rows('mailbox')) {
      if (referenceIn(mailbox, 'emailserverprofile')?.id !== id) continue
      touch(core, by, 'mailbox', mailboxId, { emailserverprofile: null })
    }
    if (isDefault) touch(core, by, 'organization', core.organizationId, { defaultemailserverprofileid: null })
  },
}

/** Documented: links become empty. Unsure whether the server refuses for the default profile: switch `deleteDefaultProfile`. */
function refusesDeletingDefault(core: Core): boolean {
  return core.switches.deleteDefaultProfile === 'refuse'
}

/** What the server fills in by itself for a server type. Unsure for the credential retrieval: switch `profileFilledIn`. */
function filledIn(core: Core, profile: Readonly<Row>): Row {
  const type = profile['servertype']
  const label = tableIn(core, 'emailserverprofile')
    .attributes.get('servertype')
    ?.options?.find((option) => option.value === type)?.label
  const columns: Row = { emailservertypename: label ?? null }
  if (type !== EXCHANGE_ONLINE_HYBRID || !core.switches.profileFilledIn) return columns
  return {
    ...columns,
    incomingcredentialretrieval: profile['incomingcredentialretrieval'] ?? SERVER_TO_SERVER,
    outgoingcredentialretrieval: profile['outgoingcredentialretrieval'] ?? SERVER_TO_SERVER,
  }
}

/** owneremailaddress is a copy the server keeps. */
function ownerAddress(core: Core, owner: Reference | undefined): Row {
  const user = owner?.entity === 'systemuser' ? core.store.get('systemuser', owner.id) : undefined
  return { owneremailaddress: user?.['internalemailaddress'] ?? null }
}
