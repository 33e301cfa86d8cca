import { afterEach, describe, expect, test } from 'vitest'
import { bearer, type WriteOperation, type WriteResult } from '../../src/crm/index.ts'
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'
import { clientOf, NEVER } from '../wire/crm-fixtures.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const VERSIONS = ['8.2', '9.0', '9.1', 'online'] as const

async function start(options: SimulatorOptions = {}, client: Parameters<typeof clientOf>[1] = {}) {
  const simulator = await startSimulator({ mailboxes: 60, queues: 12, seed: 7, ...options })
  const origin = `http://127.0.0.1:${simulator.port}`
  const made = clientOf(origin, {
    baseUrl: simulator.url,
    identity: bearer(async () => 'simulator-admin'),
    maximumConcurrency: 2,
    ...client,
  })
  closers.push(
    () => made.client.close(),
    () => made.http.close(),
    () => simulator.close(),
  )
  return { simulator, ...made }
}

async function write(
  client: Awaited<ReturnType<typeof start>>['client'],
  operations: readonly WriteOperation[],
): Promise<ReadonlyMap<string, WriteResult>> {
  const results = new Map<string, WriteResult>()
  for await (const result of client.writer().write(operations, NEVER)) results.set(result.ref, result)
  expect(results.size).toBe(operations.length)
  return results
}

