import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/spec/compile/compile.ts'
import type { DesiredMailbox } from '../../src/spec/desired.ts'
import { organization, profile, set, specOf } from './memory-source.ts'

const SETTINGS = `apiVersion: mailkeel/v1
kind: EmailSettings
spec:
  defaultProfile: exchange-online
  incoming: ServerSideSync
  outgoing: None
  requireApproval:
    users: true
`

async function mailboxesOf(...sets: string[]): Promise<ReadonlyMap<string, DesiredMailbox>> {
  const files = Object.fromEntries(sets.map((content, index) => [`set${index}.yaml`, content]))
  const spec = await specOf({
    'o.yaml': organization(),
    'p.yaml': `${profile()}---\n${profile('', 'old')}`,
    's.yaml': SETTINGS,
    ...files,
  })
  return compile(spec).organizations.get('sales')?.mailboxes ?? new Map()
}

/** A mailbox as plain data, with its origin as text. */
function plain(mailbox: DesiredMailbox | undefined) {
  if (mailbox === undefined) return undefined
  const { origin, ...fields } = mailbox
  return { ...fields, origin: `${origin.file}:${origin.line}:${origin.column}` }
}

describe('the mailboxes of a set', () => {
  it('have the fields of the set, and nothing that was not written', async () => {
    const mailboxes = await mailboxesOf(set('  profile: old\n  incoming: None\n  mailboxes:\n    - Ann@Contoso.com\n'))

    expect(plain(mailboxes.get('ann@contoso.com'))).toEqual({
      address: 'ann@contoso.com',
      type: 'User',
      set: 'everyone',
      useDefaults: false,
      testAndEnable: false,
      onRelease: 'Keep',
      profile: 'old',
      incoming: 'None',
      origin: 'set0.yaml:8:7',
    })
  })

  it('have their own fields on top', async () => {
    const member = `{ address: bob@contoso.com, previousAddress: OLD.Bob@contoso.com, type: Queue, profile: exchange-online, incoming: ServerSideSync,
        outgoing: None, appointmentsContactsTasks: ServerSideSync, approval: Rejected, testAndEnable: true, processEmailFrom: 2026-11-01,
        processAndDelete: true, onRelease: Stop, manage: [settings, approval, test], policy: Observe, ignore: [{ field: outgoing, reason: gateway, until: 2026-12-01 }],
        suspend: { owner: ann, reason: holidays, until: 2026-12-01 }, primarySync: Claim }`

    const mailboxes = await mailboxesOf(
      set(
        `  profile: old\n  incoming: None\n  approval: Approved\n  mailboxes:\n    - ${member}\n    - ann@contoso.com\n`,
      ),
    )

    expect(plain(mailboxes.get('bob@contoso.com'))).toEqual({
      address: 'bob@contoso.com',
      previousAddress: 'old.bob@contoso.com',
      type: 'Queue',
      set: 'everyone',
      useDefaults: false,
      profile: 'exchange-online',
      incoming: 'ServerSideSync',
      outgoing: 'None',
      appointmentsContactsTasks: 'ServerSideSync',
      approval: 'Rejected',
      testAndEnable: true,
      processEmailFrom: '2026-11-01',
      processAndDelete: true,
      onRelease: 'Stop',
      manage: ['settings', 'approval', 'test'],
      policy: 'Observe',
      ignore: [{ field: 'outgoing', reason: 'gateway', until: '2026-12-01' }],
      suspensions: [{ owner: 'ann', reason: 'holidays', until: '2026-12-01' }],
      primarySync: 'Claim',
      origin: 'set0.yaml:9:7',
    })
    expect(mailboxes.get('ann@contoso.com')).toMatchObject({ profile: 'old', incoming: 'None', approval: 'Approved' })
  })

  it('of type Forward carry their name and owner', async () => {
    const member = '{ address: f@contoso.com, type: Forward, name: Complaints, owner: { user: Ann@contoso.com } }'

    const mailboxes = await mailboxesOf(set(`  mailboxes:\n    - ${member}\n`))

    expect(mailboxes.get('f@contoso.com')).toMatchObject({
      type: 'Forward',
      name: 'Complaints',
      owner: { user: 'ann@contoso.com' },
    })
  })

  it('take profile and methods from the settings where they follow the defaults', async () => {
    const mailboxes = await mailboxesOf(
      set(
        '  useDefaults: true\n  mailboxes:\n    - a@contoso.com\n    - { address: b@contoso.com, outgoing: Outlook, profile: old }\n',
        'first',
      ),
      set(
        '  profile: old\n  outgoing: Outlook\n  approval: Approved\n  mailboxes:\n    - { address: c@contoso.com, useDefaults: true }\n    - d@contoso.com\n',
        'second',
      ),
    )

    const connection = (address: string) => {
      const { profile, incoming, outgoing, appointmentsContactsTasks, useDefaults } = mailboxes.get(address) ?? {}
      return { profile, incoming, outgoing, appointmentsContactsTasks, useDefaults }
    }
    const nothing = { appointmentsContactsTasks: undefined }
    expect(connection('a@contoso.com')).toEqual({
      profile: 'exchange-online',
      incoming: 'ServerSideSync',
      outgoing: 'None',
      useDefaults: true,
      ...nothing,
    })
    expect(connection('b@contoso.com')).toEqual({
      profile: 'old',
      incoming: 'ServerSideSync',
      outgoing: 'Outlook',
      useDefaults: true,
      ...nothing,
    })
    expect(connection('c@contoso.com')).toEqual({
      profile: 'exchange-online',
      incoming: 'ServerSideSync',
      outgoing: 'None',
      useDefaults: true,
      ...nothing,
    })
    expect(connection('d@contoso.com')).toEqual({
      profile: 'old',
      incoming: undefined,
      outgoing: 'Outlook',
      useDefaults: false,
      ...nothing,
    })
    expect(mailboxes.get('c@contoso.com')?.approval).toBe('Approved')
    expect(Object.keys(mailboxes.get('a@contoso.com') ?? {})).not.toContain('appointmentsContactsTasks')
  })
})

