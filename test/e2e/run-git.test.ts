// What the container promises about a repository: a commit gets to CRM at once, what may not be taken changes nothing and is told, and
// whoever is down or dies meanwhile does no harm.
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { RunningSimulator, SimulatorOptions } from '../../src/simulator/index.ts'
import { directoryWith } from '../cli/process.ts'
import { startSshGitServer } from '../git/sshd.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'
import { documentOf } from '../stack/spec.ts'
import { organizationDocuments } from '../stack/trust-workspace.ts'
import { plainAddresses } from '../stack/world.ts'
import { type Running, startRun, until } from './running.ts'
import { quickSimulator } from './workspace.ts'

// Processes start slowly on a machine that has other work.
vi.setConfig({ testTimeout: 90_000 })

const TEN_SECONDS = 10_000
const HOOK_SECRET = 'what-github-shares-with-us'
const ENV = { HOOK_SECRET, GIT_TOKEN: CANARY_SECRET }

/** A git server, a CRM, and the folder of a configuration that knows both. */
interface Place {
  readonly server: GitServer
  readonly crm: RunningSimulator
  readonly cwd: string
  /** Commits that profiles poll so often; tells the id of the commit. */
  poll(minutes: number): string
  /** How often the profile of CRM polls. */
  polls(): unknown
  run(): Promise<Running>
}

async function placeWith(source: object = {}, sections: object = {}, world: SimulatorOptions = {}): Promise<Place> {
  const [server, crm] = await Promise.all([
    startGitServer(),
    quickSimulator({ mess: ['none'], mailboxes: 3, queues: 0, ...world }),
  ])
  onTestFinished(() => server.close())
  server.behaviour.authorization = `Basic ${Buffer.from(`robot:${CANARY_SECRET}`).toString('base64')}`
  const documents = organizationDocuments('contoso-sales', crm)
  const poll = (minutes: number) => server.push({ 'spec/sales.yaml': pollingEvery(documents, minutes) }, `${minutes}`)
  poll(10)
  const git = { url: server.url, folder: 'spec', identity: 'forge', pollEvery: '1h', ...source }
  const cwd = directoryWith({ 'ca.pem': server.caPem, 'mailkeel.yaml': configurationWith(crm, git, sections) })
  return {
    server,
    crm,
    cwd,
    poll,
    polls: () => pollingOf(crm),
    run: () => startRun({ cwd, env: ENV }),
  }
}

function configurationWith(crm: RunningSimulator, git: object, sections: object): string {
  return documentOf('Configuration', undefined, {
    source: { git },
    policy: 'Enforce',
    loop: { interval: '1h', settleEvery: '100ms' },
    network: { caFile: 'ca.pem', maximumConcurrency: 1 },
    tests: { maximumInFlight: 1000 },
    // Everybody changes at once here, and the profile of the simulator reaches back 30 days.
    guards: { change: { maximumPercent: 100 }, 'old-mail': { maximum: 1000 } },
    listener: {
      port: 0,
      metrics: { port: 0 },
      requestsPerMinute: 100_000,
      webhooks: [{ name: 'forge', type: 'GitHub', secret: { env: 'HOOK_SECRET' } }],
    },
    identities: {
      crm: { type: 'None' },
      forge: { type: 'Basic', userName: 'robot', password: { env: 'GIT_TOKEN' } },
    },
    organizations: { 'contoso-sales': { url: crm.url, reading: 'crm' } },
    ...sections,
  })
}

function pollingEvery(documents: string, minutes: number): string {
  return documents.replace(/"minimumPollingIntervalMinutes":\d+/, `"minimumPollingIntervalMinutes":${minutes}`)
}

function pollingOf({ world }: RunningSimulator): unknown {
  const profiles = [...world.rows('emailserverprofile').values()]
  return profiles.find(({ name }) => name === 'Exchange Online')?.['minpollingintervalinminutes']
}

