// Two processes share the scopes by leases, and the same scope is never written by both: not when one is stopped for a while, not when one
// dies. Who wrote what is heard on the way to CRM, on which each process has a listener of its own.
import { createServer, request as requestTo } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, it, onTestFinished, vi } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import type { HttpRequest } from '../../src/network/http.ts'
import type { RunningSimulator } from '../../src/simulator/index.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { kubeconfigTo, startApiServer } from '../daemon/leases/api-server.ts'
import { writesOfRequest } from '../stack/sent.ts'
import { documentOf } from '../stack/spec.ts'
import { organizationDocuments } from '../stack/trust-workspace.ts'
import { plainAddresses } from '../stack/world.ts'
import { type Running, startRun, until } from './running.ts'
import { quickSimulator } from './workspace.ts'

// Processes start slowly on a machine that has other work, and here leases have to run out too.
vi.setConfig({ testTimeout: 120_000 })

const SALES = 'organization/contoso-sales'
const TEST = 'organization/contoso-test'

/** A way to CRM that hears what is written. */
interface Way {
  readonly origin: string
  /** Requests that write to an organization, as they came. */
  writesTo(scope: string): number
}

/** Starts one. Links in answers lead over it too, because the host that was asked for is passed on. */
async function wayTo(organizations: ReadonlyMap<string, RunningSimulator>): Promise<Way> {
  const writes: string[] = []
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request
    const method = (request.method ?? 'GET') as HttpRequest['method']
    const body = await buffer(request)
    const [, name = ''] = url.split('/')
    // A batch of reads is a POST too.
    if (writesOfRequest({ method, url: `http://crm${url}`, body }).length > 0) writes.push(`organization/${name}`)
    const port = organizations.get(name)?.port
    const onward = requestTo({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writesTo: (scope) => writes.filter((one) => one === scope).length,
  }
}

/** One process and its way. */
interface Replica {
  readonly way: Way
  readonly running: Running
}

interface Cluster {
  readonly sales: RunningSimulator
  replica(name: string): Promise<Replica>
  /** Which replica holds what. */
  holders(): Readonly<Record<string, string>>
}

async function cluster(): Promise<Cluster> {
  const quiet = { queues: 0, mess: ['none'] }
  const [sales, test, api] = await Promise.all([
    quickSimulator({ ...quiet, mailboxes: 300 }),
    quickSimulator({ ...quiet, mailboxes: 3, organizationName: 'contoso-test' }),
    startApiServer(),
  ])
  onTestFinished(() => api.close())
  const organizations = new Map([
    ['contoso-sales', sales],
    ['contoso-test', test],
  ])
  return {
    sales,
    holders: () =>
      Object.fromEntries(Object.entries(api.holders()).map(([scope, holder]) => [scope, holder.split('_')[0] ?? ''])),
    async replica(name) {
      const way = await wayTo(organizations)
      const cwd = directoryWith({
        kubeconfig: kubeconfigTo(api.url),
        'spec/sales/sales.yaml': organizationDocuments('contoso-sales', sales),
        'spec/test/test.yaml': organizationDocuments('contoso-test', test, { calendars: false }),
        'mailkeel.yaml': configurationOf(name, way),
      })
      return { way, running: await startRun({ cwd, env: { KUBECONFIG: `${cwd}/kubeconfig` } }) }
    },
  }
}

function configurationOf(name: string, { origin }: Way): string {
  return documentOf('Configuration', undefined, {
    source: { directory: 'spec' },
    policy: 'Enforce',
    leases: { type: 'Kubernetes', namespace: 'mail', duration: '3s', identity: name },
    // One request after the other, so that whoever is stopped has more to send when it wakes.
    network: { maximumConcurrency: 1 },
    tests: { maximumInFlight: 1000 },
    loop: { interval: '300ms', jitterPercent: 0, settleEvery: '200ms' },
    guards: { change: { maximumPercent: 100 }, 'old-mail': { maximum: 1000 } },
    fights: { reversals: 100 },
    listener: { port: 0, requestsPerMinute: 100_000 },
    identities: { crm: { type: 'None' } },
    organizations: {
      'contoso-sales': { url: `${origin}/contoso-sales`, reading: 'crm' },
      'contoso-test': { url: `${origin}/contoso-test`, reading: 'crm' },
    },
  })
}

/** Somebody stops the mail of everybody; returns whether all get it again. */
function stopMail(crm: RunningSimulator): () => boolean {
  crm.drift('method', 1000)
  const managed = plainAddresses(crm.world, 'systemuser')
  return () => managed.every((address) => crm.mailboxes(address)[0]?.mailbox['incomingemaildeliverymethod'] === 2)
}

it('scopes are spread; whoever was stopped writes nothing of what another took over, and whoever dies is replaced', async () => {
  const { sales, replica, holders } = await cluster()
  const replicas = { blue: await replica('blue'), green: await replica('green') }
  const nameOf = await until('each holds one', () => {
    const { [SALES]: ofSales, [TEST]: ofTest } = holders()
    return ofSales !== undefined && ofTest !== undefined && ofSales !== ofTest && { ofSales, ofTest }
  })
  const [stopped, other] = nameOf.ofSales === 'blue' ? [replicas.blue, replicas.green] : [replicas.green, replicas.blue]
  await until('the first is in sync', async () => (await stopped.running.standing('contoso-sales')).inSyncSince)
  await until('the other knows whose it is', async () => {
    const { phase, holder } = await other.running.standing('contoso-sales')
    return phase === 'Elsewhere' && holder === nameOf.ofSales
  })

  sales.pace.operationCostMs = 5
  const begun = stopped.way.writesTo(SALES)
  const isBack = stopMail(sales)
  await until('it writes', () => stopped.way.writesTo(SALES) > begun)
  stopped.running.kill('SIGSTOP')
  const wasDone = isBack()
  await until('the other took over', () => other.way.writesTo(SALES) > 0)
  const written = stopped.way.writesTo(SALES)
  sales.pace.operationCostMs = 0
  await until('the other finished it', isBack)
  stopped.running.kill('SIGCONT')
  await until('it knows whose it is now', async () => {
    const { phase, holder } = await stopped.running.standing('contoso-sales')
    return phase === 'Elsewhere' && holder === nameOf.ofTest
  })
  await until('the other corrects what comes next', stopMail(sales))

  expect(wasDone).toBe(false)
  expect(stopped.way.writesTo(SALES)).toBe(written)

  other.running.kill('SIGKILL')
  await until('the survivor holds both', () => {
    const all = holders()
    return all[SALES] === nameOf.ofSales && all[TEST] === nameOf.ofSales
  })
  await until('the survivor corrects', stopMail(sales))

  expect(stopped.way.writesTo(SALES)).toBeGreaterThan(written)
})

it('where leases are a lock on the state directory a second process is refused with words', async () => {
  const crm = await quickSimulator({ mailboxes: 2, queues: 0, mess: ['none'] })
  const cwd = directoryWith({
    'spec/sales.yaml': organizationDocuments('contoso-sales', crm),
    'mailkeel.yaml': documentOf('Configuration', undefined, {
      source: { directory: 'spec' },
      listener: { port: 0 },
      identities: { crm: { type: 'None' } },
      organizations: { 'contoso-sales': { url: crm.url, reading: 'crm' } },
    }),
  })
  const first = await startRun({ cwd })

  const second = await mailkeel(['run'], { cwd })
  first.kill('SIGKILL')
  await first.ended
  const third = await startRun({ cwd })

  expect(second).toMatchObject({ code: EXIT.error, stdout: '' })
  expect(second.stderr).toContain('.mailkeel')
  expect(second.stderr).toContain(String(first.pid))
  expect(third.logged('mailkeel runs')).toHaveLength(1)
})
