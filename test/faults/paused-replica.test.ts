// B17 with real processes and a real pause: a replica is stopped (SIGSTOP) in the middle of its writes for longer than its lease lasts,
// another one takes over, and the first is woken. What the simulated organization then still hears of the first one is nothing.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { directoryWith, simulator } from '../cli/process.ts'
import { kubeconfigTo, startApiServer } from '../daemon/leases/api-server.ts'

const WRITER = fileURLToPath(new URL('../daemon/leases/writer.mjs', import.meta.url))
const SOON = { timeout: 40_000, interval: 25 }

/** A running writer and what it said so far. */
function writerOf(folder: string, mailbox: string) {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [WRITER, `${folder}/mailkeel.yaml`, mailbox], {
    env: { PATH, HOME, KUBECONFIG: `${folder}/kubeconfig` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trimEnd().split('\n')))
  return { child, lines, count: (start: string) => lines.filter((line) => line.startsWith(start)).length }
}

async function stage() {
  const crm = await simulator({ mailboxes: 4, queues: 0, clock: { speed: 1, realTimeMs: () => performance.now() } })
  const api = await startApiServer()
  onTestFinished(() => api.close())
  const folder = directoryWith({
    kubeconfig: kubeconfigTo(api.url),
    'mailkeel.yaml': `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  policy: Enforce
  identities: { crm: { type: None } }
  organizations: { contoso-sales: { url: '${crm.url}', reading: crm } }
  leases: { type: Kubernetes, namespace: mail, duration: 3s }
`,
  })
  const [first = '', second = ''] = [...crm.world.rows('mailbox').keys()]
  const writesTo = (id: string) =>
    crm.log().filter(({ method, path }) => method === 'PATCH' && path.toLowerCase().includes(id)).length
  return { folder, api, first, second, writesTo }
}

test('B17: a replica that was stopped while another took over writes nothing when it wakes', async () => {
  const { folder, api, first, second, writesTo } = await stage()
  const stopped = writerOf(folder, first)
  await vi.waitFor(() => expect(stopped.count('done')).toBeGreaterThan(3), SOON)
  const other = writerOf(folder, second)

  stopped.child.kill('SIGSTOP')
  await vi.waitFor(() => expect(other.count('done')).toBeGreaterThan(3), SOON)
  const writtenBefore = writesTo(first)
  stopped.child.kill('SIGCONT')
  await vi.waitFor(() => expect(stopped.lines).toContain('ended'), SOON)

  expect(writtenBefore).toBeGreaterThan(3)
  expect(writesTo(first)).toBe(writtenBefore)
  expect(stopped.count('failed Cancelled')).toBe(5)
  expect(stopped.lines.join()).toContain('the lease of organization/contoso-sales is over')
  expect(stopped.count('unknown')).toBe(0)
  const [, holder] = Object.entries(api.holders())[0] ?? []
  const written = writesTo(second)
  expect(holder).toBeDefined()
  await vi.waitFor(() => expect(writesTo(second)).toBeGreaterThan(written), SOON)
}, 150_000)
