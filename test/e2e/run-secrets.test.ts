// A22 over all of a running process: every secret that a configuration can name is another word here, and none of these words is found in
// anything that is printed, answered, kept, or seen from outside, while all goes well and while every one of them is refused.
import { readdirSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { expect, it, onTestFinished, vi } from 'vitest'
import { directoryWith } from '../cli/process.ts'
import { ask } from '../daemon/http/harness.ts'
import { entraSections, pick, startPeople } from '../daemon/http/sign-in/people.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'
import { documentOf } from '../stack/spec.ts'
import { organizationDocuments } from '../stack/trust-workspace.ts'
import { type Running, startRun, until } from './running.ts'
import { quickSimulator } from './workspace.ts'

vi.setConfig({ testTimeout: 90_000 })

const USES = ['git', 'page', 'metrics', 'hook', 'signature', 'mail', 'sign-in', 'address'] as const
type Use = (typeof USES)[number]

const secretOf = (use: Use) => (use === 'sign-in' ? 'simulator-secret' : `${use}-${CANARY_SECRET}`)
/** As it is, and as it goes over the wire: neither is found anywhere. */
const FORBIDDEN = [
  CANARY_SECRET,
  secretOf('sign-in'),
  Buffer.from(`robot:${secretOf('git')}`).toString('base64'),
  Buffer.from(`\0robot\0${secretOf('mail')}`).toString('base64'),
]

const fileOf = (use: Use) => `secrets/${use}`
const from = (use: Use) => ({ file: fileOf(use) })

/** A mail server that lets nobody in and says so with what it was given. */
async function ungratefulMailServer() {
  const tried: string[] = []
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    onAuth({ password }, _session, done) {
      tried.push(password ?? '')
      done(new Error(`the password ${password} is wrong`))
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (server.server.address() as AddressInfo).port, tried }
}

async function everythingSecret() {
  const [git, crm, mail, entra] = await Promise.all([
    startGitServer(),
    quickSimulator({ mailboxes: 2, queues: 0, mess: ['none'] }),
    ungratefulMailServer(),
    startPeople(() => new Date()),
  ])
  onTestFinished(() => git.close())
  onTestFinished(() => entra.close())
  git.behaviour.authorization = `Basic ${Buffer.from(`robot:${secretOf('git')}`).toString('base64')}`
  git.push({ 'sales.yaml': organizationDocuments('contoso-sales', crm) })
  const { identities, signIn } = entraSections(entra)
  const smtp = { host: '127.0.0.1', port: mail.port, security: 'None', userName: 'robot', password: from('mail') }
  const on = ['InvalidRevision', 'SourceUnreachable', 'Failed']
  const configuration = documentOf('Configuration', undefined, {
    source: { git: { url: git.url, identity: 'forge', pollEvery: '300ms' } },
    policy: 'Enforce',
    network: { caFile: 'ca.pem' },
    loop: { interval: '1s', maximumBackOff: '1s' },
    listener: {
      port: 0,
      token: from('page'),
      metrics: { port: 0, token: from('metrics') },
      webhooks: [{ name: 'forge', type: 'GitHub', secret: from('hook') }],
      requestsPerMinute: 100_000,
      signIn,
    },
    notifications: [
      { name: 'mail', type: 'Smtp', smtp, from: 'mailkeel@contoso.com', to: ['ops@contoso.com'], on },
      // Nobody listens there, and the address itself is a secret.
      { name: 'post', type: 'Webhook', url: from('address'), secret: from('signature'), on },
    ],
    identities: {
      crm: { type: 'None' },
      forge: { type: 'Basic', userName: 'robot', password: from('git') },
      page: { ...identities.page, clientSecret: from('sign-in') },
    },
    organizations: { 'contoso-sales': { url: crm.url, reading: 'crm' } },
  })
  const cwd = directoryWith({
    ...Object.fromEntries(USES.map((use) => [fileOf(use), secretOf(use)])),
    [fileOf('address')]: `http://127.0.0.1:9/${secretOf('address')}`,
    'ca.pem': git.caPem,
    'mailkeel.yaml': configuration,
  })
  return { git, mail, cwd, running: await startRun({ cwd, token: secretOf('page') }) }
}

/** Arguments and environment of a process and of all that it started. */
function seenInProc(pid: number): readonly { readonly pid: number; readonly text: string }[] {
  try {
    const text = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1')).join('\n')
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    )
    return [{ pid, text }, ...children.flatMap(seenInProc)]
  } catch {
    // It ended meanwhile.
    return []
  }
}

