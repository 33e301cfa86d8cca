// Runs the tests and sums up in one plain line: `N passed, M failed`.
// M counts failed tests, test files that did not load, unhandled errors, and in CI also skipped tests.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const flags = process.argv.slice(2)
const fast = flags.includes('--fast')
const long = flags.includes('--long')
const filters = flags.filter((flag) => flag !== '--fast' && flag !== '--long')
const scratch = mkdtempSync(join(tmpdir(), 'mailkeel-tests-'))
const summaryFile = join(scratch, 'summary.json')

const run = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'scripts', 'summary-reporter.mjs')}`,
    ...(fast ? ['--exclude', 'test/e2e/**'] : []),
    ...filters,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MAILKEEL_TEST_SUMMARY: summaryFile, ...(long ? { MAILKEEL_TEST_LONG: '1' } : {}) },
  },
)

const summary = readSummary()
rmSync(scratch, { recursive: true, force: true })
const { passed, skipped, files, errors } = summary
let failed = summary.failed + files + errors
if (process.env['CI'] && skipped > 0) {
  console.log(`${skipped} tests were skipped; in CI a skip is a failure`)
  failed += skipped
} else if (skipped > 0) {
  console.log(`${skipped} tests were skipped`)
}
if (run.status !== 0 && failed === 0) failed = 1
if (passed === 0 && failed === 0) failed = 1
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function readSummary() {
  try {
    return JSON.parse(readFileSync(summaryFile, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0, files: 0, errors: 1 }
  }
}
