// All stages together, with the real client against messy simulated organizations on a socket.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MailboxRow } from '../../src/crm/rows.ts'
import { MESS_KINDS, type SimulatorOptions } from '../../src/simulator/index.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../src/spec/desired.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../stages/desired.ts'
import { apply, changesOf, exceptionsOf, linesOf, plan, STAGES, sentencesOf } from '../stages/pass.ts'
import { type Simulated, startSimulated } from '../stages/simulated.ts'

const ONLINE = profile('online', {
  displayName: 'Exchange Online',
  owner: { user: 'crm-mail@contoso.com' },
  autoDiscover: true,
  minimumPollingIntervalMinutes: 10,
})
const FORWARDING = { incoming: 'ForwardMailbox', outgoing: 'None', appointmentsContactsTasks: 'None' } as const

async function withOrganization<T>(options: SimulatorOptions, work: (remote: Simulated) => Promise<T>): Promise<T> {
  const remote = await startSimulated(options)
  try {
    return await work(remote)
  } finally {
    await remote.close()
  }
}

/** The mailboxes of the organization, each with its address in canonical form. */
async function mailboxesOf(remote: Simulated): Promise<readonly MailboxRow[]> {
  const { rows } = await remote.reader().mailboxes('all', new AbortController().signal)
  return [...rows.values()].filter(({ address }) => address)
}

function wishFor({ address, type }: MailboxRow, fields: Partial<DesiredMailbox>): DesiredMailbox {
  const key = (address ?? '').normalize('NFKC').toLowerCase()
  const methods =
    type === 'Forward'
      ? FORWARDING
      : type === 'Queue'
        ? { ...SERVER_SIDE, appointmentsContactsTasks: 'None' as const }
        : SERVER_SIDE
  return mailbox(key, { type, ...methods, ...fields })
}

async function everything(remote: Simulated, fields: Partial<DesiredMailbox>): Promise<DesiredOrganization> {
  return organization(
    (await mailboxesOf(remote)).map((row) => wishFor(row, fields)),
    [ONLINE],
  )
}

/** Property tests dig deeper in the long run. */
function runs(usual: number): number {
  return process.env['MAILKEEL_TEST_LONG'] === '1' ? usual * 20 : usual
}

const LONG_MS = 300_000

const WHOLE = { profile: 'online', approval: 'Approved', testAndEnable: true } as const

