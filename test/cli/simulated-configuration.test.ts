import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { welcome } from '../../src/cli/simulated-configuration.ts'
import { startSimulator } from '../../src/simulator/index.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { loadFiles } from '../stack/spec.ts'
import { filesIn } from './simulated-files.ts'

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
      const { configuration, spec } = filesIn(text)
      const path = join(folder, 'mailkeel.yaml')
      await writeFile(path, configuration)

      const loaded = await loadConfiguration(path)
      const { ok } = await loadFiles({ 'spec.yaml': spec })

      expect(loaded.ok ? [] : loaded.problems).toEqual([])
      expect(ok).toBe(true)
      expect(spec.match(/kind: (Tenant|Deployment)/g) ?? []).toHaveLength(2 * trusts)
      if (trust !== undefined) expect(spec).toContain(trust.certificate.sha256)
    } finally {
      await simulator.close()
      await rm(folder, { recursive: true })
    }
  })
})
