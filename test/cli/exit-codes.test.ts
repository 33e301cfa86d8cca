import { describe, expect, it } from 'vitest'
import { BY_STRENGTH, EXIT, exitTable, MEANINGS, strongest, type VerbName } from '../../src/cli/exit-codes.ts'
import { loadVerbs, VERBS } from '../../src/cli/verbs.ts'

describe('exit codes', () => {
  it('are those that pipelines know, the strongest first', () => {
    expect(BY_STRENGTH.map((name) => EXIT[name])).toEqual([65, 64, 1, 5, 4, 3, 6, 2, 0])
  })

  it.each([
    { names: [], expected: 'inSync', reason: 'nothing to say is in sync' },
    { names: ['changes', 'partly'], expected: 'partly', reason: '6 is listed before 2' },
    { names: ['override', 'unknown', 'blocked'], expected: 'unknown', reason: '5 is listed before 4 and 3' },
    { names: ['unknown', 'error'], expected: 'error', reason: '1 is listed before 5' },
    { names: ['usage', 'invalid'], expected: 'invalid', reason: '65 is listed first' },
  ] as const)('$names come to $expected: $reason', ({ names, expected }) => {
    expect(strongest(names)).toBe(expected)
  })

  it('have a table for every verb, and none for a verb that does not exist', () => {
    expect(VERBS.map(({ name }) => name).sort()).toEqual(Object.keys(MEANINGS).sort())
  })

  it.each(VERBS.map(({ name }) => name))('%s explains success and misuse', (name: VerbName) => {
    const codes = exitTable(name).map(({ code }) => code)

    expect(codes).toContain(0)
    expect(codes).toContain(64)
  })

  it('every verb has examples that begin with the program, and flags that explain themselves', async () => {
    for (const verb of await loadVerbs()) {
      expect(verb.examples.length, verb.name).toBeGreaterThan(0)
      for (const { command } of verb.examples) expect(command).toContain(`mailkeel ${verb.name}`)
      for (const { syntax, describe: words } of verb.flags) {
        expect(syntax).toMatch(/--[a-z-]+/)
        expect(words.length).toBeGreaterThan(10)
      }
    }
  })
})
