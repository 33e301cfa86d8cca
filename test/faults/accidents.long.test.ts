import { expect, it } from 'vitest'
import { ACCIDENTS } from '../stack/accident.ts'
import { endingOf, SITUATIONS } from './accidents.ts'

it.each(SITUATIONS.flatMap((situation) => ACCIDENTS.map((kind) => ({ ...situation, kind, situation }))))(
  '$stages, $kind: at every record they end the same, and nothing is written twice',
  async ({ situation, kind }) => {
    const { records, ...undisturbed } = await endingOf(situation, 'killed after', 0)

    for (const [index] of records.entries()) {
      const { picture, writes } = await endingOf(situation, kind, index + 1)

      expect({ at: index + 1, picture, writes }).toEqual({ at: index + 1, ...undisturbed })
    }
  },
  600_000,
)
