import type { Probe } from '../../crm/organization.ts'
import type { OrganizationRow } from '../../crm/rows.ts'
import type { Verdict } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { READ_ONLY_KEY } from './cannot-write.ts'
import { isWriting, type PrivilegeNeed, privilegeNeeds, privilegesInWords } from './privileges.ts'

/** One thing that must be in order before anything is written. */
export interface Check {
  readonly key: string
  readonly label: string
  readonly verdict: Verdict
  /** The stages it blocks while it is not in order; absent = all. */
  readonly gates?: readonly string[]
  /** It may be the wrong organization altogether: nothing is written, not even a stop. */
  readonly forbidsAll?: true
}

/**
 * What the account that reads is for. `Reads`: another one writes. `WillWrite`: it would write too, though nothing is written now.
 * `Writes`: it writes now.
 */
export type AccountUse = 'Reads' | 'WillWrite' | 'Writes'

/** What the server says about itself. */
export interface ServerFacts {
  readonly probe: Probe
  readonly organization: OrganizationRow
  readonly uniqueName: string | undefined
}

/** Everything that can be told before any object is looked at. Pure. */
export function checksOf(
  desired: DesiredOrganization,
  { probe, organization, uniqueName }: ServerFacts,
  use: AccountUse = 'Reads',
): readonly Check[] {
  return [
    { key: 'reachable-version', label: 'CRM version', verdict: versionVerdict(probe.version) },
    { key: 'organization-id', label: 'organization', verdict: identityVerdict(probe, organization), forbidsAll: true },
    {
      key: 'unique-name',
      label: 'unique name',
      verdict: nameVerdict(desired.uniqueName, uniqueName),
      forbidsAll: true,
    },
    {
      key: 'email-connection-channel',
      label: 'e-mail connection channel',
      verdict: channelVerdict(organization, desired),
      gates: [STAGE_NAMES.mailbox],
    },
    { key: 'clock', label: 'clock', verdict: clockVerdict(probe.clockSkewMs), gates: [] },
    ...privilegeChecks(desired, probe.privileges, use),
  ]
}

/** CRM 2016 with all its updates (8.2) and Dynamics 365 9.x have the tables this needs (Microsoft, Web API versions). */
function versionVerdict(version: string): Verdict {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major === 9 || (major === 8 && minor >= 2)) return yes(`CRM ${version}`)
  const message = `CRM ${version} is not supported; mailkeel works with 8.2 and 9.x`
  return { status: 'False', code: 'VersionNotSupported', message }
}

function identityVerdict({ organizationId }: Probe, { id }: OrganizationRow): Verdict {
  if (organizationId !== '' && organizationId === id) return yes(`organization ${id}`)
  const message = `the server names two organizations, ${organizationId || 'none'} and ${id}; check the URL of the organization`
  return { status: 'False', code: 'OrganizationNotClear', message }
}

/** A URL that leads to another organization is the worst slip of a configuration: nothing may be written there. */
function nameVerdict(wanted: string, told: string | undefined): Verdict {
  if (told === undefined) {
    const message = 'this server does not tell the unique name of its organization; check by hand that the URL is right'
    return { status: 'Unverifiable', code: 'UniqueNameNotTold', message }
  }
  if (told.toLowerCase() === wanted.toLowerCase()) return yes(`unique name ${told}`)
  const message = `the organization behind this URL is ${told}, the spec says uniqueName ${wanted}; check the URL in the runtime configuration, or correct uniqueName`
  return { status: 'False', code: 'AnotherOrganization', message }
}

/** Where the settings of the spec turn it, mailboxes wait for that change and not for a person; stage mailbox needs it then. */
function channelVerdict({ connectionChannel }: OrganizationRow, { settings }: DesiredOrganization): Verdict {
  if (connectionChannel === 'ServerSideSync') return yes('e-mail is processed by server-side synchronization')
  if (connectionChannel === 'Router' && settings?.processEmailsUsing === 'ServerSideSync') {
    return yes('e-mail is processed by the Email Router until the settings of the spec turn it')
  }
  if (connectionChannel === 'Router') {
    const message =
      'e-mail is processed by the Email Router, so no mail would flow by server-side synchronization; write `processEmailsUsing: ServerSideSync` in EmailSettings, or set System Settings > Email > Process Email Using by hand'
    return { status: 'False', code: 'EmailRouter', message }
  }
  const message = `how e-mail is processed is told by a value this version of mailkeel does not know: ${connectionChannel}`
  return { status: 'Unknown', code: 'ChannelNotKnown', message }
}

const MAXIMUM_SKEW_MS = 60_000

function clockVerdict(skewMs: number): Verdict {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  const where = skewMs > 0 ? 'ahead of' : 'behind'
  if (Math.abs(skewMs) <= MAXIMUM_SKEW_MS) {
    return yes(seconds === 0 ? 'the clocks agree' : `the clock of CRM is ${seconds} s ${where} ours`)
  }
  const message = `the clock of CRM is ${seconds} s ${where} ours; set both by a time server, or times of tests and certificates mislead`
  return { status: 'False', code: 'ClockSkew', message }
}

/** An account that may write nothing is meant for reading: what the writing account may do cannot be asked with it. */
function privilegeChecks(desired: DesiredOrganization, held: ReadonlySet<string>, use: AccountUse): readonly Check[] {
  const lower = new Set([...held].map((name) => name.toLowerCase()))
  const needs = privilegeNeeds(desired)
  if (![...lower].some(isWriting)) {
    return [...needs.filter(({ names }) => !names.some(isWriting)).map((need) => checkOf(need, lower)), readOnly(use)]
  }
  return needs.map((need) => checkOf(need, lower))
}

function checkOf({ key, label, gates, names, perhaps }: PrivilegeNeed, held: ReadonlySet<string>): Check {
  const missing = names.filter((name) => !held.has(name.toLowerCase()))
  const verdict = missing.length === 0 ? yes(names.join(', ')) : missingVerdict(missing, perhaps)
  return { key, label, verdict, ...(gates && { gates }) }
}

function missingVerdict(missing: readonly string[], perhaps: true | undefined): Verdict {
  const lacks = `the account ${perhaps ? 'may need' : 'lacks'} ${privilegesInWords(missing)}`
  const message = `${lacks}; add ${missing.length === 1 ? 'it' : 'them'} to one of its security roles (Settings > Security > Security Roles)`
  return { status: perhaps ? 'Unverifiable' : 'False', code: 'PrivilegeMissing', message }
}

function readOnly(use: AccountUse): Check {
  const check = { key: READ_ONLY_KEY, label: 'account that reads' }
  if (use === 'Reads') {
    const message =
      'the account may write nothing: it can plan; whether the account that writes may do so is seen when it writes'
    return { ...check, gates: [], verdict: { status: 'Unverifiable', code: 'ReadOnlyAccount', message } }
  }
  const message =
    'the account may write nothing, it lacks prvWriteMailbox and every other privilege to write; name another one as `writing` of the organization in the configuration, or add them to one of its security roles'
  const verdict = { status: 'False', code: 'PrivilegeMissing', message } as const
  return use === 'Writes' ? { ...check, forbidsAll: true, verdict } : { ...check, gates: [], verdict }
}

function yes(message: string): Verdict {
  return { status: 'True', code: 'InOrder', message }
}
