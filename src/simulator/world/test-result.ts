// The end of a test as the columns tell it (Microsoft: connect to Exchange Online, troubleshooting; which column does what is inferred).
import type { Row } from '../world.ts'
import { LEVEL, raiseAlert } from './alerts.ts'
import { dateText } from './clock.ts'
import { type Core, neverIn, systemUser, touch } from './core.ts'
import { type Diagnosis, diagnose, holderOf, type Problem, profileOf } from './diagnosis.ts'
import { numberIn, referenceIn, textIn } from './row-values.ts'
import type { Direction, Truth } from './truth.ts'
import type { ServiceOptions } from './types.ts'

/** What must happen later because of how a test ended. */
export interface Aftermath {
  readonly retryAtMs?: number
  readonly disableAtMs?: number
}

const STATUS_COLUMN: Readonly<Record<Direction, string>> = {
  incoming: 'incomingemailstatus',
  outgoing: 'outgoingemailstatus',
  act: 'actstatus',
}
const ENABLED_COLUMN: Readonly<Record<Direction, string>> = {
  incoming: 'enabledforincomingemail',
  outgoing: 'enabledforoutgoingemail',
  act: 'enabledforact',
}
const NOT_RUN = 0
const SUCCESS = 1
const FAILURE = 2
const IDLE: Row = { processingstatecode: 0, hostid: null }
const EWS_URL = 'https://outlook.office365.com/EWS/Exchange.asmx'

/** Ends the running test of a mailbox: writes results and alerts. A test that was cancelled meanwhile only ends. */
export function finishTest(core: Core, options: Required<ServiceOptions>, mailboxId: string, nowMs: number): Aftermath {
  const mailbox = core.store.get('mailbox', mailboxId)
  if (mailbox === undefined) return {}
  if (mailbox['testemailconfigurationscheduled'] !== true) {
    touch(core, systemUser(core), 'mailbox', mailboxId, IDLE)
    return {}
  }
  const truth = core.truths.get(mailboxId) ?? {}
  const diagnosis = diagnose(core, mailbox, truth)
  learn(core, mailboxId, truth, diagnosis, mailbox)
  const tries = numberIn(mailbox, 'testemailconfigurationretrycount') + 1
  if (diagnosis.isTransient && tries < options.maximumTries) {
    return postpone(core, mailbox, diagnosis, tries, nowMs + options.retryAfterMs)
  }
  conclude(core, mailbox, truth, diagnosis, tries, nowMs)
  const hasPassed = ![...diagnosis.outcome.values()].some((problem) => problem !== undefined)
  return hasPassed && truth.disabledAfterMs !== undefined ? { disableAtMs: nowMs + truth.disabledAfterMs } : {}
}

/** What a test changes outside CRM: Exchange stores who synchronizes now; a passing trouble comes closer to its end. */
function learn(core: Core, mailboxId: string, truth: Truth, diagnosis: Diagnosis, mailbox: Readonly<Row>): void {
  const { heldBy, ...rest } = truth
  if (diagnosis.outcome.has('act') && diagnosis.outcome.get('act') === undefined)
    core.exchange.hold(textIn(mailbox, 'emailaddress'), core.participant, mailboxId)
  const isTaken = diagnosis.outcome.has('act') && mailbox['orgmarkedasprimaryforexchangesync'] === true
  const kept = heldBy === undefined || isTaken ? rest : truth
  if (Object.keys(kept).length === 0) core.truths.delete(mailboxId)
  else {
    const transientFailures = Math.max(0, (kept.transientFailures ?? 0) - (diagnosis.isTransient ? 1 : 0))
    core.truths.set(mailboxId, { ...kept, transientFailures, runs: (kept.runs ?? 0) + 1 })
  }
}

function postpone(
  core: Core,
  mailbox: Readonly<Row>,
  diagnosis: Diagnosis,
  tries: number,
  retryAtMs: number,
): Aftermath {
  touch(core, systemUser(core), 'mailbox', textIn(mailbox, 'mailboxid'), {
    ...IDLE,
    ...statuses(diagnosis),
    testemailconfigurationretrycount: tries,
    postponetestemailconfigurationuntil: dateText(retryAtMs),
    mailboxstatus: FAILURE,
  })
  raiseAlert(core, mailbox, 'ConnectionFailed', LEVEL.warning)
  return { retryAtMs }
}

