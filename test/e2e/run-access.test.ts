// The table of who may ask what, walked against a real process: nothing that it answers is missing in the table, and nothing is answered
// to anybody who may not have it.
import { expect, it, onTestFinished, vi } from 'vitest'
import { pageRoutes } from '../../src/daemon/http/page-routes.ts'
import type { Access } from '../../src/daemon/http/route.ts'
import { directoryWith } from '../cli/process.ts'
import { ACCESS_RULES } from '../daemon/http/access-rules.ts'
import { type Asked, ask } from '../daemon/http/harness.ts'
import { entraSections, roleSession, startPeople } from '../daemon/http/sign-in/people.ts'
import { documentOf } from '../stack/spec.ts'
import { organizationDocuments } from '../stack/trust-workspace.ts'
import { startRun } from './running.ts'
import { quickSimulator } from './workspace.ts'

vi.setConfig({ testTimeout: 60_000 })

const TOKEN = 'token-of-the-readers-of-this-process'
const EVENTS = '/api/v1/events'

interface Address {
  readonly key: string
  readonly method: string
  readonly path: string
  readonly access: Access
}

/** The table, and the files of the page as they were built. */
function everyAddress(): readonly Address[] {
  const files = pageRoutes().map(({ url }) => [`GET ${url}`, 'Overview'] as const)
  const rules = Object.entries(ACCESS_RULES).map(([key, { access }]) => [key, access] as const)
  return [...new Map([...rules, ...files])].map(([key, access]) => {
    const [method = '', url = ''] = key.split(' ')
    return { key, method, path: url.replace(/:name\b/, 'forge').replace(/:\w+/g, 'x'), access }
  })
}

async function guardedProcess() {
  const [crm, entra] = await Promise.all([
    quickSimulator({ mailboxes: 2, queues: 0, mess: ['none'] }),
    startPeople(() => new Date()),
  ])
  onTestFinished(() => entra.close())
  const { identities, signIn } = entraSections(entra)
  const webhooks = [{ name: 'forge', type: 'GitHub', secret: { env: 'TOKEN' } }]
  const cwd = directoryWith({
    'spec/sales.yaml': organizationDocuments('contoso-sales', crm),
    'mailkeel.yaml': documentOf('Configuration', undefined, {
      source: { directory: 'spec' },
      listener: { port: 0, token: { env: 'TOKEN' }, signIn, webhooks, requestsPerMinute: 100_000 },
      identities: { ...identities, crm: { type: 'None' } },
      organizations: { 'contoso-sales': { url: crm.url, reading: 'crm' } },
    }),
  })
  const running = await startRun({ cwd, env: { TOKEN, APP_SECRET: 'simulator-secret' }, token: TOKEN })
  const asking = (path: string, asked?: Asked) => ask(running.origin + path, asked)
  return { running, ask: asking, listener: { port: Number(new URL(running.origin).port) } }
}

it('every address answers those who may have it, and nobody else', async () => {
  const place = await guardedProcess()
  const visitors: readonly { name: string; headers: Asked['headers']; may: readonly Access[] }[] = [
    { name: 'nobody', headers: {}, may: ['Public'] },
    { name: 'a wrong token', headers: { authorization: `Bearer ${TOKEN}x` }, may: ['Public'] },
    {
      name: 'Overview',
      headers: { cookie: await roleSession(place, 'olga@contoso.com') },
      may: ['Public', 'Overview'],
    },
    {
      name: 'Reader',
      headers: { cookie: await roleSession(place, 'rita@contoso.com') },
      may: ['Public', 'Overview', 'Reader'],
    },
    { name: 'the token', headers: { authorization: `Bearer ${TOKEN}` }, may: ['Public', 'Overview', 'Reader'] },
  ]
  const wrongs: string[] = []

  for (const { name, headers, may } of visitors) {
    for (const { key, method, path, access } of everyAddress()) {
      const isAllowed = may.includes(access)
      // What streams never ends, and what is posted wants a body: that they are open is told by other tests.
      if (isAllowed && (path === EVENTS || method === 'POST')) continue
      const { status } = await place.ask(path, { method, headers: { accept: 'application/json', ...headers } })
      if ([401, 403].includes(status) === isAllowed) wrongs.push(`${name}: ${key} answers ${status}`)
    }
  }
  for (const foreign of [{ host: 'evil.example' }, { origin: 'https://evil.example' }]) {
    for (const { key, method, path, access } of everyAddress()) {
      const headers = { authorization: `Bearer ${TOKEN}`, ...foreign }
      const { status } = await place.ask(path, { method, headers })
      // A sender has to prove itself by what it signs, wherever it comes from.
      const isRefused = [403, 421].includes(status) || (access === 'Webhook' && status === 401)
      if (!isRefused) wrongs.push(`${JSON.stringify(foreign)}: ${key} answers ${status}`)
    }
  }

  expect(wrongs).toEqual([])
})

it('the API describes no address that is not in the table, and the page is in it', async () => {
  const { running } = await guardedProcess()

  const { paths } = await running.ask<{ readonly paths: Readonly<Record<string, object>> }>('/api/v1/openapi.json')
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )

  expect(described.length).toBeGreaterThan(5)
  expect(described.filter((key) => !(key in ACCESS_RULES))).toEqual([])
  expect(everyAddress().some(({ path }) => path.endsWith('.js'))).toBe(true)
})
