// What a test finds out: the row, the organization and the truth outside CRM, looked at in the order in which a real test meets them.
import type { Row } from '../world.ts'
import { type Core, organizationOf } from './core.ts'
import { numberIn, referenceIn, textIn } from './row-values.ts'
import { APPROVAL, APPROVAL_COLUMN } from './rules/address-approval.ts'
import type { Direction, TrustProblem, Truth } from './truth.ts'

/** Why a direction failed; each is an alert of its own (families: Microsoft, troubleshooting server-side synchronization). */
export type Problem =
  | 'UserDisabled'
  | 'AddressMissing'
  | 'AddressNotApproved'
  | 'TenantApprovalMissing'
  | 'ConnectionFailed'
  | 'MailboxMissing'
  | 'AddressMismatch'
  | 'LicenceMissing'
  | 'LocationNotDetermined'
  | 'CredentialsRefused'
  | 'CertificateMissing'
  | 'KeyUnreadable'
  | 'KeyUnusable'
  | 'CertificateExpired'
  | 'TokenNotAcquired'
  | 'CertificateInvalid'
  | 'TenantNotEnabled'
  | 'EwsBlocked'
  | 'SendRefused'
  | 'ReceiveRefused'
  | 'CalendarRefused'
  | 'OtherOrganization'

/** The outcome of a test: a problem per direction in use, undefined where it works. */
export interface Diagnosis {
  readonly outcome: ReadonlyMap<Direction, Problem | undefined>
  /** The whole test is worth trying again. */
  readonly isTransient: boolean
}

const SERVER_SIDE: Readonly<Record<Direction, readonly [string, number]>> = {
  incoming: ['incomingemaildeliverymethod', 2],
  outgoing: ['outgoingemaildeliverymethod', 2],
  act: ['actdeliverymethod', 1],
}

const REFUSED_BY_DIRECTION: Readonly<Record<Direction, Problem>> = {
  incoming: 'ReceiveRefused',
  outgoing: 'SendRefused',
  act: 'CalendarRefused',
}

/** The directions of a mailbox that use server-side synchronization. */
export function directionsInUse(mailbox: Readonly<Row>): Direction[] {
  const directions = Object.keys(SERVER_SIDE) as Direction[]
  return directions.filter((direction) => {
    const [column, value] = SERVER_SIDE[direction]
    return mailbox[column] === value
  })
}

/** What a test of this mailbox finds out now. */
export function diagnose(core: Core, mailbox: Readonly<Row>, truth: Truth): Diagnosis {
  const isTransient = core.conditions.exchange === 'busy' || (truth.transientFailures ?? 0) > 0
  const ofAll = problemOfMailbox(core, mailbox, truth)
  const outcome = new Map<Direction, Problem | undefined>()
  for (const direction of directionsInUse(mailbox)) {
    outcome.set(direction, ofAll ?? problemOfDirection(core, mailbox, truth, direction))
  }
  return { outcome, isTransient: isTransient && [...outcome.values()].includes('ConnectionFailed') }
}

function problemOfMailbox(core: Core, mailbox: Readonly<Row>, truth: Truth): Problem | undefined {
  const regarding = referenceIn(mailbox, 'regardingobjectid')
  const person = regarding && core.store.get(regarding.entity, regarding.id)
  const address = textIn(mailbox, 'emailaddress').toLowerCase()
  if (person?.['isdisabled'] === true) return 'UserDisabled'
  if (address === '') return 'AddressMissing'
  if (core.conditions.exchange === 'busy' || isUnlucky(truth)) return 'ConnectionFailed'
  const trust = trustProblem(core, truth)
  if (trust !== undefined) return trust
  if (truth.exchangeAddress === null) return 'MailboxMissing'
  if (truth.exchangeAddress !== undefined && truth.exchangeAddress.toLowerCase() !== address) return 'AddressMismatch'
  if (truth.unlicensed === true) return 'LicenceMissing'
  if (truth.autodiscoverFails === true && profileOf(core, mailbox)['useautodiscover'] === true)
    return 'LocationNotDetermined'
  if (core.conditions.exchange === 'refusing' || truth.credentialsRefused === true) return 'CredentialsRefused'
  return undefined
}