function conclude(
  core: Core,
  mailbox: Readonly<Row>,
  truth: Truth,
  diagnosis: Diagnosis,
  tries: number,
  nowMs: number,
): void {
  const problems = new Set([...diagnosis.outcome.values()].filter((problem) => problem !== undefined))
  const after = touch(core, systemUser(core), 'mailbox', textIn(mailbox, 'mailboxid'), {
    ...IDLE,
    ...statuses(diagnosis),
    ...enabled(diagnosis),
    ...located(core, mailbox, problems, nowMs),
    ...(diagnosis.outcome.get('act') === undefined && diagnosis.outcome.has('act')
      ? { isactsyncorgflagset: true }
      : {}),
    testemailconfigurationscheduled: false,
    testemailconfigurationretrycount: tries,
    postponetestemailconfigurationuntil: neverIn(core),
    testmailboxaccesscompletedon: dateText(nowMs),
    mailboxstatus: problems.size > 0 ? FAILURE : diagnosis.outcome.size > 0 ? SUCCESS : NOT_RUN,
  })
  for (const problem of problems) raiseAlert(core, after, problem, LEVEL.error, holderOf(core, mailbox, truth))
  if (problems.size === 0 && diagnosis.outcome.size > 0) raiseAlert(core, after, 'TestPassed', LEVEL.information)
  const profile = profileOf(core, after)
  const isRefused = core.conditions.exchange === 'refusing' && problems.has('CredentialsRefused')
  if (isRefused && profile['emailserverprofileid'] !== undefined)
    raiseAlert(core, profile, 'ProfileRefused', LEVEL.error)
  if (isProfileTest(core, after)) reportToProfile(core, after, problems, nowMs)
}

function statuses({ outcome }: Diagnosis): Row {
  const columns: Row = {}
  for (const direction of ['incoming', 'outgoing', 'act'] as const) {
    const result = outcome.get(direction) === undefined ? SUCCESS : FAILURE
    columns[STATUS_COLUMN[direction]] = outcome.has(direction) ? result : NOT_RUN
  }
  return columns
}

function enabled({ outcome }: Diagnosis): Row {
  const columns: Row = {}
  for (const [direction, problem] of outcome) columns[ENABLED_COLUMN[direction]] = problem === undefined
  return columns
}

/** Autodiscover leaves the address it found. */
function located(core: Core, mailbox: Readonly<Row>, problems: ReadonlySet<Problem>, nowMs: number): Row {
  if (problems.size > 0 || profileOf(core, mailbox)['useautodiscover'] !== true) return {}
  return { ewsurl: EWS_URL, lastautodiscoveredon: dateText(nowMs) }
}

const SIGN_IN_PROBLEMS: readonly Problem[] = [
  'CredentialsRefused',
  'CertificateMissing',
  'KeyUnreadable',
  'KeyUnusable',
  'CertificateExpired',
  'CertificateInvalid',
  'TokenNotAcquired',
  'TenantNotEnabled',
]

/**
 * The profile's own test uses a mailbox (observed, unconfirmed). Unsure whose: that of the service account, or that of the profile's owner
 * (switch `connectionTestBy`).
 */
function isProfileTest(core: Core, mailbox: Readonly<Row>): boolean {
  if (core.switches.connectionTestBy === 'service-account') return mailbox['isserviceaccount'] === true
  const owner = referenceIn(profileOf(core, mailbox), 'ownerid')
  return owner !== undefined && owner.id === referenceIn(mailbox, 'regardingobjectid')?.id
}

/** Leaves the result of the profile's own test. Unsure in which unit it tells the time: switch `executionTimeUnit`. */
function reportToProfile(core: Core, mailbox: Readonly<Row>, problems: ReadonlySet<Problem>, nowMs: number): void {
  const profileId = textIn(profileOf(core, mailbox), 'emailserverprofileid')
  if (profileId === '') return
  const startedOn = textIn(mailbox, 'processinglastattemptedon')
  const isConnected = !problems.has('ConnectionFailed') && !problems.has('LocationNotDetermined')
  touch(core, systemUser(core), 'emailserverprofile', profileId, {
    lastteststarttime: startedOn || null,
    lasttestvalidationstatus: isConnected ? SUCCESS : 0,
    lastauthorizationstatus: isConnected && !SIGN_IN_PROBLEMS.some((problem) => problems.has(problem)) ? SUCCESS : 0,
    lasttestexecutionstatus: problems.size === 0 ? SUCCESS : 0,
    lasttesttotalexecutiontime: startedOn === '' ? 0 : inUnit(core, nowMs - Date.parse(startedOn)),
    lastcrmmessage: problems.size === 0 ? null : [...problems].join(', '),
  })
}

function inUnit(core: Core, ms: number): number {
  return core.switches.executionTimeUnit === 'seconds' ? Math.round(ms / 1000) : ms
}

/** What the server does by itself some time after a passed test: it disables the mailbox and says so. */
export function disableAfterwards(core: Core, mailboxId: string): void {
  const mailbox = core.store.get('mailbox', mailboxId)
  if (mailbox === undefined || mailbox['mailboxstatus'] !== SUCCESS) return
  const outcome = diagnose(core, mailbox, {}).outcome
  const failed: Diagnosis = {
    outcome: new Map([...outcome.keys()].map((direction) => [direction, 'CredentialsRefused'])),
    isTransient: false,
  }
  const columns = { ...statuses(failed), ...enabled(failed), mailboxstatus: FAILURE }
  const after = touch(core, systemUser(core), 'mailbox', mailboxId, columns)
  raiseAlert(core, after, 'CredentialsRefused', LEVEL.error)
}
