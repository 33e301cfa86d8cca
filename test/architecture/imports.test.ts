import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { circlesIn, folderOf, PACKAGE_HOMES, ROOMS, type SourceFile, violationsIn } from './import-rule.ts'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))
const sources = readSources()

function readSources(): readonly SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(tsx?|jsx?|mjs|cjs|mts|cts)$/.test(path))
    .map((path) => ({ path: path.replaceAll(sep, '/'), source: readFileSync(join(SRC, path), 'utf8') }))
}

/** A small src/ in which one file is written as the row says. */
function house(path: string, source: string): readonly SourceFile[] {
  return [
    { path: 'stages/index.ts', source: "import './approval.ts'\nimport './mailbox/stage.ts'" },
    { path: 'stages/shared-words.ts', source: '' },
    { path, source },
  ]
}

describe('the import rule', () => {
  test('holds in all of src', () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(violationsIn(sources)).toEqual([])
  })

  test('has no circles among the folders', () => {
    expect(circlesIn(sources)).toEqual([])
  })

  test('has a row for every folder of src', () => {
    const folders = new Set(sources.map(({ path }) => folderOf(path)))

    expect([...folders].filter((folder) => !ROOMS.some((room) => room.folder === folder))).toEqual([])
  })

  test('has a home for every package that the program needs, and for no other', () => {
    const manifest = JSON.parse(readFileSync(join(SRC, '..', 'package.json'), 'utf8'))
    const needed = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })

    expect(PACKAGE_HOMES.map((row) => row.package).sort()).toEqual(needed.sort())
  })
})