/** What is to be seen of the process and its children while git waits for its server. */
async function whileGitRuns(git: GitServer, { pid }: Running) {
  const held: ServerResponse[] = []
  git.behaviour.intercept = (_, response) => held.push(response) > 0
  await until('git asks', () => held.length > 0)
  const seen = seenInProc(pid)
  git.behaviour.intercept = undefined
  for (const response of held) response.destroy()
  return seen
}

const ADDRESSES = [
  '/',
  '/healthz',
  '/sign-in',
  '/api/v1/overview',
  '/api/v1/source',
  '/api/v1/openapi.json',
  '/api/v1/scopes/organization/contoso-sales',
  '/api/v1/scopes/organization/contoso-sales/objects?kind=all',
  '/api/v1/scopes/organization/contoso-sales/history',
]

/** Every answer, as somebody who may see all and as nobody. */
async function answersOf({ origin }: Running): Promise<string> {
  const visitors = [{ authorization: `Bearer ${secretOf('page')}` }, {}]
  const answers = visitors.flatMap((headers) => ADDRESSES.map((path) => ask(origin + path, { headers })))
  return (await Promise.all(answers)).map(({ headers, text }) => JSON.stringify(headers) + text).join('\n')
}

function keptIn(folder: string): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, text: readFileSync(file, 'latin1') }))
}

const leaks = (text: string) => FORBIDDEN.filter((secret) => text.includes(secret))

needs('git')('A22: the secrets of a running process', () => {
  it.runIf(process.platform === 'linux')(
    'are in no output, answer, file, argument or environment, also where each of them is refused',
    async () => {
      const { git, mail, cwd, running } = await everythingSecret()
      await until('everything is in sync', async () => (await running.standing('contoso-sales')).inSyncSince)
      const processes = await whileGitRuns(git, running)
      const whenWell = await answersOf(running)

      git.behaviour.authorization = 'Basic nobody'
      await until(
        'git is refused',
        async () => (await running.overview()).source.failure?.reason.code === 'Unauthorized',
      )
      await until('the mail is refused', () => mail.tried.length > 0)
      const door = { listener: { port: Number(new URL(running.origin).port) }, ask: asking(running) }
      const { back, host } = await pick(door, 'olga@contoso.com')
      const strange = await door.ask(back.pathname + back.search, { headers: { host } })
      const unsigned = await door.ask('/hooks/forge', { method: 'POST', body: '{}' })
      const whenRefused = await answersOf(running)
      await until('failures are logged', () => running.output().includes('"channel":"mail"'))
      running.kill('SIGTERM')
      await running.ended
      const kept = keptIn(join(cwd, '.mailkeel'))

      expect(mail.tried).toContain(secretOf('mail'))
      expect(processes.length).toBeGreaterThan(1)
      expect(processes.filter(({ text }) => leaks(text).length > 0).map(({ pid }) => pid)).toEqual([])
      expect(leaks(whenWell + whenRefused + strange.text + unsigned.text)).toEqual([])
      expect(kept.length).toBeGreaterThan(2)
      expect(kept.filter(({ text }) => leaks(text).length > 0).map(({ file }) => file)).toEqual([])
      expect(leaks(running.output())).toEqual([])
      expect({ strange: strange.status >= 400, unsigned: unsigned.status }).toEqual({ strange: true, unsigned: 401 })
    },
  )
})

function asking({ origin }: Running): (path: string, asked?: Parameters<typeof ask>[1]) => ReturnType<typeof ask> {
  return (path, asked) => ask(origin + path, asked)
}