describe('profiles and settings', () => {
  it('carry what was written and say where', async () => {
    const written = profile(
      '  processEmailFrom: 2026-11-01T02:00:00+02:00\n  exchangeOnlineTenantId: 5F0C1F3E-8C1B-4E0E-9A55-0F2F6F1F7A11\n  owner: { team: Mail }\n',
    )

    const spec = await specOf({ 'o.yaml': organization(), 'p.yaml': written, 's.yaml': SETTINGS })

    const compiled = compile(spec).organizations.get('sales')
    const desired = compiled?.profiles.get('exchange-online')
    expect(desired).toMatchObject({
      name: 'exchange-online',
      displayName: 'exchange-online profile',
      ensure: 'present',
      processEmailFrom: '2026-11-01T00:00:00Z',
      exchangeOnlineTenantId: '5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11',
      owner: { team: 'Mail' },
    })
    expect(desired).not.toHaveProperty('autoDiscover')
    expect(JSON.stringify(desired?.originOf('processEmailFrom'))).toBe('{"file":"p.yaml","line":7,"column":3}')
    expect(JSON.stringify(desired?.originOf('autoDiscover'))).toBe('{"file":"p.yaml","line":1,"column":1}')
    expect(compiled?.settings).toMatchObject({ defaultProfile: 'exchange-online', requireApproval: { users: true } })
    expect(compiled?.settings?.originOf('requireApproval.users')).toMatchObject({ line: 8, column: 5 })
    expect(compiled?.settings?.originOf('requireApproval.queues')).toMatchObject({ line: 1, column: 1 })
  })
})

