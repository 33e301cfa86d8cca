import { describe, expect, it } from 'vitest'
import type { DesiredOrganization } from '../../../src/spec/desired.ts'
import { type DirectoryContext, mailboxDirectory } from '../../../src/stages/mailboxes/mailbox-directory.ts'
import { forwardMailboxId } from '../../../src/stages/stable-id.ts'
import { mailbox, organization } from '../desired.ts'
import { type MemoryRows, mailboxRow, memory, ORGANIZATION_ID, peopled, person } from '../memory.ts'

const ANN = 'ann@contoso.com'
const NEW = 'ann.new@contoso.com'
const INFO = 'info@contoso.com'

function contextOf(rows: MemoryRows, desired: DesiredOrganization): DirectoryContext {
  return {
    reader: memory(rows).reader(),
    desired,
    keys: 'all',
    now: new Date('2026-11-20T08:00:00Z'),
    signal: new AbortController().signal,
  }
}

const ann = person(1, ANN)
const forward = (number: number, address: string | null, id?: string) =>
  mailboxRow(number, { type: 'Forward', regardingId: null, address, ...(id && { id }) })

interface Row {
  readonly reason: string
  readonly rows: MemoryRows
  readonly desired: DesiredOrganization
  readonly key?: string
  /** Number of the row found, code of what is unknown, or absent. */
  readonly expected: number | string | undefined
}

const TABLE: readonly Row[] = [
  { reason: 'the address is the key', rows: peopled(ann), desired: organization([mailbox(ANN)]), expected: 1 },
  {
    reason: 'CRM keeps the case people typed',
    rows: peopled(person(1, 'Ann@CONTOSO.com')),
    desired: organization([mailbox(ANN)]),
    expected: 1,
  },
  {
    reason: 'full-width letters are the plain ones',
    rows: peopled(person(1, 'ａnn@contoso.com')),
    desired: organization([mailbox(ANN)]),
    expected: 1,
  },
  { reason: 'nobody has it', rows: peopled(ann), desired: organization([mailbox(NEW)]), key: NEW, expected: undefined },
  {
    reason: 'the mailbox has no address at all',
    rows: peopled(person(1, ANN, { mailbox: { address: null }, holder: { address: null } })),
    desired: organization([mailbox(ANN)]),
    expected: undefined,
  },
  {
    reason: 'two active mailboxes share the address',
    rows: peopled(ann, person(2, 'ANN@contoso.com')),
    desired: organization([mailbox(ANN)]),
    expected: 'AmbiguousAddress',
  },
  {
    reason: 'of two mailboxes only one is active',
    rows: peopled(person(1, ANN, { mailbox: { active: false } }), person(2, ANN)),
    desired: organization([mailbox(ANN)]),
    expected: 2,
  },
  {
    reason: 'of two mailboxes one belongs to somebody who left',
    rows: peopled(person(1, ANN, { holder: { active: false } }), person(2, ANN)),
    desired: organization([mailbox(ANN)]),
    expected: 2,
  },
  {
    reason: 'two members want the same mailbox',
    rows: peopled(ann),
    desired: organization([mailbox(NEW, { previousAddress: ANN }), mailbox('x@contoso.com', { previousAddress: ANN })]),
    key: NEW,
    expected: 'AddressWantedTwice',
  },
  {
    reason: 'two inactive mailboxes are no better than two active ones',
    rows: peopled(person(1, ANN, { mailbox: { active: false } }), person(2, ANN, { mailbox: { active: false } })),
    desired: organization([mailbox(ANN)]),
    expected: 'AmbiguousAddress',
  },
  {
    reason: 'the previous address leads to the row',
    rows: peopled(ann),
    desired: organization([mailbox(NEW, { previousAddress: ANN })]),
    key: NEW,
    expected: 1,
  },
  {
    reason: 'the new address is there already, so the previous one means nothing',
    rows: peopled(ann, person(2, NEW)),
    desired: organization([mailbox(NEW, { previousAddress: ANN })]),
    key: NEW,
    expected: 2,
  },
  {
    reason: 'the previous address is ambiguous',
    rows: peopled(ann, person(2, ANN)),
    desired: organization([mailbox(NEW, { previousAddress: ANN })]),
    key: NEW,
    expected: 'AmbiguousAddress',
  },
  {
    reason: 'the previous address belongs to another member',
    rows: peopled(ann),
    desired: organization([mailbox(NEW, { previousAddress: ANN }), mailbox(ANN)]),
    key: NEW,
    expected: 'AddressStillWanted',
  },
  {
    reason: 'the spec says queue, CRM has a user',
    rows: peopled(ann),
    desired: organization([mailbox(ANN, { type: 'Queue' })]),
    expected: 'TypeMismatch',
  },
  {
    reason: 'user and mailbox disagree about the address',
    rows: peopled(person(1, ANN, { holder: { address: NEW } })),
    desired: organization([mailbox(ANN)]),
    expected: 'AddressesDiffer',
  },
  {
    reason: 'user and mailbox differ in case only',
    rows: peopled(person(1, ANN, { holder: { address: 'Ann@Contoso.com' } })),
    desired: organization([mailbox(ANN)]),
    expected: 1,
  },
  {
    reason: 'the user cannot be seen',
    rows: { ...peopled(ann), users: [] },
    desired: organization([mailbox(ANN)]),
    expected: 'HolderNotReadable',
  },
  {
    reason: 'the user could not be decoded',
    rows: {
      ...peopled(ann),
      users: [],
      unreadable: { users: { [ann.user.id]: { code: 'Undecodable', message: 'x' } } },
    },
    desired: organization([mailbox(ANN)]),
    expected: 'Undecodable',
  },
  {
    reason: 'a mailbox nobody could decode may be the one that is missing',
    rows: { ...peopled(), unreadable: { mailboxes: { x: { code: 'Undecodable', message: 'x' } } } },
    desired: organization([mailbox(ANN)]),
    expected: 'MailboxNotUnderstood',
  },
  {
    reason: 'a mailbox nobody could decode does not harm one that is there',
    rows: { ...peopled(ann), unreadable: { mailboxes: { x: { code: 'Undecodable', message: 'x' } } } },
    desired: organization([mailbox(ANN)]),
    expected: 1,
  },
  {
    reason: 'a forward mailbox that mailkeel made was renamed by hand',
    rows: { mailboxes: [forward(7, 'other@contoso.com', forwardMailboxId(ORGANIZATION_ID, INFO))] },
    desired: organization([mailbox(INFO, { type: 'Forward' })]),
    key: INFO,
    expected: 7,
  },
  {
    reason: 'a forward mailbox that mailkeel made was renamed to an address the spec wants for another',
    rows: { mailboxes: [forward(7, 'other@contoso.com', forwardMailboxId(ORGANIZATION_ID, INFO))] },
    desired: organization([mailbox(INFO, { type: 'Forward' }), mailbox('other@contoso.com', { type: 'Forward' })]),
    key: INFO,
    expected: 'AddressStillWanted',
  },
]

