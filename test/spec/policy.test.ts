import { describe, expect, it } from 'vitest'
import { compile } from '../../src/spec/compile/compile.ts'
import type { DesiredMailbox, DesiredOrganization } from '../../src/spec/desired.ts'
import { loadSpec } from '../../src/spec/load.ts'
import { memorySource } from './memory-source.ts'

const ORGANIZATION = `apiVersion: mailkeel/v1\nkind: Organization\nmetadata: { name: contoso }\nspec:\n  uniqueName: Contoso\n  environment: Production\n`
const PROFILE = `apiVersion: mailkeel/v1\nkind: EmailServerProfile\nmetadata: { name: online }\nspec: { displayName: Online, serverType: ExchangeOnlineHybrid }\n`
const HEAD = `apiVersion: mailkeel/v1\nkind: MailboxSet\nmetadata: { name: sales }\nspec:\n`
const SUSPEND = '{ owner: ann, reason: x, until: 2026-12-01 }'
const FULL = '  profile: online\n  incoming: None\n  approval: Approved\n  testAndEnable: true\n'

describe('how far a mailbox is managed', () => {
  it.each([
    { manage: '[settings]', left: ['profile', 'incoming'] },
    { manage: '[approval]', left: ['approval'] },
    { manage: '[test]', left: ['testAndEnable'] },
    { manage: '[settings, approval, test]', left: ['profile', 'incoming', 'approval', 'testAndEnable'] },
  ])('$manage of the set leaves $left', async ({ manage, left }) => {
    const ann = await annOf(`${FULL}  manage: ${manage}\n  mailboxes: [ann@contoso.com]\n`)

    const { profile, incoming, approval, testAndEnable } = ann
    const managed = Object.entries({ profile, incoming, approval, testAndEnable: testAndEnable || undefined })
    expect(managed.flatMap(([field, value]) => (value === undefined ? [] : [field]))).toEqual(left)
  })

  it('is what the member says, where it says something', async () => {
    const ann = await annOf(
      `${FULL}  manage: [approval]\n  policy: Observe\n  mailboxes: [{ address: ann@contoso.com, manage: [settings, test], policy: Enforce }]\n`,
    )

    expect(ann).toMatchObject({
      manage: ['settings', 'test'],
      policy: 'Enforce',
      profile: 'online',
      testAndEnable: true,
    })
    expect(ann.approval).toBeUndefined()
  })

  it('has the exceptions of its set beside its own', async () => {
    const entry = (field: string, reason: string) => `{ field: ${field}, reason: ${reason}, until: 2026-12-01 }`
    const ann = await annOf(
      `  ignore: [${entry('outgoing', 'set')}]\n  suspend: ${SUSPEND}\n  mailboxes: [{ address: ann@contoso.com, ignore: [${entry('outgoing', 'own')}, ${entry('test', 'own')}], suspend: { owner: bob, reason: y, until: 2026-12-02 } }]\n`,
    )

    expect(ann.ignore?.map(({ field, reason }) => `${field} ${reason}`)).toEqual([
      'outgoing own',
      'test own',
      'outgoing set',
    ])
    expect(ann.suspensions?.map(({ owner }) => owner)).toEqual(['ann', 'bob'])
  })

  it('is the same for a member that leaves: it is not stopped behind the back of whoever held it', async () => {
    const members = (address: string) =>
      `  onRelease: Stop\n  suspend: ${SUSPEND}\n  mailboxes: [${address}, { address: eve@contoso.com, manage: [approval] }]\n`
    const before = await specOf(members('ann@contoso.com'))
    const now = await specOf('  mailboxes: [bob@contoso.com]\n')

    const released = [...contoso(compile(now, before)).mailboxes.values()].filter((one) => one.released)

    expect(released.map(({ address, suspensions }) => [address, suspensions?.[0]?.owner])).toEqual([
      ['ann@contoso.com', 'ann'],
    ])
  })

  it('a whole organization may be suspended', async () => {
    const spec = await specOf('  mailboxes: []\n', `${ORGANIZATION}  suspend: ${SUSPEND}\n`)

    expect(contoso(compile(spec)).suspend).toEqual({ owner: 'ann', reason: 'x', until: '2026-12-01' })
  })
})