describe('tenants, deployments and overrides', () => {
  it('have their defaults, which belong to mailkeel and not to CRM', async () => {
    const spec = await specOf({
      'o.yaml': organization(),
      't.yaml': `apiVersion: mailkeel/v1
kind: Tenant
metadata: { name: contoso }
spec: { tenantId: 5F0C1F3E-8C1B-4E0E-9A55-0F2F6F1F7A11 }
---
apiVersion: mailkeel/v1
kind: Deployment
metadata: { name: farm }
spec: { certificate: { name: s2s, sha256: ${'AB'.repeat(32)} } }
---
apiVersion: mailkeel/v1
kind: Override
metadata: { name: once, organization: sales }
spec: { guard: change, limit: 120, reason: move, expires: 2026-12-01T00:00:00Z }
`,
    })

    const { tenants, deployments, overrides, organizations } = compile(spec)

    expect(tenants.get('contoso')).toMatchObject({
      tenantId: '5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11',
      cloud: 'Global',
      servicePrincipal: { appId: '00000007-0000-0000-c000-000000000000', domains: [] },
      attestations: {},
      external: [],
    })
    expect(deployments.get('farm')?.certificate).toEqual({
      name: 's2s',
      sha256: 'ab'.repeat(32),
      serviceAccounts: [],
      warnBeforeMs: 45 * 86_400_000,
      keepPreviousForMs: 72 * 3_600_000,
      evaluation: false,
    })
    expect(overrides).toMatchObject([{ name: 'once', organization: 'sales', guard: 'change', limit: 120 }])
    expect(organizations.get('sales')).toMatchObject({
      tenant: 'contoso',
      deployment: 'farm',
      environment: 'Production',
    })
  })
})

describe('trusts', () => {
  const TENANT = (name: string, digit: number) =>
    `---\napiVersion: mailkeel/v1\nkind: Tenant\nmetadata: { name: ${name} }\nspec: { tenantId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a1${digit} }\n`
  const DEPLOYMENT = (name: string) =>
    `---\napiVersion: mailkeel/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: {}\n`

  it.each<{
    reason: string
    documents: string
    organizations: readonly (readonly [string, string, string])[]
    trusts: object
  }>([
    {
      reason: 'one tenant and one deployment belong together',
      documents: TENANT('contoso', 1) + DEPLOYMENT('farm'),
      organizations: [['a', 'contoso', 'farm']],
      trusts: { contoso: ['contoso', 'farm', 'a'] },
    },
    {
      reason: 'whatever organizations tie together is one trust',
      documents: TENANT('two', 2) + TENANT('one', 1) + DEPLOYMENT('farm') + DEPLOYMENT('barn'),
      organizations: [
        ['a', 'one', 'farm'],
        ['b', 'two', 'barn'],
        ['c', 'one', 'barn'],
      ],
      trusts: { one: ['one', 'two', 'barn', 'farm', 'a', 'b', 'c'] },
    },
    {
      reason: 'a deployment with the name of a tenant it has nothing to do with is not lost',
      documents: TENANT('contoso', 1) + TENANT('contoso-deployment', 2) + DEPLOYMENT('contoso') + DEPLOYMENT('farm'),
      organizations: [['a', 'contoso', 'farm']],
      trusts: {
        contoso: ['contoso', 'farm', 'a'],
        'contoso-deployment': ['contoso-deployment'],
        'contoso-deployment-deployment': ['contoso'],
      },
    },
  ])('$reason', async ({ documents, organizations, trusts }) => {
    const spec = await specOf({
      'shared.yaml': documents.slice('---\n'.length),
      ...Object.fromEntries(
        organizations.map(([name, tenant, deployment]) => [
          `${name}/o.yaml`,
          organization(name, `  tenant: ${tenant}\n  deployment: ${deployment}\n`),
        ]),
      ),
    })

    const compiled = compile(spec).trusts

    const told = [...compiled].map(([name, { tenants, deployments, organizations: members }]) => [
      name,
      [...tenants.keys(), ...deployments.keys(), ...members.keys()],
    ])
    expect(Object.fromEntries(told)).toEqual(trusts)
  })
})

