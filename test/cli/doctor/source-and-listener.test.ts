import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { needs } from '../../setup/needs.ts'
import { startGitServer } from '../../stack/git-server.ts'
import { directoryWith, mailkeel } from '../process.ts'

const ORGANIZATION =
  'apiVersion: mailkeel/v1\nkind: Organization\nmetadata: { name: one }\nspec: { uniqueName: one, environment: Production }\n'

needs('git')('the doctor, of a spec in git', () => {
  it('finds a repository good that can be fetched, and says whether signatures are looked at', async () => {
    const { server, findings } = await served()
    const commit = server.push({ 'one.yaml': ORGANIZATION })

    const [found, ...others] = await findings('source')

    expect(found).toMatchObject({ verdict: 'Good', evidence: expect.stringContaining(commit.slice(0, 7)) })
    expect(found?.evidence).toContain('signatures are not looked at')
    expect(others).toEqual([])
  })

  it.each([
    {
      reason: 'the credential does not work',
      break: ({ server }: Served) => {
        server.behaviour.authorization = 'Basic somebody'
      },
      verdict: 'Broken',
      code: 'Unauthorized',
    },
    {
      reason: 'the branch is not there',
      source: 'branch: other',
      verdict: 'Broken',
      code: 'ReferenceMissing',
    },
    {
      reason: 'the newest commit is not signed',
      source: 'verify: { allowedSignersFile: signers }',
      verdict: 'Broken',
      code: 'NotSigned',
    },
  ])('says what to do where $reason, and asks nothing else', async ({ source = '', verdict, code, ...row }) => {
    const patient = await served(source)
    patient.server.push({ 'one.yaml': ORGANIZATION })
    row.break?.(patient)

    const all = await patient.findings()

    expect(all).toHaveLength(1)
    expect(all[0]).toMatchObject({ subject: 'source', verdict, code })
    expect(all[0]?.remedy?.words).toMatch(/^[A-Z].*\.$/)
  })
})

describe('the doctor, of the listeners', () => {
  it('finds a port good that is free', async () => {
    const findings = await listenerFindings('listener: { port: 0, metrics: { port: 0 } }')

    expect(findings.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['page and API', 'Good'],
      ['metrics', 'Good'],
    ])
  })

  it('finds good that mailkeel runs there already, and bad that it is not well', async () => {
    const well = await listening(JSON.stringify({ ok: true, reasons: [] }))
    const ill = await listening(JSON.stringify({ ok: false, reasons: ['a loop is stuck'] }))

    const [one] = await listenerFindings(`listener: { port: ${well} }`)
    const [other] = await listenerFindings(`listener: { port: ${ill} }`)

    expect(one).toMatchObject({ verdict: 'Good', evidence: 'mailkeel runs there already, and is well' })
    expect(other).toMatchObject({ verdict: 'Broken', code: 'NotHealthy' })
    expect(other?.evidence).toContain('a loop is stuck')
  })

  it('says that another program has the port, and what is missing for what it names', async () => {
    const port = await listening('<html>')

    const [taken] = await listenerFindings(`listener: { port: ${port} }`)
    const [tokenless] = await listenerFindings('listener: { port: 0, token: { env: NOWHERE } }')

    expect(taken).toMatchObject({ verdict: 'Broken', evidence: expect.stringContaining('another program listens') })
    expect(tokenless?.verdict).not.toBe('Good')
    expect(tokenless?.evidence).toContain('NOWHERE')
  })
})

interface Told {
  readonly subject: string
  readonly check: string
  readonly verdict: string
  readonly code: string
  readonly evidence: string
  readonly remedy?: { readonly words: string }
}

type Served = Awaited<ReturnType<typeof served>>

async function served(more = '') {
  const server = await startGitServer()
  onTestFinished(() => server.close())
  const cwd = directoryWith({
    signers: '',
    'mailkeel.yaml': configuration(`git: { url: '${server.url}', ${more} }`, `network: { caFile: '${server.caFile}' }`),
  })
  return { server, findings: (subject?: string) => findingsIn(cwd, subject) }
}

function listenerFindings(listener: string): Promise<readonly Told[]> {
  const files = { 'one.yaml': ORGANIZATION, 'mailkeel.yaml': configuration('directory: .', listener) }
  return findingsIn(directoryWith(files), 'listener')
}

function configuration(source: string, more: string): string {
  return `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { ${source} }
  policy: Observe
  identities: {}
  organizations: {}
  ${more}
`
}

async function findingsIn(cwd: string, subject?: string): Promise<readonly Told[]> {
  const { stdout, stderr } = await mailkeel(['doctor', '--output', 'json'], { cwd })
  expect(stderr).toBe('')
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Told[] }
  return findings.filter((one) => subject === undefined || one.subject === subject)
}

/** Somebody else who answers every request in this way; tells the port. */
async function listening(body: string): Promise<number> {
  const server = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
