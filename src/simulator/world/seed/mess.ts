// The ways in which an organization can be in disorder. A kind belongs to a layer; within a layer a mailbox has at most one kind, across
// layers they add up: a mailbox may sit on the old profile, never have been tested, and be missing in Exchange.
import { dateText } from '../clock.ts'
import { APPROVAL } from '../rules/address-approval.ts'
import { type Draft, type Patch, UNTESTED } from './draft.ts'
import { hostileIdentity } from './hostile.ts'
import { DOMAIN } from './names.ts'

/** What the kinds may look at. */
export interface MessContext {
  readonly oldProfile: Patch
  readonly nowMs: number
  /** The address of another person or queue. */
  neighbourOf(draft: Draft): string
}

/** One way to be in disorder. */
export interface MessKind {
  readonly name: string
  readonly describe: string
  readonly layer: 'settings' | 'result' | 'outside' | 'text' | 'organization'
  /** Share of the mailboxes that have it; at least one mailbox does. */
  readonly share: number
  /** Part of the realistic mix that is used where nothing is said. */
  readonly usual: boolean
  readonly usersOnly?: boolean
  readonly patch?: (draft: Draft, context: MessContext) => Patch
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const failedColumns = { incomingemailstatus: 2, outgoingemailstatus: 2, mailboxstatus: 2 }
const disabledColumns = { enabledforincomingemail: false, enabledforoutgoingemail: false }

/** Every kind of mess by name, in the order help lists them. */
export const MESS_KINDS: readonly MessKind[] = [
  {
    name: 'no-new-profile',
    describe: 'the profile "Exchange Online" does not exist; what would use it uses "Old Exchange"',
    layer: 'organization',
    share: 0,
    usual: true,
  },
  {
    name: 'defaults',
    describe: 'new mailboxes get the old profile and Outlook, and no approval is asked for',
    layer: 'organization',
    share: 0,
    usual: true,
  },
  {
    name: 'no-settings',
    describe: 'the organization has no default profile and no default methods',
    layer: 'organization',
    share: 0,
    usual: false,
  },
  {
    name: 'no-service-mailbox',
    describe: 'no mailbox is that of the service account, so nothing tests a profile as a whole',
    layer: 'organization',
    share: 0,
    usual: false,
  },
  {
    name: 'forward',
    describe: 'there are forward mailboxes, which belong to no user or queue',
    layer: 'organization',
    share: 0.01,
    usual: true,
  },
  settings('old-profile', 'bound to the old profile', 0.2, (_draft, { oldProfile }) => oldProfile),
  settings('no-profile', 'bound to no profile, never tested', 0.05, () => ({
    mailbox: { ...UNTESTED, emailserverprofile: null },
  })),
  settings('methods', 'delivered to Outlook or not at all instead of server-side synchronization', 0.15, wrongMethods),
  settings('pending', 'address waits for approval', 0.1, () => ({ approval: APPROVAL.pending, mailbox: UNTESTED })),
  settings('unapproved', 'address was never looked at', 0.05, () => ({ approval: APPROVAL.empty, mailbox: UNTESTED })),
  settings('rejected', 'address was rejected', 0.02, () => ({
    approval: APPROVAL.rejected,
    mailbox: { ...failedColumns, ...disabledColumns },
    alert: 'AddressNotApproved',
  })),
  settings('inactive', 'mailbox is deactivated', 0.02, () => ({ mailbox: { statecode: 1, statuscode: 2 } })),
  { ...settings('disabled-user', 'user is disabled', 0.02, () => ({ person: { isdisabled: true } })), usersOnly: true },
  result('untested', 'never tested', 0.25, () => ({ mailbox: UNTESTED })),
  result('failed', 'an old test failed and left its alert', 0.08, (_draft, { nowMs }) => ({
    mailbox: { ...failedColumns, ...disabledColumns, testmailboxaccesscompletedon: dateText(nowMs - 20 * DAY_MS) },
    alert: 'CredentialsRefused',
  })),
  result('stale-test', 'the last test passed long before the last change', 0.08, (_draft, { nowMs }) => ({
    mailbox: { testmailboxaccesscompletedon: dateText(nowMs - 400 * DAY_MS) },
  })),
  result('scheduled', 'somebody asked for a test a moment ago', 0.01, () => ({
    mailbox: { testemailconfigurationscheduled: true },
  })),
  outside('missing-in-exchange', 'Exchange has no such mailbox', 0.01, () => ({ exchangeAddress: null })),
  outside('address-mismatch', 'the primary address in Exchange is another one', 0.01, ({ identity }) => ({
    exchangeAddress: `${identity.localPart}.new@${DOMAIN}`,
  })),
  outside('no-licence', 'the mailbox has no licence in Exchange', 0.01, () => ({ unlicensed: true })),
  outside('autodiscover', 'autodiscover does not find the mailbox', 0.01, () => ({ autodiscoverFails: true })),
  outside('credentials', 'the mailbox refuses the sign-in of the organization', 0.01, () => ({
    credentialsRefused: true,
  })),
  outside('transient', 'the next one to three tests meet a server that is busy', 0.02, ({ number }) => ({
    transientFailures: 1 + (number % 3),
  })),
  {
    ...outside(
      'other-organization',
      'Exchange has stored another organization as the one that synchronizes',
      0.01,
      () => ({
        heldBy: 'contoso-test',
      }),
    ),
    usersOnly: true,
  },
  outside('one-direction', 'sending fails, everything else works', 0.01, () => ({ failingDirection: 'outgoing' })),
  rare('flapping', 'every second test fails', 0.005, () => ({ flaps: true })),
  rare('disabled-later', 'passes its test and is disabled by the server an hour later', 0.005, () => ({
    disabledAfterMs: HOUR_MS,
  })),
  rare('slow', 'its test takes about ten minutes', 0.005, () => ({ run: 'slow' })),
  rare('never-picked-up', 'its test is never picked up', 0.003, () => ({ pickup: 'never' })),
  rare('stuck', 'its test starts and never ends', 0.003, () => ({ run: 'stuck' })),
  text('case', 'address is written with capitals', 0.05, true, ({ identity }) => ({
    address: `${capitalized(identity.localPart)}@Contoso.com`,
  })),
  text('empty-address', 'neither user nor mailbox has an address', 0.01, true, () => ({
    address: null,
    approval: APPROVAL.empty,
    mailbox: UNTESTED,
  })),
  text('duplicate-address', 'has the address of another mailbox, in capitals', 0.01, true, (draft, context) => ({
    address: context.neighbourOf(draft).toUpperCase(),
  })),
  text(
    'hostile-names',
    'name and address hold markup, formulas or control characters',
    0.02,
    false,
    ({ identity, number }) => hostileIdentity(identity, number),
  ),
]

/**
 * The kinds named: `all`, `none`, `default` (the realistic mix) or names of kinds. Throws an Error that lists the valid names where one
 * is unknown.
 */
export function resolveMess(names: readonly string[]): readonly MessKind[] {
  const known = ['all', 'none', 'default', ...MESS_KINDS.map((kind) => kind.name)]
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no mess is called "${unknown}"; there are ${known.join(', ')}`)
  return MESS_KINDS.filter(
    (kind) => names.includes('all') || names.includes(kind.name) || (names.includes('default') && kind.usual),
  )
}

type Patcher = NonNullable<MessKind['patch']>

function settings(name: string, describe: string, share: number, patch: Patcher): MessKind {
  return { name, describe, layer: 'settings', share, usual: true, patch }
}

function result(name: string, describe: string, share: number, patch: Patcher): MessKind {
  return { name, describe, layer: 'result', share, usual: true, patch }
}

function outside(
  name: string,
  describe: string,
  share: number,
  truth: (draft: Draft) => NonNullable<Patch['truth']>,
): MessKind {
  return { name, describe, layer: 'outside', share, usual: true, patch: (draft) => ({ truth: truth(draft) }) }
}

/** Trouble that keeps a person waiting: not part of the usual mix. */
function rare(
  name: string,
  describe: string,
  share: number,
  truth: (draft: Draft) => NonNullable<Patch['truth']>,
): MessKind {
  return { ...outside(name, describe, share, truth), usual: false }
}

function text(name: string, describe: string, share: number, usual: boolean, patch: Patcher): MessKind {
  return { name, describe, layer: 'text', share, usual, patch }
}

function wrongMethods({ entity, number }: Draft): Patch {
  const outlook = { incomingemaildeliverymethod: 1, outgoingemaildeliverymethod: 1, actdeliverymethod: 0 }
  const none = { incomingemaildeliverymethod: 0, outgoingemaildeliverymethod: 0, actdeliverymethod: 2 }
  const wrongNumbers = { incomingemaildeliverymethod: 2, outgoingemaildeliverymethod: 0, actdeliverymethod: 0 }
  const choices = entity === 'systemuser' ? [outlook, none, wrongNumbers] : [none]
  return { mailbox: { ...UNTESTED, ...choices[number % choices.length] } }
}

function capitalized(localPart: string): string {
  return localPart.replace(/(^|\.)\w/g, (start) => start.toUpperCase())
}
