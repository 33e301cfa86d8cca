import { access, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CANARY, type Clinic, startClinic } from './clinic.ts'

interface Report {
  readonly version: string
  readonly subjects: readonly {
    readonly subject: string
    readonly answers: readonly { readonly question: string; readonly answer?: string; readonly failure?: string }[]
  }[]
  readonly notAsked: readonly { readonly question: string; readonly why: string }[]
}

let clinic: Clinic

beforeAll(async () => {
  clinic = await startClinic({
    switches: {
      entra: { keyInBatch: true, keyBesideOthers: false },
      servers: { ids: 'braces', unsetSetting: 'null' },
    },
  })
  const { settings } = clinic.simulator.trust.deployment
  settings.metadataUrl = null
})
afterAll(() => clinic.close())

async function asked(...words: readonly string[]): Promise<{ code: number | null; report: Report; text: string }> {
  const { code, stdout, stderr } = await clinic.doctor('--probe', '--output', 'json', ...words)
  const { probe } = JSON.parse(stdout) as { probe: Report }
  return { code, report: probe, text: stdout + stderr }
}

function answer({ subjects }: Report, question: string): string | undefined {
  const all = subjects.flatMap(({ answers }) => answers)
  return all.find((one) => one.question === question)?.answer
}

describe('doctor --probe', () => {
  it('answers every question it asks, as the systems really are', async () => {
    const { code, report } = await asked()

    expect(code).toBe(0)
    expect(report.subjects.map(({ subject }) => subject)).toEqual(['organization 1', 'tenant 1', 'deployment 1'])
    expect(answer(report, 'does a GET inside $batch give the bytes of keys')).toBe(
      'alone 1 of 1 with bytes; inside 1 of 1 with bytes',
    )
    expect(answer(report, 'does a GET of other properties beside give the bytes of keys')).toBe('0 of 1 with bytes')
    expect(answer(report, 'what form have ids of the cmdlets')).toMatch(/^\d in braces/)
    expect(answer(report, 'what does an unset setting come back as')).toContain(
      'S2SDefaultAuthorizationServerMetadataUrl: a pair with null',
    )
    expect(answer(report, 'is WhoAmI understood without parentheses')).toBe('status 404')
  })

  it('only reads, and says what no read tells', async () => {
    const { report } = await asked()

    const { simulator } = clinic
    expect(simulator.requests().writes).toBe(0)
    expect(simulator.trust.entra.requests().filter(({ method }) => method === 'PATCH')).toEqual([])
    expect(simulator.trust.servers.log().every(({ script = '' }) => script.startsWith('read-'))).toBe(true)
    expect(report.notAsked.length).toBeGreaterThan(10)
    expect(report.notAsked.map(({ question }) => question)).toContain(
      'is a property that Graph does not know answered with 204',
    )
  })

  it('names nobody: no host, organization, tenant, account, address, id, certificate or secret', async () => {
    const text = (await clinic.doctor('--probe')).stdout + (await asked()).text

    const { tenant, certificate, deployment } = clinic.simulator.trust
    const names = [
      '127.0.0.1',
      'contoso',
      tenant.tenantId,
      clinic.simulator.world.organizationId,
      'svc-mailkeel',
      'crm-farm',
      certificate.sha256,
      ...deployment.servers.map(({ host }) => host),
      CANARY,
      'simulator-',
    ]
    for (const name of names) expect(text.toLowerCase(), name).not.toContain(name.toLowerCase())
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/i)
    expect(text).not.toMatch(/@[a-z]/i)
  })

  it('saves what it showed, for the owner alone, and replaces nothing', async () => {
    const { code, stdout } = await clinic.doctor('--probe', '--out', 'probe.json')

    const path = join(clinic.folder, 'probe.json')
    const saved = JSON.parse(await readFile(path, 'utf8')) as Report
    expect(code).toBe(0)
    expect(saved.version).toBe('mailkeel.probe/v1')
    expect((await stat(path)).mode & 0o077).toBe(0)
    expect(stdout).toContain('does a GET inside $batch give the bytes of keys')
    expect(await readFile(`${path}.txt`, 'utf8')).toContain('organization 1')
    expect((await clinic.doctor('--probe', '--out', 'probe.json')).code).toBe(64)
  })

  it('a person who says no has nothing saved', async () => {
    const { code, stderr } = await clinic.answering('n', '--probe', '--out', 'no.json')

    expect(code).toBe(0)
    expect(stderr).toContain('nothing was saved')
    await expect(access(join(clinic.folder, 'no.json'))).rejects.toThrow('ENOENT')
  })

  it('what cannot be reached leaves its questions open, and the others answered', async () => {
    clinic.simulator.trust.servers.faults.add({ kind: 'down' })

    const { code, report } = await asked()

    clinic.simulator.trust.servers.faults.clear()
    const failures = report.subjects[2]?.answers.flatMap(({ failure = [] }) => failure) ?? []
    expect(new Set(failures)).toEqual(new Set(['Unreachable']))
    expect(failures.length).toBeGreaterThan(5)
    expect(report.subjects[1]?.answers.every(({ failure }) => failure === undefined)).toBe(true)
    expect(code).toBe(5)
  })
})
