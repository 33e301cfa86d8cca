import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/engine/index.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import {
  approvedIds,
  createPlanFile,
  parsePlanFile,
  readPlanFile,
  writePlanFile,
} from '../../src/reconcile/plan-file.ts'
import { desiredLibrary, messyTables, readFaults } from '../engine/arbitraries.ts'
import { BOOK, remoteWith, wants } from '../engine/fake-library.ts'
import { planOf } from '../engine/fake-pass.ts'
import { FakeRemote } from '../engine/fake-remote.ts'
import { environmentIn, optionsOf, pass, scopeOf, temporaryDirectory } from './fake-scope.ts'

const NOW = new Date('2026-11-20T08:00:00Z')
const DESIRED = wants(
  { s1: { title: 'B' }, s2: { ensure: 'absent' }, s3: { title: 'C' } },
  { a: { open: false, shelf: 's3', test: true }, gone: {} },
)

async function planned(): Promise<PassResult> {
  const remote = remoteWith({ s1: { title: 'A' }, s2: {} }, { a: { ...BOOK, tested: false } })
  return pass(scopeOf(remote, DESIRED), optionsOf({ mode: 'plan' }), environmentIn(await temporaryDirectory()))
}

async function validator() {
  const schema = JSON.parse(
    await readFile(fileURLToPath(new URL('../../schema/v1/plan.schema.json', import.meta.url)), 'utf8'),
  )
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, keywords: ['patternErrorMessage'] })
  return ajv.compile(schema)
}

describe('a plan file', () => {
  it('comes back as it was written, and approves exactly its ids', async () => {
    const path = join(await temporaryDirectory(), 'plan.json')
    const result = await planned()
    const file = createPlanFile([result], 'r1', NOW)

    await writePlanFile(path, file)

    expect(await readPlanFile(path)).toEqual(file)
    expect(approvedIds(file)).toEqual(new Set(result.plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id))))
  })

  it('keeps what must be updated first', async () => {
    const result = await planned()
    const steps = result.plan.steps.map((step) => ({
      ...step,
      changes: step.changes.map((one) => ({
        ...one,
        needs: [{ stage: 'settings', key: 'one', updated: true as const }],
      })),
    }))
    const file = createPlanFile([{ ...result, plan: { ...result.plan, steps } }], 'r1', NOW)

    expect(parsePlanFile(JSON.stringify(file), 'plan.json')).toEqual(file)
    expect((await validator())(JSON.parse(JSON.stringify(file)))).toBe(true)
  })

  it('is understood in any layout', async () => {
    const file = createPlanFile([await planned()], 'r1', NOW)

    expect(parsePlanFile(JSON.stringify(file), 'plan.json')).toEqual(file)
    expect(parsePlanFile(JSON.stringify(file, null, 8), 'plan.json')).toEqual(file)
  })

  it.each<{ reason: string; from: string; to: string }>([
    { reason: 'another value is asked', from: '"to": false', to: '"to": true' },
    { reason: 'another object is named', from: '"key": "s1"', to: '"key": "s9"' },
    { reason: 'a sentence is changed', from: '"one": "becomes B"', to: '"one": "stays A"' },
    { reason: 'an id is changed', from: '"id": "', to: '"id": "0' },
    { reason: 'a guard is silenced', from: '"decision": "allow"', to: '"decision": "blocked"' },
    { reason: 'the time is changed', from: '2026-11-20T08:00:00.000Z', to: '2026-11-21T08:00:00.000Z' },
  ])('that was edited is refused: $reason', async ({ from, to }) => {
    const text = JSON.stringify(createPlanFile([await planned()], 'r1', NOW), null, 2)
    expect(text).toContain(from)

    expect(() => parsePlanFile(text.replace(from, to), 'plan.json')).toThrow(
      expect.objectContaining({ code: 'PlanFileEdited', message: expect.stringContaining('plan again') }),
    )
  })

  it('whose digest was made to fit an edit is refused by its ids', async () => {
    const { plan, ...rest } = await planned()
    const edited = JSON.parse(JSON.stringify(plan).replace('"to":"B"', '"to":"Z"'))

    const file = createPlanFile([{ ...rest, plan: edited }], 'r1', NOW)

    expect(() => parsePlanFile(JSON.stringify(file), 'plan.json')).toThrow('the change of s1 does not fit')
  })

  it.each<{ reason: string; text: string; message: string }>([
    { reason: 'not JSON', text: 'plan', message: 'is not JSON' },
    { reason: 'something else', text: '{"version":1}', message: 'is not a plan file' },
    {
      reason: 'of a newer version',
      text: '{"version":"mailkeel.plan-file/v2"}',
      message: 'is of version mailkeel.plan-file/v2',
    },
    {
      reason: 'empty inside',
      text: '{"version":"mailkeel.plan-file/v1"}',
      message: 'was changed after it was written',
    },
    { reason: 'null', text: 'null', message: 'is not a plan file' },
  ])('that is $reason is refused in words', ({ text, message }) => {
    expect(() => parsePlanFile(text, 'plan.json')).toThrow(message)
  })

  it('that has the right digest and the wrong shape is refused in words', () => {
    const hostile = createPlanFile([{ plan: { steps: 3 } } as never], 'r1', NOW)

    expect(() => parsePlanFile(JSON.stringify(hostile), 'plan.json')).toThrow(
      expect.objectContaining({ name: 'PlanFileError' }),
    )
  })

  it('that is not there says so', async () => {
    await expect(readPlanFile(join(await temporaryDirectory(), 'none.json'))).rejects.toMatchObject({
      code: 'PlanFileUnreadable',
      message: expect.stringContaining('none.json'),
    })
  })
})

