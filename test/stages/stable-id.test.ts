import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forwardMailboxId, profileId, stableId } from '../../src/stages/stable-id.ts'
import { ORGANIZATION_ID } from './memory.ts'

const OTHER = 'b187eaf3-00b3-49c9-8706-c4ebfb2627fd'

describe('stable identifiers', () => {
  it('are GUIDs of version 5, the same for the same parts', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        const id = stableId(ORGANIZATION_ID, ...parts)

        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(stableId(ORGANIZATION_ID.toUpperCase(), ...parts)).toBe(id)
      }),
    )
  })

  it('differ by organization, by kind and by how the parts are cut', () => {
    const ids = [
      profileId(ORGANIZATION_ID, 'info@contoso.com'),
      profileId(OTHER, 'info@contoso.com'),
      forwardMailboxId(ORGANIZATION_ID, 'info@contoso.com'),
      stableId(ORGANIZATION_ID, 'ab', 'c'),
      stableId(ORGANIZATION_ID, 'a', 'bc'),
      stableId('no guid', 'a', 'bc'),
    ]

    expect(new Set(ids).size).toBe(ids.length)
  })

  it('never change between versions of mailkeel: objects made before would be made again', () => {
    expect(profileId(ORGANIZATION_ID, 'Exchange Online')).toBe('521b7de1-6efc-57e4-8d8a-3598465fc5ff')
    expect(forwardMailboxId(ORGANIZATION_ID, 'info@contoso.com')).toBe('fb839bb2-7740-5d95-83ba-1bb53dc84ac0')
  })
})