/** Somebody stops the mail of everybody; returns whether those of the spec get it again. */
function someDrift({ crm }: Place): () => boolean {
  crm.drift('method', 1000)
  const managed = plainAddresses(crm.world, 'systemuser')
  const isBack = () =>
    managed.every((address) => crm.mailboxes(address)[0]?.mailbox['incomingemaildeliverymethod'] === 2)
  expect({ managed: managed.length, isBack: isBack() }).toEqual({ managed: 3, isBack: false })
  return isBack
}

/** Without their labels, sorted. */
function driftCounts(metrics: string): readonly string[] {
  const lines = metrics.split('\n').filter((line) => /^mailkeel_drift_\w+_total\{/.test(line))
  return lines.map((line) => line.replace(/\{.*\}/, '')).sort()
}

/** What a forge does after a push. */
async function deliver({ origin }: Running, secret = HOOK_SECRET): Promise<number> {
  const body = JSON.stringify({ ref: 'refs/heads/main' })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` }
  return (await fetch(`${origin}/hooks/forge`, { method: 'POST', headers, body })).status
}

const inSync = (running: Running, revision: string) =>
  until('everything is in sync', async () => {
    const { inSyncSince, revision: at } = await running.standing('contoso-sales')
    return inSyncSince !== undefined && at === revision
  })

needs('git')('a repository behind https', () => {
  it('a push is applied within ten seconds of its webhook; one that is not signed is refused', async () => {
    const place = await placeWith()
    const running = await place.run()
    await until('the first commit is applied', () => place.polls() === 10)
    const looks = place.server.requests.length

    place.poll(20)
    const refused = await deliver(running, 'guessed')
    const unmoved = place.server.requests.length
    expect(await deliver(running)).toBe(202)
    await until('the push is applied', () => place.polls() === 20, TEN_SECONDS)

    expect({ refused, asked: unmoved - looks }).toEqual({ refused: 401, asked: 0 })
  })

  it('a push without a webhook is applied within the poll interval', async () => {
    const place = await placeWith({ pollEvery: '1s' })
    await place.run()
    await until('the first commit is applied', () => place.polls() === 10)

    place.poll(20)
    await until('the push is applied', () => place.polls() === 20, TEN_SECONDS)
  })

  it('an invalid commit changes nothing and is told with its place, until a good one follows', async () => {
    const place = await placeWith({ pollEvery: '500ms' })
    const running = await place.run()
    const good = place.server.git('rev-parse', 'HEAD').trim()
    await inSync(running, good)
    const { writes } = place.crm.requests()

    const bad = place.server.push({ 'spec/bad.yaml': 'apiVersion: mailkeel/v1\nkind: Nonsense\n' })
    const refused = await until('it is refused', async () => (await running.overview()).source.refused)
    const { source } = await running.overview()
    const logged = await until('it is logged', () => running.logged('a revision is refused')[0])
    const mended = place.server.push({ 'spec/bad.yaml': null })
    await inSync(running, mended)
    const after = (await running.overview()).source

    expect(refused).toMatchObject({ revision: { id: bad }, problems: [{ file: 'bad.yaml', line: 2 }] })
    expect(source.enforced?.id).toBe(good)
    expect(logged).toMatchObject({ level: 'warn', revision: bad, file: 'bad.yaml', line: 2 })
    expect(after.refused).toBeUndefined()
    expect(place.crm.requests().writes).toBe(writes)
  })

  it('a rewritten branch is not taken, until the configuration allows this one commit', async () => {
    const place = await placeWith({ pollEvery: '500ms' })
    const first = await place.run()
    await until('the first commit is applied', () => place.polls() === 10)

    place.server.git('commit', '--quiet', '--amend', '--message', 'another history')
    const rewritten = place.poll(20)
    const refused = await until('it is refused', async () => (await first.overview()).source.refused)
    first.kill('SIGTERM')
    await first.ended
    const before = place.polls()
    const file = join(place.cwd, 'mailkeel.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"git":{', `"git":{"allowRewind":"${rewritten}",`))
    await place.run()
    await until('the rewritten branch is applied', () => place.polls() === 20)

    expect(refused).toMatchObject({ revision: { id: rewritten }, reason: { code: 'NotFastForward' } })
    expect(before).toBe(10)
  })

  it('while the server is down the last good commit stays enforced, also by a process that starts then', async () => {
    const place = await placeWith({ pollEvery: '500ms' }, { loop: { interval: '1s', jitterPercent: 0 } })
    const first = await place.run()
    await until('the first commit is applied', () => place.polls() === 10)

    place.server.behaviour.intercept = ({ socket }) => Boolean(socket.destroy())
    const failure = await until('it is told', async () => (await first.overview()).source.failure)
    await until('drift is corrected', someDrift(place))
    first.kill('SIGTERM')
    await first.ended
    const isCorrected = someDrift(place)
    const second = await place.run()
    await until('drift is corrected after a start', isCorrected)
    place.server.behaviour.intercept = undefined
    place.poll(20)
    await until('the server is back', () => place.polls() === 20)

    expect(failure.reason.message).toContain('127.0.0.1')
    expect((await second.overview()).source.failure).toBeUndefined()
  })

  it('drift is corrected within one interval, and told', async () => {
    const place = await placeWith({}, { loop: { interval: '2s', jitterPercent: 0, settleEvery: '100ms' } })
    const running = await place.run()
    await inSync(running, place.server.git('rev-parse', 'HEAD').trim())

    const isCorrected = someDrift(place)
    await until('it is corrected', isCorrected, 5_000)
    const counted = await until('it is counted', async () => {
      const counts = driftCounts(await running.metrics())
      return counts.length === 2 && counts
    })

    expect(counted).toEqual(['mailkeel_drift_corrected_total 3', 'mailkeel_drift_found_total 3'])
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('%s in the middle of a pass: the next process goes on', async (signal) => {
    const slow = { mailboxes: 400, mess: ['no-new-profile'], operationCostMs: 2 }
    const place = await placeWith({}, {}, slow)
    const first = await place.run()
    await until('something was written', () => place.crm.requests().writes > 10)

    first.kill(signal)
    const ending = await first.ended
    const wasDone = place.crm.requests().writes
    place.crm.pace.operationCostMs = 0
    const second = await place.run()
    await inSync(second, place.server.git('rev-parse', 'HEAD').trim())

    expect(ending).toEqual(signal === 'SIGTERM' ? { code: 0, signal: null } : { code: null, signal })
    expect(first.output()).not.toContain('did not end in time')
    expect(place.crm.requests().writes).toBeGreaterThan(wasDone)
  })
})

needs('sshd')('a repository behind ssh', () => {
  it('is followed with a deploy key', async () => {
    const [server, crm] = await Promise.all([
      startSshGitServer(),
      quickSimulator({ mess: ['none'], mailboxes: 3, queues: 0 }),
    ])
    onTestFinished(() => server.close())
    const documents = organizationDocuments('contoso-sales', crm)
    server.push({ 'sales.yaml': pollingEvery(documents, 10) })
    const { url, userName, knownHosts, privateKey } = server
    const git = { url, identity: 'forge', knownHostsFile: 'known_hosts', pollEvery: '1h' }
    const identities = { crm: { type: 'None' }, forge: { type: 'Ssh', userName, privateKey: { file: 'key' } } }
    const configuration = configurationWith(crm, git, { identities, network: {} })
    const cwd = directoryWith({ known_hosts: knownHosts, key: privateKey, 'mailkeel.yaml': configuration })
    const running = await startRun({ cwd, env: ENV })
    await until('the first commit is applied', () => pollingOf(crm) === 10)

    server.push({ 'sales.yaml': pollingEvery(documents, 20) })
    await deliver(running)
    await until('the push is applied', () => pollingOf(crm) === 20, TEN_SECONDS)

    const body = privateKey.split('\n')[1] ?? ''
    expect(body.length).toBeGreaterThan(20)
    expect(running.output()).not.toContain('PRIVATE KEY')
    expect(running.output()).not.toContain(body)
    expect(execFileSync('grep', ['-rlF', body, cwd], { encoding: 'utf8' })).toBe(`${cwd}/key\n`)
  })
})