describe('mailbox directory', () => {
  it.each(TABLE)('$reason', async ({ rows, desired, key = ANN, expected }) => {
    const directory = await mailboxDirectory(contextOf(rows, desired))

    const entry = directory.entries.get(key)
    const found = entry ? Number(entry.mailbox.name.split(' ')[1]) : directory.unknown.get(key)?.code
    expect(found).toBe(expected)
  })

  it('a mailbox whose address changes is not counted as one that nobody wishes for', async () => {
    const desired = organization([mailbox(NEW, { previousAddress: ANN })])

    const directory = await mailboxDirectory(contextOf(peopled(ann, person(2, 'bob@contoso.com')), desired))

    expect([...directory.entries.keys()]).toEqual([NEW, 'bob@contoso.com'])
  })
})

const HOLDS = [
  { reason: 'inactive', mailbox: { active: false }, code: 'MailboxInactive' },
  { reason: 'user disabled', holder: { active: false }, code: 'UserDisabled' },
  { reason: 'service account', mailbox: { serviceAccount: true }, code: 'ServiceAccountMailbox' },
  { reason: 'in order', code: undefined },
]

describe('what must not be touched', () => {
  it.each(HOLDS)('$reason', async ({ mailbox: row, holder, code }) => {
    const rows = peopled(person(1, ANN, { ...(row && { mailbox: row }), ...(holder && { holder }) }))
    const desired = organization([mailbox(ANN)])

    const directory = await mailboxDirectory(contextOf(rows, desired))

    expect(directory.entries.get(ANN)?.hold?.code).toBe(code)
  })
})

describe('reading', () => {
  const people = Array.from({ length: 20 }, (_, index) => person(index + 1, `p${index}@contoso.com`))
  const desired = organization(people.map(({ mailbox: { address } }) => mailbox(address ?? '')))

  it('one reader reads every set once, however many stages ask', async () => {
    const remote = memory(peopled(...people))
    const context = { ...contextOf({}, desired), reader: remote.reader() }

    await Promise.all([mailboxDirectory(context), mailboxDirectory(context), mailboxDirectory(context)])

    expect(remote.reads.sort()).toEqual(['mailboxes all', 'queues all', 'users all'])
  })

  it('a later reader reads only the rows of the keys that are asked for', async () => {
    const remote = memory(peopled(...people))
    await mailboxDirectory({ ...contextOf({}, desired), reader: remote.reader() })
    remote.reads.length = 0

    const directory = await mailboxDirectory({
      ...contextOf({}, desired),
      reader: remote.reader(),
      keys: new Set(['p3@contoso.com', 'p4@contoso.com']),
    })

    expect([...directory.entries.keys()]).toEqual(['p3@contoso.com', 'p4@contoso.com'])
    expect(remote.reads.sort()).toEqual(['mailboxes 2', 'users 2'])
  })

  it('a row that lost its address since is looked for in the whole set', async () => {
    const remote = memory(peopled(...people))
    await mailboxDirectory({ ...contextOf({}, desired), reader: remote.reader() })
    const moved = person(3, 'elsewhere@contoso.com')
    remote.change(
      peopled(...people.filter(({ user }) => user.id !== moved.user.id), moved, person(30, 'p2@contoso.com')),
    )

    const directory = await mailboxDirectory({
      ...contextOf({}, desired),
      reader: remote.reader(),
      keys: new Set(['p2@contoso.com']),
    })

    expect(directory.entries.get('p2@contoso.com')?.mailbox.name).toBe('Person 30')
    expect(remote.reads).toContain('mailboxes all')
  })
})
