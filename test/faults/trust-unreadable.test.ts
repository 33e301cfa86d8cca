// What cannot be read is unknown, and nothing is written for it. While a trust was seen working lately, mail goes on all the same.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EntraFaultRule } from '../../src/simulator/entra/index.ts'
import type { ServerFault } from '../../src/simulator/servers/index.ts'
import type { DesiredState } from '../../src/spec/desired.ts'
import { type PassResults, startTrustStack, TRUST_SCOPE, type TrustStack, told } from '../stack/trust.ts'
import { plainAddresses, rowWith } from '../stack/world.ts'
import { principalOf } from './trust-kill.ts'

const ORGANIZATION_SCOPE = 'organization/contoso-sales'
const HOUR_MS = 3_600_000

let stack: TrustStack
let bringBack: () => Promise<void>
let asItIs: DesiredState
let rotated: DesiredState
let scripts: string[] = []

beforeAll(async () => {
  stack = await startTrustStack({
    beforeScript(server, script) {
      if (script !== undefined) scripts.push(`${script} ${server}`)
      return []
    },
    configuration: (text) => text.replace('"source"', '"network":{"totalTimeout":"30s"},"source"'),
  })
  stack.addCertificate('s2s-2027')
  await stack.configure()
  asItIs = await stack.specWith('s2s-2026')
  rotated = await stack.specWith('s2s-2027')
  await stack.settle(asItIs)
  bringBack = await stack.keep()
}, 60_000)

afterAll(() => stack.close())

afterEach(() => {
  const { entra, servers } = stack.simulator.trust
  entra.faults.clear()
  servers.faults.clear()
  servers.switches = { ...servers.switches, settingsReadable: true }
})

const graph = (rule: EntraFaultRule) => () => void stack.simulator.trust.entra.faults.add({ times: 'always', ...rule })
const server = (fault: ServerFault) => () => void stack.simulator.trust.servers.faults.add(fault)
const ONE = { server: 'crm-async-2.contoso.com' }
const READING = { script: 'read-server' }
const DEPLOYMENT = { script: 'read-deployment' }

/** Faults of the tenant, and of servers. */
const TENANT_FAULTS = [
  {
    reason: 'Graph throttles',
    strike: graph({ kind: 'status', status: 429, retryAfter: 1, match: { operation: 'any' } }),
  },
  { reason: 'Graph is down', strike: graph({ kind: 'status', status: 503 }) },
  { reason: 'Graph answers with a page', strike: graph({ kind: 'html' }) },
  { reason: 'Graph cuts its answers', strike: graph({ kind: 'truncated-body' }) },
  { reason: 'Graph answers nothing', strike: graph({ kind: 'empty-body' }) },
  { reason: 'Graph redirects', strike: graph({ kind: 'redirect' }) },
  { reason: 'tokens are challenged for ever', strike: graph({ kind: 'claims-challenge' }) },
  {
    reason: 'the permission was taken away',
    strike: graph({ kind: 'status', status: 403, code: 'Authorization_RequestDenied' }),
  },
  { reason: 'the sign-in gives an empty token', strike: graph({ kind: 'empty-token' }) },
  { reason: 'the client secret has ended', strike: graph({ kind: 'sign-in-error', number: 7000222 }) },
  {
    reason: 'the sign-in throttles',
    strike: graph({ kind: 'status', status: 429, retryAfter: 1, match: { operation: 'sign-in' } }),
  },
]
const SERVER_FAULTS = [
  { reason: 'a server is down', strike: server({ kind: 'down', ...ONE }) },
  { reason: 'the host key of a server is another one', strike: server({ kind: 'host-key-changed', ...ONE }) },
  { reason: 'a server refuses the sign-in', strike: server({ kind: 'sign-in-refused', ...ONE }) },
  { reason: 'the answer of a server is cut', strike: server({ kind: 'cut', ...ONE, ...READING }) },
  { reason: 'the answer of a server never comes', strike: server({ kind: 'no-document', ...ONE, ...READING }) },
  { reason: 'the frame of an answer is cut', strike: server({ kind: 'truncated-frame', ...ONE, ...READING }) },
  { reason: 'an answer has another token', strike: server({ kind: 'wrong-token', ...ONE, ...READING }) },
  { reason: 'a script fails', strike: server({ kind: 'not-ok', ...ONE, ...READING }) },
]
const DEPLOYMENT_FAULTS = [
  { reason: 'no server tells of the deployment', strike: server({ kind: 'cut', ...DEPLOYMENT }) },
  { reason: 'the script of the deployment fails', strike: server({ kind: 'not-ok', ...DEPLOYMENT }) },
]

const NOISE = ['noise', 'two-documents', 'oem-bytes', 'error-stream', 'bad-exit-code'] as const

/** Remote writes of one pass. */
async function writesOf(pass: () => Promise<PassResults>) {
  scripts = []
  const before = stack.simulator.trust.entra.requests().length
  const results = await pass()
  const graphWrites = stack.simulator.trust.entra
    .requests()
    .slice(before)
    .filter(
      ({ operation, method }) =>
        operation !== 'sign-in' && (method === 'PATCH' || (method === 'POST' && operation !== 'graph')),
    )
    .map(({ method, path }) => `${method} ${path}`)
  const said = [...results.values()].map(told).join('\n')
  return { results, said, writes: [...graphWrites, ...scripts.filter((script) => !script.startsWith('read-'))] }
}

