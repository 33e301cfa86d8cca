import { describe, expect, it } from 'vitest'
import { demoFiles } from '../../src/cli/demo/spec-files.ts'
import { configurationFile, secretFiles, trustFile } from '../../src/cli/demo/trust-files.ts'
import { compile } from '../../src/spec/compile/compile.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { directorySource } from '../../src/spec/directory-source.ts'
import { loadSpec } from '../../src/spec/load.ts'
import { directoryWith } from './process.ts'

const PLACES = {
  url: 'http://127.0.0.1:8080/contoso-sales',
  trust: {
    tenant: { tenantId: '5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11' },
    entra: { loginUrl: 'http://127.0.0.1:8081', graphUrl: 'http://127.0.0.1:8081/graph' },
    servers: {
      servers: [{ name: 'crm', host: '127.0.0.1', port: 8082, hostKeySha256: `SHA256:${'A'.repeat(43)}` }],
      userName: 'CONTOSO\\svc-mailkeel',
      password: 'simulator',
      privateKey: 'a key',
    },
    applications: {
      reading: { clientId: '6d61696c-0000-4000-8000-000000000001', secret: 'reading secret' },
      writing: { clientId: '6d61696c-0000-4000-8000-000000000002', secret: 'writing secret' },
    },
  },
}

describe('the spec of the demo', () => {
  const members = [
    ...Array.from({ length: 25 }, (_, index) => ({ address: `user${index}@contoso.com`, type: 'User' as const })),
    { address: 'support@contoso.com', type: 'Queue' as const },
    { address: "o'hara@contoso.com", type: 'User' as const },
  ]
  const files = new Map([
    ...demoFiles({ members, newcomer: 'new@contoso.com' }),
    ['mailkeel.yaml', configurationFile(PLACES, ['s2s-2026', 's2s-2027'])],
    ['spec/trust.yaml', trustFile(PLACES.trust.tenant.tenantId, { name: 's2s-2026', sha256: '9f'.repeat(32) })],
  ])

  it('is valid and wants every member once, and the newcomer', async () => {
    const root = directoryWith(files)

    const loaded = await loadSpec(directorySource(`${root}/spec`))

    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const { mailboxes } = compile(loaded.spec).organizations.get('contoso-sales') ?? { mailboxes: new Map() }
    expect([...mailboxes.keys()].sort()).toEqual([...members.map(({ address }) => address), 'new@contoso.com'].sort())
    expect(mailboxes.get('support@contoso.com')).toMatchObject({ type: 'Queue', appointmentsContactsTasks: 'None' })
  })

  it('has a configuration that is valid', async () => {
    const root = directoryWith(files)

    const loaded = await loadConfiguration(`${root}/mailkeel.yaml`)

    expect(loaded).toMatchObject({ ok: true })
  })

  it('has no secret in a file that is not one', () => {
    const secrets = [...secretFiles(PLACES).values()]

    const text = [...files.values()].join('\n')

    expect(secrets).toHaveLength(5)
    expect(secrets.filter((secret) => secret !== 'simulator' && text.includes(secret))).toEqual([])
  })
})