describe('a messy organization', () => {
  it.each(['8.2', '9.0', '9.1', 'online'] as const)(
    'of version %s is as the spec says after one apply',
    async (version) => {
      await withOrganization({ mailboxes: 60, queues: 10, mess: ['all'], version }, async (remote) => {
        const desired = await everything(remote, WHOLE)
        const first = await plan(remote, desired)

        const { outcomes } = await apply(remote, desired, first.plan)
        const second = await plan(remote, desired)

        expect(linesOf(first.plan).length).toBeGreaterThan(50)
        expect(outcomes.filter(({ result }) => result !== 'Applied')).toEqual([])
        expect(linesOf(second.plan)).toEqual([])
        expect(new Set(exceptionsOf(second.plan).map((line) => line.split(' ')[1]))).toEqual(
          new Set(['Held', 'Unknown']),
        )
      })
    },
  )

  it.each([
    { statusResetOnChange: true },
    { mailboxApprovalReaches: true },
    { addressWithApproval: 'keep' as const },
    { approvalWhenEmptied: 'pending' as const },
    { readOnlyColumn: 'ignore' as const },
  ])('is as the spec says after one apply where the server answers %o', async (switches) => {
    await withOrganization({ mailboxes: 30, queues: 5, mess: ['all'], switches }, async (remote) => {
      const desired = await everything(remote, WHOLE)

      await apply(remote, desired, (await plan(remote, desired)).plan)

      expect(linesOf((await plan(remote, desired)).plan)).toEqual([])
    })
  })

  it('whose tests have ended is told by cause, and nothing is tested again', async () => {
    await withOrganization(
      { mailboxes: 120, queues: 10, mess: ['all'], switches: { alertCodes: 'provisional' } },
      async (remote) => {
        const desired = await everything(remote, WHOLE)
        await apply(remote, desired, (await plan(remote, desired)).plan)
        remote.simulator.world.advanceUntilIdle(3 * 3_600_000)

        const { plan: planned, reads } = await plan(remote, desired)

        const read = reads.get('test-result')
        const codes = read?.complete ? [...read.rows.values()].map(({ ready }) => ready?.code) : []
        expect(linesOf(planned)).toEqual([])
        expect(codes.filter((code) => code === 'Healthy').length).toBeGreaterThan(80)
        expect(new Set(codes)).toEqual(
          new Set([
            ...codes.filter((code) => code !== 'Unknown'),
            'MissingInExchange',
            'NoLicence',
            'OtherOrganization',
          ]),
        )
        expect(codes).not.toContain('Unknown')
      },
    )
  })

  it('is read with one page per set and a handful of requests', async () => {
    await withOrganization({ mailboxes: 300, queues: 20, mess: ['default'] }, async (remote) => {
      const desired = await everything(remote, WHOLE)
      await apply(remote, desired, (await plan(remote, desired)).plan)
      remote.simulator.world.advanceUntilIdle(3 * 3_600_000)
      remote.simulator.resetRequests()

      const { plan: planned } = await plan(remote, desired)

      const { routes, writes, requests } = remote.simulator.requests()
      expect(linesOf(planned)).toEqual([])
      expect(writes).toBe(0)
      expect([routes['GET mailboxes'], routes['GET systemusers'], routes['GET queues']]).toEqual([1, 1, 1])
      expect(requests).toBeLessThanOrEqual(13)
    })
  })
})

describe('one plan settles', () => {
  it('B25: a new address, its approval and its test', async () => {
    await withOrganization({ mailboxes: 3, queues: 1, mess: ['none'] }, async (remote) => {
      const renamed = mailbox('ann.new@contoso.com', { previousAddress: 'ann@contoso.com', ...SERVER_SIDE, ...WHOLE })
      const desired = organization([renamed], [profile('online', { displayName: 'Exchange Online' })])

      const { plan: planned } = await plan(remote, desired)
      const { outcomes } = await apply(remote, desired, planned)

      expect(linesOf(planned)).toEqual([
        'mailbox-identity update ann.new@contoso.com: address',
        'approval update ann.new@contoso.com: approval',
        'mailbox update ann.new@contoso.com: test',
      ])
      expect(outcomes.map(({ result }) => result)).toEqual(['Applied', 'Applied', 'Applied'])
      expect(linesOf((await plan(remote, desired)).plan)).toEqual([])
    })
  })

  it('a forward mailbox that does not exist, and everything about it', async () => {
    await withOrganization({ mailboxes: 3, queues: 1, mess: ['none'] }, async (remote) => {
      const info = mailbox('info@contoso.com', {
        type: 'Forward',
        name: 'Information',
        owner: { team: 'Mail Administrators' },
        ...FORWARDING,
        profile: 'online',
        approval: 'Approved',
        processAndDelete: true,
      })
      const desired = organization([info], [profile('online', { displayName: 'Exchange Online' })])

      const { outcomes } = await apply(remote, desired, (await plan(remote, desired)).plan)

      expect(outcomes.map(({ stage, result }) => `${stage} ${result}`)).toEqual([
        'mailbox-identity Applied',
        'approval Applied',
        'mailbox Applied',
      ])
      expect(linesOf((await plan(remote, desired)).plan)).toEqual([])
    })
  })

  it('a profile that does not exist, and the mailboxes that go to it', async () => {
    await withOrganization({ mailboxes: 5, queues: 2, mess: ['no-new-profile'] }, async (remote) => {
      const desired = await everything(remote, WHOLE)

      const { plan: planned } = await plan(remote, desired)
      await apply(remote, desired, planned)

      expect(sentencesOf(planned)[0]).toBe('create: "Exchange Online" is created')
      expect(sentencesOf(planned)).toContain('move: ann@contoso.com goes from "Old Exchange" to "Exchange Online"')
      expect(linesOf((await plan(remote, desired)).plan)).toEqual([])
    })
  })
})

