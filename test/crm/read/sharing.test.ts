import { describe, expect, it } from 'vitest'
import { createShare } from '../../../src/crm/read/sharing.ts'

describe('sharing of values', () => {
  it('gives back every value as it is, also beyond what it remembers', () => {
    const share = createShare()
    const values = Array.from({ length: 25_000 }, (_, index) => `value ${index % 15_000}`)

    expect(values.map(share)).toEqual(values)
    expect(share(null)).toBeNull()
    expect(share('')).toBe('')
  })
})
