import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { needs } from '../setup/needs.ts'

const SCRIPT = fileURLToPath(new URL('../../.ci/run', import.meta.url))

needs('bash')('.ci/run', () => {
  let bin: string

  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), 'mailkeel-ci-'))
    command('apt-get', 'echo "apt-get $*" >> "$CALLS"')
  })

  afterEach(() => rmSync(bin, { recursive: true, force: true }))

  /** Puts a command of ours in place of the real one. */
  function command(name: string, script: string): void {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }

  /** Runs the script with an npm whose steps end as told. */
  function run(steps: { ci?: string; lint?: string; types?: string; verify?: string; test?: string; image?: string }) {
    const { ci = 'true', lint = 'true', types = 'true', verify = 'true' } = steps
    const { test = 'echo "7 passed, 0 failed"', image = 'echo "5 passed, 0 failed"' } = steps
    command(
      'npm',
      `echo "npm $* CI=$CI" >> "$CALLS"
       case "$*" in ci) ${ci} ;; "run lint") ${lint} ;; "run types") ${types} ;; "run verify") ${verify} ;; test) ${test} ;; *test:image-node) ${image} ;; esac`,
    )
    const calls = join(bin, 'calls.log')
    const ran = spawnSync('bash', [SCRIPT], {
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env['PATH']}`, CALLS: calls },
    })
    const lines = ran.stdout.trimEnd().split('\n')
    return {
      status: ran.status,
      last: lines.at(-1),
      summaries: lines.filter((line) => / passed, \d+ failed$/.test(line)).length,
      calls: readFileSync(calls, 'utf8').trimEnd().split('\n'),
    }
  }

  test('installs, then runs every step as in CI', () => {
    const { calls, status, last } = run({})

    expect(calls).toEqual([
      'apt-get update -qq',
      'apt-get install -qq -y --no-install-recommends chromium git gnupg openssh-server openssl prometheus systemd',
      'npm ci CI=true',
      'npm run lint CI=true',
      'npm run types CI=true',
      'npm run verify CI=true',
      'npm test CI=true',
      'npm run --silent test:image-node CI=true',
    ])
    expect({ status, last }).toEqual({ status: 0, last: '12 passed, 0 failed' })
  })

  test.each([
    { steps: { lint: 'false' }, last: '12 passed, 1 failed', reason: 'a step that fails is one more failure' },
    {
      steps: { lint: 'false', types: 'exit 3', verify: 'false' },
      last: '12 passed, 3 failed',
      reason: 'each step counts',
    },
    { steps: { test: 'echo "7 passed, 2 failed"; exit 1' }, last: '12 passed, 2 failed', reason: 'failed tests' },
    {
      steps: { test: 'echo "7 passed, 0 failed"; exit 1' },
      last: '12 passed, 1 failed',
      reason: 'a status without a count',
    },
    {
      steps: { test: 'echo "0 passed, 0 failed"', image: 'echo "0 passed, 0 failed"' },
      last: '0 passed, 0 failed',
      reason: 'no test at all',
    },
    { steps: { test: 'echo boom >&2; exit 1' }, last: '5 passed, 1 failed', reason: 'no summary' },
    { steps: { test: 'true' }, last: '5 passed, 1 failed', reason: 'no summary in spite of a good end' },
    { steps: { ci: 'false' }, last: '0 passed, 1 failed', reason: 'nothing works without the packages' },
    {
      steps: { types: 'false', test: 'echo "7 passed, 2 failed"; exit 1' },
      last: '12 passed, 3 failed',
      reason: 'both',
    },
    {
      steps: { image: 'echo "5 passed, 2 failed"; exit 1' },
      last: '12 passed, 2 failed',
      reason: 'tests that fail on the Node of the image only',
    },
    { steps: { image: 'exit 1' }, last: '7 passed, 1 failed', reason: 'no such Node' },
  ])('fails with "$last": $reason', ({ steps, last }) => {
    const ran = run(steps)

    expect(ran).toMatchObject({ status: 1, last, summaries: 1 })
  })

  test('goes on without a mirror', () => {
    command('apt-get', 'echo "apt-get $*" >> "$CALLS"; exit 100')

    expect(run({})).toMatchObject({ status: 0, last: '12 passed, 0 failed' })
  })
})
