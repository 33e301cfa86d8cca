import { describe, expect, it } from 'vitest'
import type { ProfileRow } from '../../../src/crm/rows.ts'
import type { DesiredProfile } from '../../../src/spec/desired.ts'
import { matchProfiles } from '../../../src/stages/profiles/profile-directory.ts'
import { profileId } from '../../../src/stages/stable-id.ts'
import { organization, profile } from '../desired.ts'
import { idOf, ORGANIZATION_ID, profileRow } from '../memory.ts'

function match(profiles: readonly DesiredProfile[], rows: readonly ProfileRow[], unreadable: readonly string[] = []) {
  const listing = {
    rows: new Map(rows.map((row) => [row.id, row])),
    unknown: new Map(unreadable.map((id) => [id, { code: 'Undecodable', message: 'x' }])),
  }
  return matchProfiles(listing, organization([], profiles), ORGANIZATION_ID)
}

const online = (fields: Partial<DesiredProfile> = {}) =>
  profile('online', { displayName: 'Exchange Online', ...fields })

interface Row {
  readonly reason: string
  readonly profiles?: readonly DesiredProfile[]
  readonly rows: readonly ProfileRow[]
  readonly unreadable?: readonly string[]
  /** Number of the row found, code of what is unknown, or absent. */
  readonly expected: number | string | undefined
}

const TABLE: readonly Row[] = [
  { reason: 'the name is the one', rows: [profileRow(1, 'Old'), profileRow(2, 'Exchange Online')], expected: 2 },
  { reason: 'CRM compares names without case', rows: [profileRow(2, 'EXCHANGE online')], expected: 2 },
  {
    reason: 'the exact name goes before one in other case',
    rows: [profileRow(1, 'EXCHANGE online'), profileRow(2, 'Exchange Online')],
    expected: 2,
  },
  {
    reason: 'two active profiles of one name are unknown',
    rows: [profileRow(1, 'Exchange Online'), profileRow(2, 'Exchange Online')],
    expected: 'AmbiguousProfile',
  },
  {
    reason: 'an inactive twin does not matter',
    rows: [profileRow(1, 'Exchange Online', { active: false }), profileRow(2, 'Exchange Online')],
    expected: 2,
  },
  {
    reason: 'the previous name leads to a renamed profile',
    profiles: [online({ previousDisplayName: 'Old' })],
    rows: [profileRow(1, 'Old')],
    expected: 1,
  },
  {
    reason: 'the previous name means nothing where the new one is there',
    profiles: [online({ previousDisplayName: 'Old' })],
    rows: [profileRow(1, 'Old'), profileRow(2, 'Exchange Online')],
    expected: 2,
  },
  {
    reason: 'a profile is not taken from another one that has its name',
    profiles: [online({ previousDisplayName: 'Old' }), profile('old', { displayName: 'Old' })],
    rows: [profileRow(1, 'Old')],
    expected: undefined,
  },
  {
    reason: 'a profile that mailkeel made is known by its identifier after somebody renamed it',
    rows: [profileRow(5, 'Renamed by hand', { id: profileId(ORGANIZATION_ID, 'Exchange Online') })],
    expected: 5,
  },
  { reason: 'no profile has the name', rows: [profileRow(1, 'Old')], expected: undefined },
  {
    reason: 'a profile nobody could decode may be the missing one',
    rows: [],
    unreadable: [idOf(3, 9)],
    expected: 'ProfileNotUnderstood',
  },
]

describe('profile directory', () => {
  it.each(TABLE)('$reason', ({ profiles = [online()], rows, unreadable = [], expected }) => {
    const directory = match(profiles, rows, unreadable)

    const found = directory.rows.get('online')
    const number = found && rows.findIndex(({ id }) => id === found.id)
    const told = number === undefined ? directory.unknown.get('online')?.code : rows[number]
    expect(told).toEqual(typeof expected === 'number' ? rows.find((row) => isNumber(row, expected)) : expected)
  })

  it('a profile of the spec has its display name of the spec, another one its own', () => {
    const directory = match([online({ previousDisplayName: 'Old' })], [profileRow(1, 'Old'), profileRow(2, 'Router')])

    expect([directory.nameOf(idOf(3, 1)), directory.nameOf(idOf(3, 2))]).toEqual(['Exchange Online', 'Router'])
  })

  it('names are never shared: twins get the first digits of their identifier', () => {
    const twin = profileRow(1, 'Twin', { id: 'aaaaaaaa-0000-4000-8000-000000000001' })
    const other = profileRow(2, 'Twin', { id: 'bbbbbbbb-0000-4000-8000-000000000002' })
    const directory = match([online()], [twin, other])

    expect([directory.nameOf(twin.id), directory.nameOf(other.id)]).toEqual(['Twin (aaaaaaaa)', 'Twin (bbbbbbbb)'])
  })

  it('a profile that cannot be read has a name all the same', () => {
    expect(match([], []).nameOf('cccccccc-0000-4000-8000-000000000003')).toBe('profile cccccccc')
  })
})

function isNumber(row: ProfileRow, number: number): boolean {
  return row.id === idOf(3, number) || (number === 5 && row.id === profileId(ORGANIZATION_ID, 'Exchange Online'))
}
