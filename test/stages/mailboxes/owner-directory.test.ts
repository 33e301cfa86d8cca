import { describe, expect, it } from 'vitest'
import type { HolderRow } from '../../../src/crm/rows.ts'
import { isOwner, ownerDirectory, ownerInWords } from '../../../src/stages/mailboxes/owner-directory.ts'
import { organization } from '../desired.ts'
import { idOf, type MemoryRows, memory, person } from '../memory.ts'

function user(number: number, address: string, fields: Partial<HolderRow> = {}): HolderRow {
  return person(number, address, { holder: fields }).user
}

async function directoryOf(rows: MemoryRows, wished: readonly string[], desired = organization()) {
  const remote = memory(rows)
  const { signal } = new AbortController()
  const question = { reader: remote.reader(), desired, wished: new Set(wished), actual: new Set<string>(), signal }
  return { directory: await ownerDirectory(question), remote }
}

const TABLE = [
  { reason: 'by address in any case', words: 'user:ann@contoso.com', users: [user(1, 'Ann@Contoso.com')], expected: 1 },
  {
    reason: 'by account name in any case',
    words: 'user:contoso\\ann',
    users: [user(1, 'x@contoso.com', { domainName: 'CONTOSO\\Ann' })],
    expected: 1,
  },
  { reason: 'nobody', words: 'user:bob@contoso.com', users: [user(1, 'ann@contoso.com')], expected: 'OwnerNotFound' },
  {
    reason: 'disabled',
    words: 'user:ann@contoso.com',
    users: [user(1, 'ann@contoso.com', { active: false })],
    expected: 'OwnerDisabled',
  },
  {
    reason: 'an active user goes before a disabled one of the same address',
    words: 'user:ann@contoso.com',
    users: [user(1, 'ann@contoso.com', { active: false }), user(2, 'ann@contoso.com')],
    expected: 2,
  },
  {
    reason: 'a disabled user does not hide an active one',
    words: 'user:ann@contoso.com',
    users: [user(1, 'ann@contoso.com'), user(2, 'ann@contoso.com', { active: false })],
    expected: 1,
  },
  {
    reason: 'two active users of one address',
    words: 'user:ann@contoso.com',
    users: [user(1, 'ann@contoso.com'), user(2, 'ANN@contoso.com')],
    expected: 'OwnerAmbiguous',
  },
]

describe('owner directory', () => {
  it.each(TABLE)('$reason', async ({ words, users, expected }) => {
    const { directory } = await directoryOf({ users }, [words])

    const found = directory.resolve(words)
    expect(isOwner(found) ? found.id : found.code).toBe(typeof expected === 'number' ? idOf(2, expected) : expected)
  })

  it('teams go by name', async () => {
    const teams = [{ id: idOf(4, 1), name: 'Mail Administrators' }]
    const { directory } = await directoryOf({ teams }, ['team:Mail Administrators'])

    expect(directory.resolve('team:Mail Administrators')).toEqual({ type: 'Team', id: idOf(4, 1) })
    expect(directory.tell(idOf(4, 1), undefined)).toBe('team:Mail Administrators')
  })

  it('an owner is told in the words of the wish where it is the one meant', async () => {
    const users = [user(1, 'ann@contoso.com', { domainName: 'CONTOSO\\ann' }), user(2, 'bob@contoso.com')]
    const { directory } = await directoryOf({ users }, ['user:contoso\\ann'])

    expect(directory.tell(idOf(2, 1), 'user:contoso\\ann')).toBe('user:contoso\\ann')
    expect(directory.tell(idOf(2, 2), 'user:contoso\\ann')).toBe('user:bob@contoso.com')
  })

  it('reads nothing where no owner is wished for', async () => {
    const { remote } = await directoryOf({ users: [user(1, 'ann@contoso.com')] }, [])

    expect(remote.reads).toEqual([])
  })

  it('reads only the users it found before, as long as they are still the ones', async () => {
    const desired = organization()
    const users = [user(1, 'ann@contoso.com'), user(2, 'bob@contoso.com')]
    await directoryOf({ users }, ['user:ann@contoso.com'], desired)

    const again = await directoryOf({ users }, ['user:ann@contoso.com'], desired)
    const moved = await directoryOf(
      { users: [user(1, 'other@contoso.com'), user(2, 'ann@contoso.com')] },
      ['user:ann@contoso.com'],
      desired,
    )

    expect(again.remote.reads).toEqual(['users 1'])
    expect(moved.directory.resolve('user:ann@contoso.com')).toEqual({ type: 'User', id: idOf(2, 2) })
  })

  it('words say whether it is a user or a team', () => {
    expect([ownerInWords({ user: 'Ann@Contoso.com' }), ownerInWords({ team: 'Sales' })]).toEqual([
      'user:ann@contoso.com',
      'team:Sales',
    ])
  })
})
