import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CERTIFICATE_FILE, welcome } from '../../src/cli/simulated-configuration.ts'
import { startSimulator } from '../../src/simulator/index.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { directorySource } from '../../src/spec/directory-source.ts'
import { loadSpec } from '../../src/spec/load.ts'

/** The two files a person is told to save, and where the second one goes. */
function filesIn(text: string): { readonly configuration: string; readonly spec: string; readonly specPath: string } {
  const [, configuration = '', specPath = '', rest = ''] =
    /mailkeel\.yaml:\n\n([\s\S]*?)\n\nand this as (\S+)([\s\S]*)/.exec(text) ?? []
  const spec = rest.split('\n').filter((line) => line.startsWith('  '))
  return {
    configuration: configuration.replaceAll(/^ {2}/gm, ''),
    spec: spec.map((line) => line.slice(2)).join('\n'),
    specPath,
  }
}

describe('what simulate prints', () => {
  it.each([
    { reason: 'an organization alone', options: {}, trusts: 0 },
    { reason: 'with a tenant and servers', options: { trust: true }, trusts: 1 },
  ] as const)('is a configuration and a spec that hold: $reason', async ({ options, trusts }) => {
    const simulator = await startSimulator({ mailboxes: 3, queues: 0, ...options })
    const folder = await mkdtemp(join(tmpdir(), 'simulated-'))
    try {
      const { url, trust } = simulator
      const common = {
        url,
        organization: 'contoso-sales',
        signIn: 'none',
        beside: [],
        addresses: ['a@contoso.com'],
      } as const
      const text = welcome(trust === undefined ? common : { ...common, trust })
      const { configuration, spec, specPath } = filesIn(text)
      const path = join(folder, 'mailkeel.yaml')
      await writeFile(path, configuration)
      await mkdir(dirname(join(folder, specPath)), { recursive: true })
      await writeFile(join(folder, specPath), spec)
      if (trust !== undefined) await writeFile(join(folder, CERTIFICATE_FILE), trust.certificate.pfx)

      const loaded = await loadConfiguration(path)
      const [, source = ''] = /source: \{ directory: (\S+) \}/.exec(configuration) ?? []
      const read = await loadSpec(directorySource(resolve(folder, source)))

      expect(loaded.ok ? [] : loaded.problems).toEqual([])
      expect(read.ok ? [] : read.problems).toEqual([])
      expect(spec.match(/kind: (Tenant|Deployment)/g) ?? []).toHaveLength(2 * trusts)
      if (trust !== undefined) expect(spec).toContain(trust.certificate.sha256)
    } finally {
      await simulator.close()
      await rm(folder, { recursive: true })
    }
  })
})