describe('what was removed since the previous revision', () => {
  const revision = (members: string, fields = '  onRelease: Stop\n') =>
    specOf({
      'o.yaml': organization(),
      'x.yaml': set(`${fields}  incoming: ServerSideSync\n  mailboxes: [${members}]\n`),
    })

  it('is stopped where its set said so, and has its origin there', async () => {
    const previous = await revision('ann@contoso.com, bob@contoso.com, { address: cora@contoso.com, onRelease: Keep }')
    const spec = await revision('ann@contoso.com')

    const mailboxes = compile(spec, previous).organizations.get('sales')?.mailboxes

    expect([...(mailboxes?.keys() ?? [])]).toEqual(['ann@contoso.com', 'bob@contoso.com'])
    expect(plain(mailboxes?.get('bob@contoso.com'))).toEqual({
      address: 'bob@contoso.com',
      type: 'User',
      set: 'everyone',
      useDefaults: false,
      incoming: 'None',
      outgoing: 'None',
      appointmentsContactsTasks: 'None',
      testAndEnable: false,
      onRelease: 'Stop',
      released: true,
      origin: 'x.yaml:7:32',
    })
  })

  it('is simply not there without the previous revision, and where nothing said Stop', async () => {
    const kept = await revision('ann@contoso.com, bob@contoso.com', '')
    const spec = await revision('ann@contoso.com')

    const alone = compile(spec).organizations.get('sales')?.mailboxes
    const after = compile(spec, kept).organizations.get('sales')?.mailboxes

    expect([...(alone?.keys() ?? [])]).toEqual(['ann@contoso.com'])
    expect([...(after?.keys() ?? [])]).toEqual(['ann@contoso.com'])
  })

  it('a mailbox that goes on under a new address, or in another set, is not released', async () => {
    const previous = await revision('ann@contoso.com, bob@contoso.com')
    const spec = await specOf({
      'o.yaml': organization(),
      'x.yaml': set('  mailboxes: [{ address: bob.new@contoso.com, previousAddress: bob@contoso.com }]\n'),
      'y.yaml': set('  mailboxes: [ann@contoso.com]\n', 'other'),
    })

    const mailboxes = compile(spec, previous).organizations.get('sales')?.mailboxes

    expect([...(mailboxes?.keys() ?? [])]).toEqual(['bob.new@contoso.com', 'ann@contoso.com'])
  })
})

const FORMS = {
  plain: (address: string) => [`    - ${address}`],
  flow: (address: string) => [`    - { type: Queue, address: "${address}" }`],
  block: (address: string) => ['    - type: Queue', `      address: ${address}`],
}

describe('compiling', () => {
  it('gives every member its own line, whatever stands around it', async () => {
    const member = fc.record({
      local: fc.integer({ min: 0, max: 99_999 }),
      form: fc.constantFrom('plain' as const, 'flow' as const, 'block' as const),
      blank: fc.boolean(),
    })
    const members = fc.uniqueArray(member, { selector: ({ local }) => local, maxLength: 30 })

    await fc.assert(
      fc.asyncProperty(members, async (rows) => {
        const lines = ['  mailboxes:']
        const expected = new Map<string, number>()
        for (const { local, form, blank } of rows) {
          if (blank) lines.push('', '    # a comment: { address: nobody@contoso.com }')
          const address = `user${local}@contoso.com`
          expected.set(address, lines.length + 5)
          lines.push(...FORMS[form](address))
        }
        if (rows.length === 0) lines[0] = '  mailboxes: []'

        const mailboxes = await mailboxesOf(set(`${lines.join('\n')}\n`))

        expect(new Map([...mailboxes].map(([address, { origin }]) => [address, origin.line]))).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  it('leaves the documents as they are: twice gives the same', async () => {
    const spec = await specOf({
      'o.yaml': organization(),
      's.yaml': SETTINGS,
      'p.yaml': profile(),
      'x.yaml': set('  useDefaults: true\n  mailboxes: [a@contoso.com]\n'),
    })
    const before = JSON.stringify(spec.documents.map(({ value }) => value))

    const first = compile(spec)
    const second = compile(spec)

    expect(JSON.stringify([...(second.organizations.get('sales')?.mailboxes.values() ?? [])])).toBe(
      JSON.stringify([...(first.organizations.get('sales')?.mailboxes.values() ?? [])]),
    )
    expect(JSON.stringify(spec.documents.map(({ value }) => value))).toBe(before)
  })
})
