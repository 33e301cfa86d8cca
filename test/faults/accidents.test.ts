import { expect, it } from 'vitest'
import { ACCIDENTS } from '../stack/accident.ts'
import { endingOf, SITUATIONS } from './accidents.ts'

it.each(SITUATIONS)(
  '$stages: whatever record an accident strikes at, they end the same, and nothing is written twice',
  async (situation) => {
    const { records, ...undisturbed } = await endingOf(situation, 'killed after', 0)
    expect(records).toEqual(expect.arrayContaining(['start', 'intend', 'conclude', 'finish']))

    // In the long run every accident strikes at every record, here one at each.
    const everyone = records.length > 10 ? 2 : 1
    for (let index = 0; index < records.length; index += everyone) {
      const kind = ACCIDENTS[index % ACCIDENTS.length] ?? 'disk full'
      const { picture, writes } = await endingOf(situation, kind, index + 1)

      expect({ kind, at: index + 1, picture, writes }).toEqual({ kind, at: index + 1, ...undisturbed })
    }
  },
  120_000,
)
