import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** What a run of the program came to. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Sends a signal to the program. */
export type Kill = (signal: NodeJS.Signals) => void

/** How to run it. */
export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Called with all output so far, whenever there is more. */
  readonly onOutput?: (output: string, kill: Kill) => void
  /** Called every few milliseconds while it runs. */
  readonly onTick?: (kill: Kill) => void
}

/** Runs the built program as people do: as a process, without a terminal. */
export function mailkeel(words: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  const tell = () => options.onOutput?.(stdout + stderr, (signal) => child.kill(signal))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    tell()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    tell()
  })
  const ticking = setInterval(() => options.onTick?.((signal) => child.kill(signal)), 5)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearInterval(ticking)
      resolve({ code, signal, stdout, stderr })
    })
  })
}

/** A directory with files, removed when the test ends. */
export function directoryWith(files: Readonly<Record<string, string>> | ReadonlyMap<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'mailkeel-cli-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const entries = files instanceof Map ? [...files] : Object.entries(files)
  for (const [path, text] of entries) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** A simulator on a socket, closed when the test ends. */
export async function simulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const running = await startSimulator(options)
  onTestFinished(() => running.close())
  return running
}