describe('what is wrong with it', () => {
  it.each([
    { text: `  pause: ${SUSPEND}\n`, says: '5:3 unknown field `pause`; did you mean `suspend`?' },
    { text: `  suspended: ${SUSPEND}\n`, says: '5:3 unknown field `suspended`; did you mean `suspend`?' },
    { text: '  suspend: { reason: x, until: 2026-12-01 }\n', says: '5:3 `owner` is missing in `suspend`' },
    { text: '  suspend: { owner: ann, until: 2026-12-01 }\n', says: '5:3 `reason` is missing in `suspend`' },
    { text: '  suspend: { owner: ann, reason: x }\n', says: '5:3 `until` is missing in `suspend`' },
    {
      text: '  suspend: { owner: ann, reason: x, until: 2026-02-30 }\n',
      says: '5:44 2026-02-30 is no day of the calendar',
    },
    {
      text: '  suspend: { owner: ann, reason: x, until: 2026-02-01T25:00:00Z }\n',
      says: '5:44 2026-02-01T25:00:00Z is no time of the day',
    },
    {
      text: '  suspend: { owner: ann, reason: x, until: tomorrow }\n',
      says: '5:44 `until` must be a day such as 2026-12-01, or a time with its zone',
    },
    { text: '  ignore: [{ field: outgoing, reason: x }]\n', says: '5:12 `until` is missing' },
    {
      text: '  ignore: [{ field: outgoin, reason: x, until: 2026-12-01 }]\n',
      says: '5:21 `field` cannot be `outgoin`; did you mean `outgoing`?',
    },
    {
      text: '  ignore: [{ field: test, reason: x, until: 2026-13-01 }]\n',
      says: '5:45 2026-13-01 is no day of the calendar',
    },
    { text: '  manage: []\n', says: '5:11 `manage` is an empty list' },
    { text: '  manage: [test, test]\n', says: 'names this twice' },
    { text: '  manage: [approvals]\n', says: 'did you mean `approval`?' },
    { text: '  policy: observe\n', says: 'did you mean `Observe`?' },
    { text: `  suspend: { owner: ${'x'.repeat(201)}, reason: x, until: 2026-12-01 }\n`, says: 'at most 200 fit' },
  ])('$says', async ({ text, says }) => {
    const loaded = await load(`${text}  mailboxes: []\n`)

    expect(loaded.ok).toBe(false)
    const told = loaded.ok ? [] : loaded.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
    expect(told).toHaveLength(1)
    expect(told[0]).toContain(says)
  })

  it('is told of an organization too', async () => {
    const loaded = await load(
      '  mailboxes: []\n',
      `${ORGANIZATION}  suspend: { owner: a, reason: x, until: 2026-02-30 }\n`,
    )

    expect(loaded).toMatchObject({ ok: false, problems: [{ file: 'organization.yaml', line: 7, column: 42 }] })
  })
})

function load(set: string, organization = ORGANIZATION) {
  return loadSpec(
    memorySource({ 'organization.yaml': organization, 'profile.yaml': PROFILE, 'sales.yaml': HEAD + set }),
  )
}

async function specOf(set: string, organization = ORGANIZATION) {
  const loaded = await load(set, organization)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.spec
}

function contoso({ organizations }: ReturnType<typeof compile>): DesiredOrganization {
  const found = organizations.get('contoso')
  if (!found) throw new Error('no such organization')
  return found
}

async function annOf(set: string): Promise<DesiredMailbox> {
  const ann = contoso(compile(await specOf(set))).mailboxes.get('ann@contoso.com')
  if (!ann) throw new Error('no such mailbox')
  return ann
}