function tally(results: ReadonlyMap<string, WriteResult>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { outcome, code } of results.values()) {
    const name = code ? `${outcome} ${code}` : outcome
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

function stopAll(simulator: RunningSimulator): readonly WriteOperation[] {
  return [...simulator.world.rows('mailbox').keys()].map((mailboxId) => ({
    ref: mailboxId,
    kind: 'update-mailbox',
    id: mailboxId,
    patch: { incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' },
  }))
}

describe.each(VERSIONS)('a simulated organization of version %s', (version) => {
  test('is probed in at most five requests', async () => {
    const { simulator, client } = await start({ version })

    const probe = await client.reader().probe(NEVER)

    expect(simulator.requests().requests).toBeLessThanOrEqual(5)
    expect(probe.organizationId).toBe(simulator.world.organizationId)
    expect(probe.privileges).toContain('prvApproveRejectEmailAddress')
    expect(probe.columns.get('mailbox')).toContain('testemailconfigurationscheduled')
  })

  test('is read completely, in pages and in filters, without one refused request', async () => {
    const { simulator, client } = await start({ version }, { pageSize: 20 })
    const reader = client.reader()

    const mailboxes = await reader.mailboxes('all', NEVER)
    const users = await reader.users('all', NEVER)
    const queues = await reader.queues('all', NEVER)
    await reader.organization(NEVER)
    const profiles = await reader.profiles(NEVER)
    const teams = await reader.teams(NEVER)
    await reader.alerts(new Set(mailboxes.rows.keys()), NEVER)
    const some = [...mailboxes.rows.keys()].slice(0, 10)
    const selected = await client.reader().mailboxes(new Set(some), NEVER)

    expect(new Set(mailboxes.rows.keys())).toEqual(new Set(simulator.world.rows('mailbox').keys()))
    expect(users.rows.size).toBe(simulator.world.rows('systemuser').size)
    expect(queues.rows.size).toBe(simulator.world.rows('queue').size)
    expect(profiles.rows.size).toBe(simulator.world.rows('emailserverprofile').size)
    expect(teams.rows.size).toBe(simulator.world.rows('team').size)
    expect(unknownOf(mailboxes, users, queues, profiles, teams)).toEqual([])
    expect([...selected.rows.keys()].sort()).toEqual([...some].sort())
    expect(selected.rows.get(some[0] ?? '')).toEqual(mailboxes.rows.get(some[0] ?? ''))
    expect(refused(simulator).filter(({ path }) => !path.includes('WhoAmI'))).toEqual([])
  })

  test('is written as the client says', async () => {
    const { simulator, client } = await start({ version })

    const results = await write(client, stopAll(simulator))

    expect(tally(results)).toEqual({ done: simulator.world.rows('mailbox').size })
    for (const row of simulator.world.rows('mailbox').values()) {
      expect([
        row['incomingemaildeliverymethod'],
        row['outgoingemaildeliverymethod'],
        row['actdeliverymethod'],
      ]).toEqual([0, 0, 2])
    }
    for (const { kind, method, ifMatch } of simulator.log()) {
      if (kind === 'part' && method === 'PATCH') expect(ifMatch).toBe('*')
    }
  })

  test('creates, links, unlinks and deletes a profile', async () => {
    const { simulator, client } = await start({ version })
    const id = 'a5b8c7d6-0000-4000-8000-00000000000e'
    const [mailbox = ''] = [...simulator.world.rows('mailbox').keys()]
    const [owner = ''] = [...simulator.world.rows('systemuser').keys()]
    const patch = { displayName: 'Exchange Online ü', serverType: 'ExchangeOnlineHybrid', autoDiscover: true } as const

    const created = await write(client, [
      {
        ref: 'create',
        kind: 'create-profile',
        id,
        patch: { ...patch, owner: { type: 'User', id: owner }, active: false },
      },
      { ref: 'again', kind: 'create-profile', id, patch: { ...patch, owner: { type: 'User', id: owner } } },
      {
        ref: 'on',
        kind: 'update-profile',
        id,
        patch: { active: true, incomingPassword: 'secret', minimumPollingIntervalMinutes: 10 },
      },
      { ref: 'link', kind: 'update-mailbox', id: mailbox, patch: { profileId: id, name: 'Linked' } },
    ])
    const linked = (await client.reader().mailboxes(new Set([mailbox]), NEVER)).rows.get(mailbox)
    const profile = (await client.reader().profiles(NEVER)).rows.get(id)
    const removed = await write(client, [
      { ref: 'unlink', kind: 'update-mailbox', id: mailbox, patch: { profileId: null, name: 'Unlinked' } },
      { ref: 'delete', kind: 'delete-profile', id },
      { ref: 'twice', kind: 'delete-profile', id },
    ])

    expect(tally(created)).toEqual({ done: 4 })
    expect(linked).toMatchObject({ profileId: id, name: 'Linked' })
    expect(profile).toMatchObject({
      displayName: 'Exchange Online ü',
      active: true,
      minimumPollingIntervalMinutes: 10,
      incomingPasswordSet: true,
    })
    expect(tally(removed)).toEqual({ done: 3 })
    expect(simulator.world.rows('mailbox').get(mailbox)).toMatchObject({ emailserverprofile: null, name: 'Unlinked' })
    expect(simulator.world.rows('emailserverprofile').has(id)).toBe(false)
  })

  test('approves users and queues, and says which rows are not there', async () => {
    const { simulator, client } = await start({ version })
    const [user = ''] = [...simulator.world.rows('systemuser').keys()]
    const [queue = ''] = [...simulator.world.rows('queue').keys()]
    const nobody = 'ffffffff-0000-4000-8000-000000000001'

    const results = await write(client, [
      { ref: 'user', kind: 'update-user', id: user, patch: { address: 'changed@contoso.com', approval: 'Approved' } },
      { ref: 'nobody', kind: 'update-user', id: nobody, patch: { approval: 'Approved' } },
      { ref: 'queue', kind: 'update-queue', id: queue, patch: { approval: 'Rejected' } },
      { ref: 'nothing', kind: 'update-mailbox', id: nobody, patch: { incoming: 'None' } },
    ])

    expect(Object.fromEntries([...results].map(([ref, { outcome, code }]) => [ref, code ?? outcome]))).toEqual({
      user: 'done',
      nobody: 'NotFound',
      queue: 'done',
      nothing: 'NotFound',
    })
    expect(simulator.world.rows('systemuser').get(user)).toMatchObject({
      internalemailaddress: 'changed@contoso.com',
      emailrouteraccessapproval: 1,
    })
    expect(simulator.world.rows('queue').get(queue)).toMatchObject({ emailrouteraccessapproval: 3 })
    expect(simulator.world.rows('systemuser').has(nobody)).toBe(false)
  })
})

describe.each(
  VERSIONS.flatMap((version) => (['legacy', 'modern'] as const).map((errorShape) => ({ version, errorShape }))),
)('what the documentation leaves open ($version, $errorShape errors)', ({ version, errorShape }) => {
  test.each([
    { reason: 'the server stops although told to go on', switches: { continueOnError: false } },
    { reason: 'read-only columns are ignored', switches: { readOnlyColumn: 'ignore' } },
    { reason: 'etags are compared', switches: { optimisticConcurrency: true } },
    {
      reason: 'functions and privileges are taken more lightly',
      switches: { functionsWithoutParentheses: true, appendChecked: false, inFunction: false },
    },
  ] as const)('does not matter to what becomes of each operation: $reason', async ({ switches }) => {
    const { simulator, client } = await start({ version, switches: { errorShape, ...switches } }, { batchSize: 10 })
    const operations = stopAll(simulator).map((operation, index) =>
      index % 7 === 3 ? { ...operation, id: `ffffffff-0000-4000-8000-${String(index).padStart(12, '0')}` } : operation,
    )

    const results = await write(client, operations)

    for (const [index, { ref }] of operations.entries()) {
      expect(results.get(ref)?.code ?? results.get(ref)?.outcome).toBe(index % 7 === 3 ? 'NotFound' : 'done')
      if (index % 7 !== 3) expect(simulator.world.rows('mailbox').get(ref)).toMatchObject({ actdeliverymethod: 2 })
    }
  })
})

describe('a caller without a privilege', () => {
  test('is told which one, by reads and writes', async () => {
    const { simulator, client } = await start({}, { identity: bearer(async () => 'simulator-limited') })
    const [user = ''] = [...simulator.world.rows('systemuser').keys()]

    const results = await write(client, [{ ref: 'a', kind: 'update-user', id: user, patch: { approval: 'Approved' } }])

    expect(results.get('a')).toMatchObject({
      outcome: 'failed',
      code: 'PrivilegeMissing',
      message: expect.stringContaining('prvApproveRejectEmailAddress'),
    })
  })

  test('that nobody knows is refused', async () => {
    const { client } = await start({ authentication: 'bearer' }, { identity: bearer(async () => 'simulator-nobody') })

    await expect(client.reader().probe(NEVER)).rejects.toMatchObject({ code: 'Unauthenticated' })
  })
})

describe('a lying server', () => {
  test.each([
    { reason: 'pages that repeat a row', fault: { kind: 'duplicate-row', times: 'always' } },
    { reason: 'pages cut short', fault: { kind: 'cut-pages', times: 'always', match: { path: 'mailboxes' } } },
    {
      reason: 'half an answer with the right length',
      fault: { kind: 'truncated-body', times: 'always', match: { path: 'mailboxes' } },
    },
    { reason: 'half a body', fault: { kind: 'half-body', times: 'always', match: { path: 'mailboxes' } } },
    { reason: 'empty answers', fault: { kind: 'empty-body', times: 'always', match: { path: 'mailboxes' } } },
    { reason: 'resets', fault: { kind: 'reset', times: 'always', match: { path: 'mailboxes' } } },
    {
      reason: 'a sign-in page',
      fault: { kind: 'html', page: 'sign-in', status: 200, times: 'always', match: { path: 'mailboxes' } },
    },
    {
      reason: 'a page of IIS',
      fault: { kind: 'html', page: 'iis-404', times: 'always', match: { path: 'mailboxes' } },
    },
    {
      reason: 'throttling without end',
      fault: { kind: 'status', status: 429, retryAfter: 30, times: 'always', match: { path: 'mailboxes' } },
    },
  ] as const)('never gives a short set: $reason', async ({ fault }) => {
    const { simulator, client } = await start({}, { pageSize: 25 })
    await client.reader().probe(NEVER)
    simulator.faults.add(fault)

    await expect(client.reader().mailboxes('all', NEVER)).rejects.toMatchObject({ name: 'CrmError' })
  })

  test.each([
    { reason: 'once throttled', fault: { kind: 'status', status: 429, retryAfter: 0.5 } },
    { reason: 'once away', fault: { kind: 'html', page: 'iis-503' } },
    { reason: 'once half', fault: { kind: 'half-body' } },
    { reason: 'once cut', fault: { kind: 'truncated-body' } },
    { reason: 'with a byte order mark', fault: { kind: 'byte-order-mark', times: 'always' } },
    { reason: 'as plain text', fault: { kind: 'content-type', contentType: 'text/plain', times: 'always' } },
    {
      reason: 'with an internal host in its links',
      fault: { kind: 'link-host', origin: 'http://crmsrv01:5555', times: 'always' },
    },
    { reason: 'with an expired token', fault: { kind: 'expired-token' } },
  ] as const)('is read all the same: $reason', async ({ reason, fault }) => {
    let asked = 0
    const identity = bearer(async () =>
      reason === 'with an expired token' && asked++ < 1 ? 'simulator-reader' : 'simulator-admin',
    )
    const { simulator, client } = await start({}, { pageSize: 25, identity })
    simulator.faults.add(fault)

    const { rows } = await client.reader().mailboxes('all', NEVER)

    expect(rows.size).toBe(simulator.world.rows('mailbox').size)
  })
})

describe('writes through faults', () => {
  test.each(
    VERSIONS.flatMap((version) => [
      {
        version,
        reason: 'the answer of a batch is lost after it took effect',
        fault: { kind: 'reset', effect: true, match: { path: '$batch' } },
      } as const,
      { version, reason: 'a batch never arrives', fault: { kind: 'reset', match: { path: '$batch' } } } as const,
      {
        version,
        reason: 'a batch is too large',
        fault: { kind: 'status', status: 413, body: 'html', match: { path: '$batch' } },
      } as const,
      {
        version,
        reason: 'parts are throttled',
        fault: {
          kind: 'status',
          status: 429,
          retryAfter: 0.1,
          times: 7,
          probability: 0.2,
          match: { operation: 'part', method: 'PATCH' },
        },
      } as const,
      {
        version,
        reason: 'a batch is throttled',
        fault: { kind: 'status', status: 503, retryAfter: 1, times: 2, match: { path: '$batch' } },
      } as const,
      { version, reason: 'half an answer', fault: { kind: 'truncated-body', match: { path: '$batch' } } } as const,
      {
        version,
        reason: 'no $batch at all',
        fault: { kind: 'html', page: 'iis-404', times: 'always', match: { path: '$batch' } },
      } as const,
    ]),
  )('come to their end on $version: $reason', async ({ version, fault }) => {
    const { simulator, client } = await start({ version }, { batchSize: 25 })
    await client.reader().probe(NEVER)
    simulator.faults.add(fault)

    const results = await write(client, stopAll(simulator))

    expect(tally(results)).toEqual({ done: results.size })
    for (const row of simulator.world.rows('mailbox').values()) expect(row['incomingemaildeliverymethod']).toBe(0)
  })

  test.each(VERSIONS)('never ask for a test twice and never call it done, whatever is lost (%s)', async (version) => {
    const { simulator, client } = await start({ version }, { batchSize: 10 })
    await client.reader().probe(NEVER)
    simulator.faults.add({ kind: 'reset', effect: true, probability: 0.5, times: 'always', match: { path: '$batch' } })
    const operations = [...simulator.world.rows('mailbox').keys()].map(
      (mailboxId): WriteOperation => ({
        ref: mailboxId,
        kind: 'update-mailbox',
        id: mailboxId,
        patch: { requestTest: true },
      }),
    )
    simulator.resetRequests()

    const results = await write(client, operations)

    const patched = simulator
      .log()
      .filter(({ kind, method }) => kind === 'part' && method === 'PATCH')
      .map(({ path }) => path)
    expect(new Set(patched).size).toBe(patched.length)
    const { done = 0, 'unknown Unreachable': unknown = 0 } = tally(results)
    expect(done + unknown).toBe(operations.length)
    expect(unknown).toBeGreaterThan(0)
  })

  test('of rows that are refused leave the others alone', async () => {
    const { simulator, client } = await start({ version: '8.2' }, { batchSize: 25 })
    await client.reader().probe(NEVER)
    simulator.faults.add({
      kind: 'status',
      status: 400,
      times: 'always',
      probability: 0.3,
      match: { operation: 'part', method: 'PATCH' },
    })

    const counts = tally(await write(client, stopAll(simulator)))

    const stopped = [...simulator.world.rows('mailbox').values()].filter(
      (row) => row['incomingemaildeliverymethod'] === 0,
    )
    expect(counts['done'] ?? 0).toBeGreaterThan(0)
    expect(counts['failed Invalid'] ?? 0).toBeGreaterThan(0)
    expect(stopped.length).toBeGreaterThanOrEqual(counts['done'] ?? 0)
  })
})

type Listings = readonly { readonly unknown: ReadonlyMap<string, unknown> }[]

function unknownOf(...listings: Listings): readonly unknown[] {
  return listings.flatMap(({ unknown }) => [...unknown.values()])
}

function refused(simulator: RunningSimulator) {
  return simulator.log().filter(({ status = 0 }) => status >= 400)
}