describe('whatever the mess and the spec', () => {
  const mess = fc.subarray(
    MESS_KINDS.map(({ name }) => name),
    { minLength: 1 },
  )
  const member = fc.record(
    {
      profile: fc.constant('online'),
      incoming: fc.constantFrom('None' as const, 'ServerSideSync' as const),
      outgoing: fc.constantFrom('None' as const, 'ServerSideSync' as const),
      appointmentsContactsTasks: fc.constantFrom('None' as const, 'ServerSideSync' as const),
      approval: fc.constantFrom('Approved' as const, 'Rejected' as const),
      primarySync: fc.constant('Claim' as const),
      processEmailFrom: fc.constantFrom('2026-01-01', '2026-11-01'),
      testAndEnable: fc.boolean(),
    },
    { requiredKeys: ['testAndEnable'] },
  )
  const organizations = fc.record({
    seed: fc.integer({ min: 1, max: 9999 }),
    mess,
    members: fc.array(member, { minLength: 4, maxLength: 14 }),
  })

  async function given(
    {
      seed,
      mess: kinds,
      members,
    }: { seed: number; mess: readonly string[]; members: readonly Partial<DesiredMailbox>[] },
    work: (remote: Simulated, desired: DesiredOrganization) => Promise<void>,
  ): Promise<void> {
    await withOrganization({ seed, mailboxes: 9, queues: 3, mess: kinds }, async (remote) => {
      const rows = await mailboxesOf(remote)
      const wishes = members.flatMap((fields, index) => {
        const row = rows[index]
        return row
          ? [row.type === 'Forward' ? wishFor(row, { testAndEnable: false }) : { ...wishFor(row, {}), ...fields }]
          : []
      })
      await work(remote, organization(wishes, [ONLINE]))
    })
  }

  it(
    'plan, apply, plan is empty',
    async () => {
      await fc.assert(
        fc.asyncProperty(organizations, (drawn) =>
          given(drawn, async (remote, desired) => {
            const { outcomes } = await apply(remote, desired, (await plan(remote, desired)).plan)

            expect(outcomes.filter(({ result }) => result !== 'Applied')).toEqual([])
            expect(linesOf((await plan(remote, desired)).plan)).toEqual([])
          }),
        ),
        { numRuns: runs(12) },
      )
    },
    LONG_MS,
  )

  it(
    'applying the same plan again finds everything done',
    async () => {
      await fc.assert(
        fc.asyncProperty(organizations, (drawn) =>
          given(drawn, async (remote, desired) => {
            const { plan: planned } = await plan(remote, desired)
            await apply(remote, desired, planned)

            const { outcomes } = await apply(remote, desired, planned)

            expect(outcomes.filter(({ result }) => result !== 'AlreadyDone')).toEqual([])
            expect(changesOf((await plan(remote, desired)).plan)).toEqual([])
          }),
        ),
        { numRuns: runs(5) },
      )
    },
    LONG_MS,
  )

  it(
    'any subset of the changes of a plan leaves a plan of exactly the rest',
    async () => {
      const picks = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(organizations, picks, (drawn, picked) =>
          given(drawn, async (remote, desired) => {
            const { plan: planned } = await plan(remote, desired)
            const all = changesOf(planned)
            const approved = all.filter(({ stage }, index) => stage === 'email-server-profile' || picked[index % 40])
            await apply(remote, desired, planned, STAGES, new Set(approved.map(({ id }) => id)))

            const { plan: next } = await plan(remote, desired)

            const rest = all.filter((change) => !approved.includes(change))
            expect(changesOf(next).map(({ id }) => id)).toEqual(rest.map(({ id }) => id))
          }),
        ),
        { numRuns: runs(8) },
      )
    },
    LONG_MS,
  )
})