describe('the published schema of plan files', () => {
  it('holds for random plans with all kinds of exceptions', async () => {
    const validate = await validator()
    const property = fc.asyncProperty(desiredLibrary, messyTables, readFaults, async (desired, tables, faults) => {
      const remote = new FakeRemote(tables)
      let turn = 0
      remote.faults.read = () => faults[turn++ % faults.length]
      const { plan, presence } = await planOf(remote, { ...desired, held: new Set(['a', 'b']) })
      const guards = environmentIn('unused').guards('any')
      const verdicts = judge(guards, { plan, presence, seen: new Map() }, new Set(['change']))
      const file = createPlanFile([{ plan, verdicts, decision: 'allow' } as unknown as PassResult], 'r1', NOW)

      const valid = validate(JSON.parse(JSON.stringify(file)))

      expect(validate.errors ?? []).toEqual([])
      expect(valid).toBe(true)
      expect(parsePlanFile(JSON.stringify(file), 'plan.json')).toEqual(file)
    })
    await fc.assert(property, { seed: 20_261_120, numRuns: 100 })
  })

  it.each<{ reason: string; edit: (file: Record<string, never>) => void }>([
    { reason: 'a field nobody knows', edit: (file) => Object.assign(file, { extra: 1 }) },
    { reason: 'no digest', edit: (file) => void delete file['digest'] },
    { reason: 'another version', edit: (file) => Object.assign(file, { version: 'mailkeel.plan-file/v2' }) },
  ])('refuses $reason', async ({ edit }) => {
    const validate = await validator()
    const file = JSON.parse(JSON.stringify(createPlanFile([await planned()], 'r1', NOW)))
    expect(validate(file)).toBe(true)

    edit(file)

    expect(validate(file)).toBe(false)
  })

  it('describes every property', async () => {
    const text = await readFile(fileURLToPath(new URL('../../schema/v1/plan.schema.json', import.meta.url)), 'utf8')
    const undescribed: string[] = []
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      const { properties = {} } = node as { properties?: Record<string, { description?: string; $ref?: string }> }
      for (const [name, property] of Object.entries(properties)) {
        if (!property.description && !property.$ref) undescribed.push(`${path}.${name}`)
      }
      for (const [name, child] of Object.entries(node)) visit(child, `${path}.${name}`)
    }

    visit(JSON.parse(text), '')

    expect(undescribed).toEqual([])
  })
})

describe('applying from a plan file', () => {
  it('does what was reviewed and leaves what came later', async () => {
    const remote = remoteWith({ s1: { title: 'A' } }, { a: BOOK, b: BOOK })
    const desired = wants({ s1: { title: 'B' } }, { a: { open: true }, b: { open: true } })
    const environment = environmentIn(await temporaryDirectory())
    const path = join(await temporaryDirectory(), 'plan.json')
    const before = await pass(scopeOf(remote, desired), optionsOf({ mode: 'plan' }), environment)
    await writeFile(path, JSON.stringify(createPlanFile([before], 'r1', NOW)))
    remote.tables.book.set('b', { ...BOOK, open: false })

    const approved = approvedIds(await readPlanFile(path))
    const result = await pass(scopeOf(remote, desired), optionsOf({ approved }), environment)

    expect(result.outcomes?.map(({ key, result: came }) => [key, came])).toEqual([['s1', 'Applied']])
    expect(result.plan.steps.flatMap(({ changes }) => changes.map(({ key }) => key))).toEqual(['s1', 'b'])
    expect(remote.tables.book.get('b')?.['open']).toBe(false)
  })
})
