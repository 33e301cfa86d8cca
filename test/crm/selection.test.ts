import { expect, test } from 'vitest'
import { isMany } from '../../src/crm/read/selection.ts'

test.each<{ reason: string; ids: number; size: number | undefined; many: boolean }>([
  { reason: 'a window of a large set is read by its ids', ids: 3_200, size: 50_000, many: false },
  { reason: 'a good part of a set is read in pages', ids: 3_200, size: 10_000, many: true },
  { reason: 'some of a small set are read by their ids', ids: 10, size: 100, many: false },
  { reason: 'most of a small set is one page', ids: 60, size: 100, many: true },
  { reason: 'a few of nobody knows how many are read by their ids', ids: 500, size: undefined, many: false },
  { reason: 'many of nobody knows how many may be all of them', ids: 501, size: undefined, many: true },
])('$reason', ({ ids, size, many }) => {
  expect(isMany(ids, size)).toBe(many)
})
