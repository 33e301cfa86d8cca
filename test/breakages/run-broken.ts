import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Breakage } from './breakages.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What the tests said of our code with one thing broken. */
export interface Verdict {
  readonly passed: number
  readonly failed: number
  /** Test files that could not be loaded: they noticed nothing. */
  readonly notLoaded: readonly string[]
}

/** Runs the tests of all breakages of one kind, and of our code as it is under the name `intact`. */
export async function runBroken(kind: 'quick' | 'slow'): Promise<Readonly<Record<string, Verdict>>> {
  const scratch = await mkdtemp(join(tmpdir(), 'mailkeel-breakages-'))
  const verdicts = join(scratch, 'verdicts.json')
  const reporter = join(ROOT, 'test', 'breakages', 'verdict-reporter.mjs')
  const words = ['run', '--config', 'test/breakages/broken.config.ts', `--reporter=${reporter}`]
  try {
    const output = await vitest(words, { MAILKEEL_BREAKAGES: kind, MAILKEEL_VERDICTS: verdicts })
    const text = await readFile(verdicts, 'utf8').catch(() => {
      throw new Error(`the tests did not come to an end:\n${output.slice(-2000)}`)
    })
    return (JSON.parse(text) as { projects: Readonly<Record<string, Verdict>> }).projects
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Whether the text that a breakage replaces stands in its file exactly once. */
export async function isThere({ file, find }: Breakage): Promise<boolean> {
  return (await readFile(join(ROOT, file), 'utf8')).split(find).length === 2
}

function vitest(words: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), ...words], {
    cwd: ROOT,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })
}
