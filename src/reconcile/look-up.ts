// A mailbox that nobody prepared: somebody asks about an address that the spec does not name. It is put into the desired state of one pass
// that only reads, as a member that asks for nothing, so that every stage tells it as it tells its own. Nothing can come of it: the member
// has no field that could differ, and the scope is given no writer.
import type { HolderRow, MailboxRow } from '../crm/rows.ts'
import type { Key } from '../engine/index.ts'
import { canonicalAddress } from '../spec/address.ts'
import type { DesiredMailbox, DesiredOrganization } from '../spec/desired.ts'
import { nearest } from '../spec/explain/did-you-mean.ts'
import type { OrganizationScope } from './contract.ts'

/** What an address is to an organization that does not name it. */
export type LookedUpAddress =
  /** A mailbox has it, or that could not be told: `scope` has a member for it. */
  | { readonly isKnown: true; readonly scope: OrganizationScope }
  /** No mailbox has it. `holder`: a user or queue has it all the same. `near`: what the address may be a slip of. */
  | { readonly isKnown: false; readonly holder?: Pick<HolderRow, 'type' | 'name'>; readonly near?: Key }

/** The set of such a member. No name of a document holds a space. */
const NO_SET = 'not managed'

/** Looks an address up in CRM. The sets it reads are kept for the pass that follows, which reads them with the same reader. */
export async function lookUpAddress(
  address: Key,
  scope: OrganizationScope,
  signal: AbortSignal,
): Promise<LookedUpAddress> {
  const reader = scope.newReader()
  const has = (row: Pick<MailboxRow, 'address'>) => row.address !== null && canonicalAddress(row.address) === address
  const known = (type: DesiredMailbox['type']): LookedUpAddress => ({
    isKnown: true,
    scope: {
      scope: scope.scope,
      desired: including(scope.desired, address, type),
      newReader: () => reader,
      stages: scope.stages,
      ...(scope.trust === undefined ? {} : { trust: scope.trust }),
    },
  })
  try {
    const { rows } = await reader.mailboxes('all', signal)
    const found = [...rows.values()].filter(has)
    const one = found.find(({ active }) => active) ?? found[0]
    if (one) return known(one.type)
    const [users, queues] = await Promise.all([reader.users('all', signal), reader.queues('all', signal)])
    const holder = [...users.rows.values(), ...queues.rows.values()].find(has)
    const near = nearest(address, [...scope.desired.mailboxes.keys(), ...addressesOf(rows.values())])
    return { isKnown: false, ...(holder && { holder }), ...(near !== undefined && { near }) }
  } catch (error) {
    if (signal.aborted) throw error
    // The pass says why nothing can be read.
    return known('User')
  }
}

function* addressesOf(rows: Iterable<MailboxRow>): Generator<Key> {
  for (const { address } of rows) if (address) yield canonicalAddress(address)
}

function including(desired: DesiredOrganization, address: Key, type: DesiredMailbox['type']): DesiredOrganization {
  const { origin } = desired
  const member = {
    address,
    type,
    set: NO_SET,
    testAndEnable: false,
    useDefaults: false,
    onRelease: 'Keep',
    origin,
  } as const
  return { ...desired, mailboxes: new Map([...desired.mailboxes, [address, member]]) }
}