const TRUST_PROBLEMS: Readonly<Record<TrustProblem, Problem>> = {
  'certificate-missing': 'CertificateMissing',
  'key-unreadable': 'KeyUnreadable',
  'key-unusable': 'KeyUnusable',
  'certificate-expired': 'CertificateExpired',
  'certificate-invalid': 'CertificateInvalid',
  'settings-wrong': 'TokenNotAcquired',
  // What the directory or Exchange does not accept looks the same from here, whatever the reason: 401 with `invalid_token`.
  'key-unknown': 'TenantNotEnabled',
  'tenant-wrong': 'TenantNotEnabled',
  'name-missing': 'TenantNotEnabled',
  'tenant-not-enabled': 'TenantNotEnabled',
  'ews-blocked': 'EwsBlocked',
}

/** CRM signs in before it can ask for any mailbox, so this is met before the mailbox is. */
function trustProblem({ conditions, trust }: Core, truth: Truth): Problem | undefined {
  const problem = truth.trust ?? trust?.() ?? (isTrustProblem(conditions.exchange) ? conditions.exchange : undefined)
  return problem && TRUST_PROBLEMS[problem]
}

function isTrustProblem(exchange: string): exchange is TrustProblem {
  return Object.hasOwn(TRUST_PROBLEMS, exchange)
}

function isUnlucky({ transientFailures = 0, flaps = false, runs = 0 }: Truth): boolean {
  return transientFailures > 0 || (flaps && runs % 2 === 0)
}

function problemOfDirection(
  core: Core,
  mailbox: Readonly<Row>,
  truth: Truth,
  direction: Direction,
): Problem | undefined {
  if (direction !== 'act' && !isApproved(core, mailbox)) return 'AddressNotApproved'
  if (direction !== 'act' && !isApprovedByTenant(core, mailbox)) return 'TenantApprovalMissing'
  if (truth.failingDirection === direction) return REFUSED_BY_DIRECTION[direction]
  const isClaimed = mailbox['orgmarkedasprimaryforexchangesync'] === true
  if (direction === 'act' && !isClaimed && holderOf(core, mailbox, truth) !== undefined) return 'OtherOrganization'
  return undefined
}

/** Name of the other organization that synchronizes this mailbox, if one does. */
export function holderOf(core: Core, mailbox: Readonly<Row>, truth: Truth): string | undefined {
  return truth.heldBy ?? core.exchange.otherHolder(textIn(mailbox, 'emailaddress'), core.participant)
}

/** Unsure whether the approval of a tenant administrator counts for a hybrid profile: switch `tenantApprovalCounts`. */
function isApprovedByTenant(core: Core, mailbox: Readonly<Row>): boolean {
  return !core.switches.tenantApprovalCounts || mailbox['isemailaddressapprovedbyo365admin'] === true
}

/** Mail flows only with the approval the organization asks for; a forward mailbox needs none (Microsoft: e-mail activity entities). */
function isApproved(core: Core, mailbox: Readonly<Row>): boolean {
  const organization = organizationOf(core)
  const kind = referenceIn(mailbox, 'regardingobjectid')?.entity
  const required = {
    systemuser: organization['requireapprovalforuseremail'] === true,
    queue: organization['requireapprovalforqueueemail'] === true,
  }
  const isRequired = kind === 'systemuser' || kind === 'queue' ? required[kind] : false
  return !isRequired || numberIn(mailbox, APPROVAL_COLUMN) === APPROVAL.approved
}

/** The profile of a mailbox; empty where it has none. */
export function profileOf(core: Core, mailbox: Readonly<Row>): Readonly<Row> {
  const profile = referenceIn(mailbox, 'emailserverprofile')
  return (profile && core.store.get('emailserverprofile', profile.id)) ?? {}
}