/** A mailbox of the spec that was stopped by hand, so that there is something to start. */
function stopOne() {
  const { world } = stack.simulator
  const [address = ''] = plainAddresses(world, 'systemuser')
  const [id] = rowWith(world, 'mailbox', 'emailaddress', address)
  world.update(world.callers.admin, 'mailbox', id, { incomingemaildeliverymethod: 0 })
}

function mailboxWork(results: PassResults) {
  const { outcomes = [], plan } = results.get(ORGANIZATION_SCOPE) ?? { plan: { exceptions: [] } }
  return {
    done: outcomes.filter(({ stage }) => stage === 'mailbox').map(({ result }) => result),
    held: plan.exceptions.filter(({ stage }) => stage === 'mailbox').map(({ state }) => state),
  }
}

describe.each([...TENANT_FAULTS, ...SERVER_FAULTS, ...DEPLOYMENT_FAULTS])('where $reason', ({ strike }) => {
  it('the trust is unknown, nothing of it is written, and mail goes on for as long as the proof is young', async () => {
    await bringBack()
    strike()
    stopOne()

    const { results, said, writes } = await writesOf(() => stack.pass(asItIs))

    expect(results.get(TRUST_SCOPE)?.views?.get('contoso-sales')?.state, said).toBe('Unknown')
    expect(writes, said).toEqual([])
    expect(mailboxWork(results), said).toEqual({ done: ['Applied'], held: [] })
  })
})

describe.each([TENANT_FAULTS[1], SERVER_FAULTS[0], DEPLOYMENT_FAULTS[0]].flatMap((one) => one ?? []))(
  'where $reason',
  ({ strike }) => {
    it.each([
      { reason: 'the proof is old', age: () => stack.simulator.advance(25 * HOUR_MS) },
      { reason: 'nothing was ever proven', age: () => stack.loseState('memory') },
    ])('and $reason, no mailbox is started', async ({ age }) => {
      await bringBack()
      await stack.settle(asItIs)
      await age()
      strike()
      stopOne()

      const { results, said, writes } = await writesOf(() => stack.pass(asItIs))

      expect(writes, said).toEqual([])
      expect(mailboxWork(results), said).toEqual({ done: [], held: ['Blocked'] })
      stack.simulator.trust.entra.faults.clear()
      stack.simulator.trust.servers.faults.clear()
      await stack.settle(asItIs)
    })
  },
)

describe.each(NOISE)('what a server prints beside its answer (%s)', (kind) => {
  it('says nothing of the trust', async () => {
    await bringBack()
    server({ kind, ...ONE })()

    const { results, said, writes } = await writesOf(() => stack.pass(asItIs))

    expect(results.get(TRUST_SCOPE)?.views?.get('contoso-sales')?.state, said).toBe('Working')
    expect(writes, said).toEqual([])
  })
})

describe('a rotation', () => {
  it.each(TENANT_FAULTS.filter((_, index) => index % 3 === 1))('is not switched where $reason', async ({ strike }) => {
    await bringBack()
    strike()

    const { said, writes } = await writesOf(() => stack.pass(rotated))

    expect(
      writes.filter((write) => !write.startsWith('ensure-certificate')),
      said,
    ).toEqual([])
  })

  it.each(SERVER_FAULTS.filter((_, index) => index % 3 === 0))(
    'is not switched where $reason, and nothing is written there',
    async ({ strike }) => {
      await bringBack()
      strike()

      const { said, writes } = await writesOf(() => stack.pass(rotated))

      expect(
        writes.filter((write) => write.includes('crm-async-2')),
        said,
      ).toEqual([])
      expect(
        writes.filter((write) => /^(switch-certificate|set-marker|restart-services)/.test(write)),
        said,
      ).toEqual([])
    },
  )

  it.each(['stale-read', 'lying-write'] as const)(
    'is not switched before the new key can be seen (%s)',
    async (kind) => {
      await bringBack()
      graph({ kind, match: { operation: 'any' } })()

      const { said, writes } = await writesOf(() => stack.pass(rotated))

      expect(
        writes.filter((write) => /^(switch-certificate|set-marker|restart-services)/.test(write)),
        said,
      ).toEqual([])
      stack.simulator.trust.entra.faults.clear()
      await stack.settle(rotated)
      const next = stack.certificates.get('s2s-2027')?.der
      expect(principalOf(stack).keys.map(({ key }) => key)).toEqual([next])
    },
  )
})

describe('settings that cannot be read', () => {
  it('are unknown and not written, wrong as they may be', async () => {
    await bringBack()
    const { servers, deployment } = stack.simulator.trust
    servers.switches = { ...servers.switches, settingsReadable: false }
    deployment.settings.metadataUrl = 'https://login.microsoftonline.us/metadata/json/1'

    const { writes, said } = await writesOf(() => stack.pass(asItIs))

    expect(writes, said).toEqual([])
  })
})
