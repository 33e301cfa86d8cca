// For every cause there is: a simulated mailbox is really tested and must be told rightly, in whatever language CRM speaks.
import { afterEach, describe, expect, it } from 'vitest'
import type { SimulatedWorld, Truth } from '../../../src/simulator/index.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../desired.ts'
import { plan } from '../pass.ts'
import { type Simulated, startSimulated } from '../simulated.ts'

const open: Simulated[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const ANN = 'ann@contoso.com'
const ONLINE = profile('online', { displayName: 'Exchange Online' })
const DESIRED = organization([mailbox(ANN, { profile: 'online', ...SERVER_SIDE })], [ONLINE])
const HOUR_MS = 3_600_000

interface Case {
  readonly reason: string
  readonly truth?: Truth
  readonly conditions?: Parameters<SimulatedWorld['setConditions']>[0]
  readonly change?: (world: SimulatedWorld, annId: string, userId: string) => void
  readonly cause: string
  /** With numbers that nobody has seen: what ids and statuses say, or nothing. */
  readonly unseen?: string
  readonly repeats?: true
}

const TABLE: readonly Case[] = [
  { reason: 'nobody prepared anything', cause: 'Healthy' },
  { reason: 'no mailbox in Exchange', truth: { exchangeAddress: null }, cause: 'MissingInExchange' },
  { reason: 'another primary address', truth: { exchangeAddress: 'x@contoso.com' }, cause: 'Unauthorized' },
  { reason: 'no licence', truth: { unlicensed: true }, cause: 'NoLicence' },
  { reason: 'autodiscover', truth: { autodiscoverFails: true }, cause: 'AutodiscoverFailed' },
  { reason: 'credentials', truth: { credentialsRefused: true }, cause: 'Unauthorized' },
  { reason: 'credentials of all', conditions: { exchange: 'refusing' }, cause: 'ProfileRefused', repeats: true },
  { reason: 'receiving', truth: { failingDirection: 'incoming' }, cause: 'Forbidden' },
  { reason: 'sending', truth: { failingDirection: 'outgoing' }, cause: 'SendRefused' },
  { reason: 'calendar', truth: { failingDirection: 'act' }, cause: 'CalendarRefused' },
  { reason: 'another organization', truth: { heldBy: 'Contoso Test' }, cause: 'OtherOrganization', unseen: 'Unknown' },
  { reason: 'Exchange away for hours', conditions: { exchange: 'busy' }, cause: 'Transient' },
  {
    reason: 'the certificate is missing',
    truth: { trust: 'certificate-missing' },
    cause: 'CertificateMissing',
    repeats: true,
  },
  {
    reason: 'the certificate is invalid',
    conditions: { exchange: 'certificate-invalid' },
    cause: 'CertificateInvalid',
    repeats: true,
  },
  {
    reason: 'the tenant was never enabled',
    conditions: { exchange: 'tenant-not-enabled' },
    cause: 'TenantNotEnabled',
    repeats: true,
  },
  { reason: 'B22: EWS blocked', conditions: { exchange: 'ews-blocked' }, cause: 'EwsBlocked', repeats: true },
  {
    reason: 'not approved',
    change: (world, _annId, userId) =>
      world.update(world.callers.admin, 'systemuser', userId, { emailrouteraccessapproval: 2 }),
    cause: 'NotApproved',
  },
  {
    reason: 'B24: the user is disabled',
    change: (world, _annId, userId) => world.update(world.callers.admin, 'systemuser', userId, { isdisabled: true }),
    cause: 'UserDisabled',
  },
  {
    reason: 'the service is off',
    conditions: { asynchronousService: false },
    cause: 'AsyncServiceOff',
    repeats: true,
  },
  {
    reason: 'background operations are off',
    conditions: { backgroundOperations: false },
    cause: 'AsyncServiceOff',
    repeats: true,
  },
  { reason: 'administration mode', conditions: { administrationMode: true }, cause: 'AsyncServiceOff', repeats: true },
  { reason: 'the test hangs', truth: { run: 'stuck' }, cause: 'TestTimedOut' },
]

describe.each([
  { language: 'English', lcid: 1033, alertCodes: 'provisional' },
  { language: 'German', lcid: 1031, alertCodes: 'provisional' },
  { language: 'German', lcid: 1031, alertCodes: 'unseen' },
] as const)('with alerts in $language and numbers that are $alertCodes', ({ lcid, alertCodes }) => {
  it.each(TABLE)('$reason', async ({ truth = {}, conditions = {}, change, cause, unseen = cause, repeats }) => {
    const switches = { alertCodes }
    const simulated = await startSimulated({ mailboxes: 3, queues: 0, mess: ['none'], language: lcid, switches })
    open.push(simulated)
    const { world } = simulated.simulator
    const [annId, userId] = [idOf(world, 'mailbox', 'emailaddress'), idOf(world, 'systemuser', 'internalemailaddress')]
    world.setTruth(annId, truth)
    world.setConditions(conditions)
    change?.(world, annId, userId)

    world.update(world.callers.admin, 'mailbox', annId, { testemailconfigurationscheduled: true })
    world.advanceUntilIdle(3 * HOUR_MS)
    world.advance(HOUR_MS)
    const { reads } = await plan(simulated, DESIRED)

    const read = reads.get('test-result')
    const ready = read?.complete ? read.rows.get(ANN)?.ready : undefined
    expect(ready?.code).toBe(alertCodes === 'unseen' ? unseen : cause)
    expect(ready?.repeats).toBe(repeats)
  })
})

function idOf(world: SimulatedWorld, entity: 'mailbox' | 'systemuser', column: string): string {
  const found = [...world.rows(entity)].find(([, row]) => row[column] === ANN)
  if (!found) throw new Error(`${entity} without ${ANN}`)
  return found[0]
}
