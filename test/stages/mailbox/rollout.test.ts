import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rolloutOf, wavesOf } from '../../../src/stages/mailbox/rollout.ts'

const people = (count: number) => Array.from({ length: count }, (_, index) => `person${index + 1}@contoso.com`)
const sizes = (count: number, waves: readonly number[], canary: readonly string[] = []) =>
  wavesOf(people(count), { canary, waves }).map(({ name, members }) => `${name} ${members.length}`)

describe('the waves of a set', () => {
  it.each([
    {
      reason: 'shares are cumulative',
      count: 1000,
      waves: [1, 10, 25],
      expected: ['wave 1 10', 'wave 2 90', 'wave 3 150', 'rest 750'],
    },
    {
      reason: 'shares are rounded up',
      count: 12,
      waves: [1, 10, 25],
      expected: ['wave 1 1', 'wave 2 1', 'wave 3 1', 'rest 9'],
    },
    { reason: 'a wave of nobody is none', count: 3, waves: [1, 10, 50], expected: ['wave 1 1', 'wave 2 1', 'rest 1'] },
    { reason: 'a hundred percent leaves no rest', count: 10, waves: [50, 100], expected: ['wave 1 5', 'wave 2 5'] },
    { reason: 'parts of a percent', count: 5000, waves: [0.1, 100], expected: ['wave 1 5', 'wave 2 4995'] },
    { reason: 'nobody at all', count: 0, waves: [1, 10], expected: [] },
    { reason: 'one mailbox', count: 1, waves: [1, 10, 25], expected: ['wave 1 1'] },
  ])('$reason', ({ count, waves, expected }) => {
    expect(sizes(count, waves)).toEqual(expected)
  })

  it('begins with the canary as it is named, which counts for the shares', () => {
    const canary = ['person7@contoso.com', 'person2@contoso.com']

    const waves = wavesOf(people(100), { canary, waves: [1, 10] })

    expect(waves.map(({ name, members }) => `${name} ${members.length}`)).toEqual(['canary 2', 'wave 1 8', 'rest 90'])
    expect(waves[0]).toMatchObject({ isCanary: true, members: canary })
  })

  it('leaves out a canary that is no member', () => {
    expect(sizes(2, [50], ['gone@contoso.com'])).toEqual(['wave 1 1', 'rest 1'])
  })

  it('mixes neighbours: the first tenth is not the beginning of the alphabet', () => {
    const [first] = wavesOf(people(1000), { canary: [], waves: [10] })
    const numbers = first?.members.map((address) => Number(address.replaceAll(/\D/g, ''))) ?? []
    const low = numbers.filter((number) => number <= 500).length

    expect(low).toBeGreaterThan(30)
    expect(low).toBeLessThan(70)
  })

  it('has every member once, whatever the order they are written in', () => {
    const members = fc.uniqueArray(fc.emailAddress(), { maxLength: 60 })
    const waves = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(members, waves, (all, percents) => {
        const rollout = { canary: all.slice(0, 2), waves: percents.sort((a, b) => a - b) }
        const found = wavesOf(all, rollout)

        expect(found.flatMap((wave) => wave.members).sort()).toEqual([...all].sort())
        expect(found.every((wave) => wave.members.length > 0)).toBe(true)
        expect(wavesOf([...all].reverse(), rollout)).toEqual(found)
      }),
    )
  })
})

describe('what holds for a set', () => {
  it.each([
    { reason: 'nobody says anything', own: undefined, fallback: undefined, expected: undefined },
    {
      reason: 'the set says that there is a rollout',
      own: { canary: [] },
      fallback: undefined,
      expected: { canary: [], waves: [1, 10, 25], maximumFailurePercent: 10 },
    },
    {
      reason: 'the configuration says it for all',
      own: undefined,
      fallback: { waves: [50], maximumFailurePercent: 3 },
      expected: { canary: [], waves: [50], maximumFailurePercent: 3 },
    },
    {
      reason: 'the set wins, field by field',
      own: { canary: ['a@contoso.com'], waves: [5] },
      fallback: { waves: [50], maximumFailurePercent: 3, paused: { reason: 'frozen' } },
      expected: {
        canary: ['a@contoso.com'],
        waves: [5],
        maximumFailurePercent: 3,
        paused: { reason: 'frozen' },
        isPausedForAll: true,
      },
    },
  ])('$reason', ({ own, fallback, expected }) => {
    expect(rolloutOf(own, fallback)).toEqual(expected)
  })
})
