import { describe, expect, it } from 'vitest'
import { tell, tellTogether } from '../../src/engine/shared-values.ts'
import type { FieldRule } from '../../src/engine/stage.ts'

function rule(): FieldRule {
  return {
    effect: (_from, to) => (to === 'None' ? 'stop' : 'adjust'),
    words: (_from, to) => ({ group: 'adjust', one: `becomes ${to}`, many: `become ${to}` }),
  }
}

describe('what changes have in common', () => {
  it('is one object for all changes whose fields go the same way', () => {
    const [profile, incoming] = [rule(), rule()]
    const both = () => [tell(profile, 'profile', 'a', 'b'), tell(incoming, 'incoming', 'Outlook', 'None')]

    const [first, second] = [tellTogether(both()), tellTogether(both())]

    expect(second).toBe(first)
    expect(first.fields.map(({ field }) => field)).toEqual(['profile', 'incoming'])
    expect(first.effects).toEqual(['adjust', 'stop'])
    expect(first.phrases.map(({ one }) => one)).toEqual(['becomes b', 'becomes None'])
  })

  it('is told apart by the value before, the value after, the fields and their order', () => {
    const [profile, incoming] = [rule(), rule()]
    const ways = [
      [tell(profile, 'profile', 'a', 'b')],
      [tell(profile, 'profile', 'a', 'c')],
      [tell(profile, 'profile', 'b', 'c')],
      [tell(profile, 'profile', undefined, 'c')],
      [tell(profile, 'profile', 'a', 'b'), tell(incoming, 'incoming', 'a', 'b')],
      [tell(incoming, 'incoming', 'a', 'b'), tell(profile, 'profile', 'a', 'b')],
    ]

    const told = ways.map(tellTogether)

    expect(new Set(told).size).toBe(ways.length)
    expect(new Set(told.map(({ fields }) => JSON.stringify(fields))).size).toBe(ways.length)
  })

  it('is not kept for values of which there are many, such as addresses', () => {
    const address = rule()
    const of = (index: number) => [tell(address, 'address', `from${index}@contoso.com`, `to${index}@contoso.com`)]
    for (let index = 0; index < 200; index += 1) tellTogether(of(index))

    const [first, second] = [tellTogether(of(500)), tellTogether(of(500))]

    expect(second).not.toBe(first)
    expect(second).toEqual(first)
    expect(second.fields).toEqual([
      { field: 'address', from: 'from500@contoso.com', to: 'to500@contoso.com', effect: 'adjust' },
    ])
  })
})
