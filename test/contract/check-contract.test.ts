// The contract every checking stage keeps, run for each of them with the real client against the simulator on a socket.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SimulatedWorld } from '../../src/simulator/index.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../stages/desired.ts'
import { apply, linesOf, plan, STAGES } from '../stages/pass.ts'
import { type Simulated, startSimulated } from '../stages/simulated.ts'
import { edit } from './cases.ts'

interface CheckCase {
  readonly stage: string
  readonly key: string
  readonly desired: DesiredOrganization
  /** Makes the check fail, and the code it fails with. */
  readonly spoil: (world: SimulatedWorld) => void
  readonly code: string
  /** Route whose failure makes the check unknown. */
  readonly route: string
}

const ANN = 'ann@contoso.com'
const DESIRED = organization(
  [mailbox(ANN, { profile: 'online', ...SERVER_SIDE, testAndEnable: true })],
  [profile('online', { displayName: 'Exchange Online' })],
)

const CASES: readonly CheckCase[] = [
  {
    stage: 'prerequisites',
    key: 'email-connection-channel',
    desired: DESIRED,
    spoil: (world) =>
      world.update(world.callers.admin, 'organization', world.organizationId, { emailconnectionchannel: 1 }),
    code: 'EmailRouter',
    route: '/^organizations/',
  },
  {
    stage: 'test-result',
    key: ANN,
    desired: DESIRED,
    // Failed after the user was changed last, so that nothing but the result is left to tell.
    spoil: (world) =>
      edit(world, 'mailbox', 'emailaddress', ANN, {
        incomingemailstatus: 2,
        testmailboxaccesscompletedon: '2026-11-23T09:00:00Z',
      }),
    code: 'Unknown',
    route: '/^mailboxes/',
  },
]

describe.each(CASES)('stage $stage', (given) => {
  let remote: Simulated

  beforeEach(async () => {
    remote = await startSimulated({ mailboxes: 3, queues: 1, mess: ['none'] })
  })

  afterEach(async () => {
    await remote.close()
  })

  async function verdict() {
    const { reads, plan: planned } = await plan(remote, given.desired)
    const read = reads.get(given.stage)
    return { read, planned, ready: read?.complete ? read.rows.get(given.key)?.ready : undefined }
  }

  it('what is in order is told with its evidence', async () => {
    const { ready, planned } = await verdict()

    expect(ready).toMatchObject({ status: 'True', message: expect.stringMatching(/\S/) })
    expect(linesOf(planned)).toEqual([])
  })

  it('what is not in order is told with a code, and is neither drift nor a reason to write', async () => {
    given.spoil(remote.simulator.world)

    const { ready, planned } = await verdict()
    await apply(remote, given.desired, planned)

    expect(ready).toMatchObject({ status: 'False', code: given.code, message: expect.stringMatching(/\S/) })
    expect(linesOf(planned)).toEqual([])
    expect(remote.simulator.requests().writes).toBe(0)
  })

  it('what cannot be read is unknown as a whole', async () => {
    remote.simulator.faults.add({
      kind: 'status',
      status: 500,
      times: 'always',
      match: { path: given.route, operation: 'any' },
    })

    const { read, planned } = await verdict()

    expect(read?.complete).toBe(false)
    expect(planned.stages.find(({ stage }) => stage === given.stage)?.incomplete?.message).toMatch(/\S/)
  })

  it('says no secret', async () => {
    given.spoil(remote.simulator.world)

    const { read, planned } = await verdict()

    expect(JSON.stringify([planned, read?.complete && [...read.rows]])).not.toContain(CANARY_SECRET)
  })
})

it('every stage that checks has a case, and none of them can write', () => {
  const checking = STAGES.filter(({ mode }) => mode === 'checks')

  expect(CASES.map(({ stage }) => stage)).toEqual(checking.map(({ name }) => name))
  expect(checking.filter((stage) => stage.apply)).toEqual([])
})