describe('the import rule finds', () => {
  test.each([
    { path: 'engine/plan.ts', source: "import { a } from '../spec/desired.ts'", reason: 'a static import' },
    { path: 'engine/plan.ts', source: "import '../spec/desired.ts'", reason: 'a bare import' },
    { path: 'engine/plan.ts', source: "import type { A } from '../spec/desired.ts'", reason: 'a type import' },
    { path: 'engine/plan.ts', source: "import { type A } from '../spec/desired.ts'", reason: 'an inline type import' },
    { path: 'engine/plan.ts', source: "let a: import('../spec/desired.ts').A", reason: 'a type in place' },
    { path: 'engine/plan.ts', source: "export { a } from '../spec/desired.ts'", reason: 'a re-export' },
    { path: 'engine/plan.ts', source: "export * from '../spec/desired.ts'", reason: 'a re-export of everything' },
    { path: 'engine/plan.ts', source: "export type * from '../spec/desired.ts'", reason: 'a re-export of types' },
    { path: 'engine/plan.ts', source: "await import('../spec/desired.ts')", reason: 'a dynamic import' },
    { path: 'engine/plan.ts', source: 'await import(`../spec/desired.ts`)', reason: 'a template without holes' },
    { path: 'engine/plan.ts', source: "import a = require('../spec/desired.ts')", reason: 'an import of old' },
    { path: 'engine/plan.ts', source: "const a = require('../spec/desired.ts')", reason: 'require' },
    { path: 'engine/plan.ts', source: "import.meta.resolve('../spec/desired.ts')", reason: 'import.meta.resolve' },
    { path: 'engine/plan.ts', source: 'await import(name)', reason: 'a computed import' },
    { path: 'engine/plan.ts', source: "await import('../' + name)", reason: 'a path put together' },
    { path: 'engine/deep/plan.ts', source: "import '../../../test/x.ts'", reason: 'a way out of src' },
    { path: 'simulator/world.ts', source: "import type { A } from '../crm/rows.ts'", reason: 'a double that knows us' },
    { path: 'network/http.ts', source: "import '../crm/rows.ts'", reason: 'a network that knows who sends' },
    { path: 'crm/rows.ts', source: "import { a } from '../engine/index.ts'", reason: 'a client that uses the engine' },
    { path: 'spec/load.ts', source: "import '../engine/index.ts'", reason: 'a spec that knows the engine' },
    { path: 'reconcile/pass.ts', source: "import '../network/http.ts'", reason: 'a pass that sends requests' },
    { path: 'reconcile/pass.ts', source: "import '../stages/index.ts'", reason: 'a pass that picks its stages' },
    { path: 'report/text.ts', source: "import '../crm/options.ts'", reason: 'a report that knows the CRM' },
    { path: 'stages/approval.ts', source: "import './mailbox/stage.ts'", reason: 'a stage that knows another' },
    { path: 'stages/mailbox/stage.ts', source: "import '../approval.ts'", reason: 'a stage that knows a listed file' },
    { path: 'stages/mailbox/stage.ts', source: "import type { A } from '../approval.ts'", reason: 'even its types' },
    { path: 'stages/shared-words.ts', source: "import './approval.ts'", reason: 'shared words that know a stage' },
    {
      path: 'stages/approval.ts',
      source: "import { a } from '../crm/options.ts'",
      reason: 'a stage that runs the client',
    },
    {
      path: 'stages/approval.ts',
      source: "import { type A } from '../crm/rows.ts'",
      reason: 'types, but the import stays',
    },
    { path: 'stages/approval.ts', source: "import '../network/http.ts'", reason: 'a stage that sends requests' },
    { path: 'stages/approval.ts', source: "import '../reconcile/contract.ts'", reason: 'a stage that knows the pass' },
    {
      path: 'stages/approval.ts',
      source: "import { load } from '../spec/load.ts'",
      reason: 'a stage that reads the spec',
    },
    { path: 'web/page.ts', source: "import '../engine/index.ts'", reason: 'a folder without a row' },
    { path: 'crm/client.ts', source: "import { request } from 'undici'", reason: 'a package away from home' },
    { path: 'crm/client.ts', source: "import type { Pool } from 'undici/types/pool.js'", reason: 'a part of one' },
    {
      path: 'cli/run.ts',
      source: "await import('yaml')",
      reason: 'a package away from home, even in the command line',
    },
    { path: 'spec/load.ts', source: "import 'lodash'", reason: 'a package that nobody listed' },
    { path: 'spec/load.ts', source: "import '@scope/name/part'", reason: 'a package with a scope' },
    { path: 'cli/run.ts', source: "import { spawn } from 'node:child_process'", reason: 'child processes' },
    {
      path: 'cli/run.ts',
      source: "process.getBuiltinModule('node:child_process')",
      reason: 'child processes by the back door',
    },
    { path: 'cli/run.ts', source: "process['binding']('spawn_sync')", reason: 'child processes by the cellar' },
    { path: 'cli/run.ts', source: "import 'child_process'", reason: 'a module of Node without its prefix' },
    { path: 'crm/client.ts', source: "import 'node:https'", reason: 'a second HTTP stack' },
    { path: 'crm/client.ts', source: "import 'node:dns/promises'", reason: 'a part of a module of Node' },
  ])('$reason: $source in $path', ({ path, source }) => {
    expect(violationsIn(house(path, source))).toEqual([expect.stringMatching(`^${path}:1 `)])
  })

  test.each([
    { path: 'engine/plan.ts', source: "import { a } from './change.ts'", reason: 'its own folder' },
    {
      path: 'engine/guards/effect.ts',
      source: "import { a } from '../change.ts'",
      reason: 'its own folder, from below',
    },
    { path: 'crm/client.ts', source: "import { a } from '../network/http.ts'", reason: 'a client over the network' },
    { path: 'stages/approval.ts', source: "import type { A } from '../crm/rows.ts'", reason: 'types of the client' },
    { path: 'stages/approval.ts', source: "import { a } from './shared-words.ts'", reason: 'what stages share' },
    { path: 'stages/mailbox/stage.ts', source: "import { a } from './fields.ts'", reason: 'its own stage' },
    {
      path: 'stages/approval.ts',
      source: "import { a } from '../spec/address.ts'",
      reason: 'what the same address is',
    },
    { path: 'cli/demo/run.ts', source: "import { spawn } from 'node:child_process'", reason: 'the demo' },
    { path: 'network/pool.ts', source: "await import('undici')", reason: 'a package at home' },
    { path: 'cli/run.ts', source: "import '../stages/index.ts'", reason: 'the command line, which knows everything' },
    { path: 'main.ts', source: "await import('./cli/run.ts')", reason: 'the composition root' },
    { path: 'spec/load.ts', source: "import { readFile } from 'node:fs/promises'", reason: 'a free module of Node' },
    { path: 'engine/plan.ts', source: "// import '../spec/desired.ts'", reason: 'a comment' },
    { path: 'engine/plan.ts', source: 'const text = "import \'../spec/desired.ts\'"', reason: 'a text' },
  ])('nothing wrong with $reason: $source in $path', ({ path, source }) => {
    expect(violationsIn(house(path, source))).toEqual([])
  })

  test('circles among folders, through types too', () => {
    const files = [
      { path: 'a/x.ts', source: "import type { B } from '../b/x.ts'" },
      { path: 'b/x.ts', source: "export * from '../c/x.ts'" },
      { path: 'c/x.ts', source: "let a: import('../a/x.ts').A" },
    ]

    expect(circlesIn(files)).toEqual(['a > b > c > a', 'b > c > a > b', 'c > a > b > c'])
    expect(circlesIn(files.slice(1))).toEqual([])
  })

  test('a file that does not parse', () => {
    expect(() => violationsIn(house('engine/plan.ts', 'import {'))).toThrow('engine/plan.ts does not parse')
  })
})
