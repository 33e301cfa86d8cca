import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { readJournal } from '../../src/reconcile/journal-reader.ts'
import { mailkeel } from '../cli/process.ts'
import { needs } from '../setup/needs.ts'
import { quickSimulator, workspaceFor } from './workspace.ts'

const ESCAPE = '\u001b'
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const QUICKSTART = fileURLToPath(new URL('../../examples/quickstart', import.meta.url))
const REPORT_SCHEMA = new URL('../../docs/reference/report.schema.json', import.meta.url)

describe('Ctrl-C', () => {
  it('once ends apply after what is under way; the journal knows every outcome', async () => {
    const crm = await quickSimulator({ mailboxes: 60, queues: 0, mess: ['no-new-profile'], latencyMs: 30 })
    const cwd = workspaceFor(crm)
    let interrupted = false

    const { code, stderr } = await mailkeel(['apply', '--yes', '--allow', 'change'], {
      cwd,
      onTick: (kill) => {
        if (interrupted || crm.requests().writes === 0) return
        interrupted = true
        kill('SIGINT')
      },
    })

    const open = new Set<string>()
    for await (const record of readJournal(join(cwd, '.mailkeel'), 'organization/contoso-sales')) {
      if (record.type === 'intents') for (const { id } of record.intents) open.add(id)
      if (record.type === 'outcomes') for (const { id } of record.outcomes) open.delete(id)
    }
    expect(interrupted).toBe(true)
    expect(code).toBe(EXIT.error)
    expect(stderr).toContain('what is under way is finished')
    expect([...open]).toEqual([])
  })

  it('twice ends at once, and the next run is not locked out', async () => {
    // The first write is never answered, so the first Ctrl-C finds something under way and cannot end the run by itself.
    const crm = await quickSimulator({ mailboxes: 40, queues: 0, mess: ['no-new-profile'] })
    crm.faults.add({ kind: 'no-answer', effect: true, match: { method: 'POST', path: '/^(?!\\$batch)/' } })
    const cwd = workspaceFor(crm)
    let asked = 0

    const ended = await mailkeel(['apply', '--yes', '--wait', '--allow', 'change'], {
      cwd,
      onTick: (kill) => {
        if (asked >= 2 || crm.requests().writes === 0) return
        asked += 1
        kill('SIGINT')
      },
    })
    const next = await mailkeel(['apply', '--yes', '--wait', '20s', '--allow', 'change'], { cwd })

    expect(ended.code).toBe(130)
    expect(next.code).toBe(EXIT.inSync)
  })
})

describe('output for programs', () => {
  it('is one JSON value that its schema describes, and nothing else on that stream', async () => {
    const crm = await quickSimulator({ mess: ['old-profile', 'pending', 'missing-in-exchange'] })
    const cwd = workspaceFor(crm, { more: ['newcomer@contoso.com'] })
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
      JSON.parse(readFileSync(REPORT_SCHEMA, 'utf8')),
    )

    for (const words of [['plan'], ['apply', '--yes', '--wait', '20s'], ['status'], ['validate']]) {
      const { code, stdout } = await mailkeel([...words, '--output', 'json'], { cwd })
      const report = JSON.parse(stdout)
      validate(report)
      expect(validate.errors, words.join(' ')).toBeNull()
      expect(report).toMatchObject({ verb: words[0], exitCode: code })
    }
  })
})

describe('starting', () => {
  it('validate loads neither the network, nor a stage, nor the engine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailkeel-coverage-'))
    try {
      const { code } = await mailkeel(['validate', QUICKSTART], { env: { NODE_V8_COVERAGE: folder } })

      const loaded = readdirSync(folder).flatMap((file) => urlsIn(join(folder, file)))
      expect(code).toBe(EXIT.inSync)
      expect(loaded.some((url) => url.includes('/dist/spec/'))).toBe(true)
      expect(
        loaded.filter((url) => /undici|\/dist\/(crm|network|engine|stages|reconcile|simulator)\//.test(url)),
      ).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

needs('script')('on a terminal', () => {
  it('apply shows the plan, asks, and does nothing on anything but yes', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm)

    const { code, output } = await onTerminal(['apply'], cwd, 'maybe\n')

    expect(output).toContain('changes for')
    expect(output).toMatch(/Apply \d+ changes\? \[y\/N\]/)
    expect(code).toBe(EXIT.changes)
    expect(crm.requests().writes).toBe(0)
  })

  it('apply applies what it showed when the answer is yes, with colours and a bar', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm)

    const { code, output } = await onTerminal(['apply', '--wait', '20s'], cwd, 'y\n')

    expect(code).toBe(EXIT.inSync)
    expect(output).toContain(`${ESCAPE}[1mcontoso-sales at`)
    expect(output).toContain('░')
  })

  it('NO_COLOR is respected', async () => {
    const crm = await quickSimulator()

    const { output } = await onTerminal(['status'], workspaceFor(crm), '', { NO_COLOR: '1' })

    expect(output).not.toMatch(new RegExp(`${ESCAPE}\\[\\d+m`))
  })
})

/** Runs the program on a pseudo-terminal and types `input` once something is asked. */
async function onTerminal(
  words: readonly string[],
  cwd: string,
  input: string,
  env: Readonly<Record<string, string>> = {},
) {
  const command = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' ')
  const { PATH, HOME } = process.env
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd, env: { PATH, HOME, TERM: 'xterm', ...env } })
  let output = ''
  let typed = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (typed || !output.includes('[y/N]')) return
    typed = true
    child.stdin.write(input)
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output }
}

function urlsIn(file: string): readonly string[] {
  const { result } = JSON.parse(readFileSync(file, 'utf8')) as { readonly result: readonly { readonly url: string }[] }
  return result.map(({ url }) => url)
}
