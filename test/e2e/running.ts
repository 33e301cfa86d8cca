// `mailkeel run` as a process of its own, and what a test may know of it: what it prints, and what it answers.
import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { OverviewShape, ScopeShape } from '../../src/daemon/api/shapes.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** One line of the log. */
export interface LogLine {
  readonly level: string
  readonly time: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running process. */
export interface Running {
  readonly pid: number
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly origin: string
  readonly ended: Promise<Ending>
  /** Everything it printed on both streams. */
  output(): string
  /** Lines of the log with this message. */
  logged(message: string): readonly LogLine[]
  kill(signal: NodeJS.Signals): void
  /** An answer of the API as JSON. */
  ask<T>(path: string, headers?: Readonly<Record<string, string>>): Promise<T>
  overview(): Promise<OverviewShape>
  /** What Prometheus is told, where the configuration has metrics. */
  metrics(): Promise<string>
  /** How an organization stands; throws where it is not there. */
  standing(organization: string): Promise<ScopeShape>
}

/** What it is started with. */
export interface StartOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Sent with every question. */
  readonly token?: string
}

/** Starts it and waits until it says that it runs. It does not outlive the test. */
export async function startRun({ cwd, env = {}, token }: StartOptions): Promise<Running> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [MAIN, 'run'], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  let hasEnded = false
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      hasEnded = true
      resolve({ code, signal })
    })
  })
  const logged = (message: string) => linesOf(stdout).filter(({ msg }) => msg === message)
  const [start] = await until('it says that it runs', () => {
    if (hasEnded) throw new Error(`it ended: ${stderr}${stdout}`)
    const lines = logged('mailkeel runs')
    return lines.length > 0 && lines
  })
  const origin = /the status page is at (https?:\/\/[^/]+)\//.exec(JSON.stringify(start))?.[1] ?? ''
  async function ask<T>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    const known = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await fetch(origin + path, { headers: { ...known, ...headers } })
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`)
    return (await answer.json()) as T
  }
  const metrics = /metrics are at (\S+\/metrics)/.exec(JSON.stringify(start))?.[1]?.replace(/".*/, '') ?? ''
  const overview = () => ask<OverviewShape>('/api/v1/overview')
  return {
    pid: child.pid ?? 0,
    origin,
    ended,
    output: () => stdout + stderr,
    logged,
    kill: (signal) => void child.kill(signal),
    ask,
    overview,
    metrics: async () => (await fetch(metrics)).text(),
    async standing(organization) {
      const found = (await overview()).scopes.find(({ name, kind }) => kind === 'organization' && name === organization)
      if (!found) throw new Error(`${organization} is not on the board`)
      return found
    },
  }
}

function linesOf(stdout: string): readonly LogLine[] {
  return stdout.split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as LogLine] : []))
}

const LOOK_EVERY_MS = 30

/** Looks until it finds something; what `look` throws counts as nothing yet. Rejects with what was waited for. */
export async function until<T>(
  what: string,
  look: () => T | false | undefined | Promise<T | false | undefined>,
  withinMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const [found, trouble] = await tried(look)
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`, { cause: trouble })
    await setTimeout(LOOK_EVERY_MS)
  }
}

async function tried<T>(look: () => T | Promise<T>): Promise<readonly [T | undefined, unknown]> {
  try {
    return [await look(), undefined]
  } catch (error) {
    return [undefined, error]
  }
}
