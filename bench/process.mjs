import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const METER = fileURLToPath(new URL('./meter.mjs', import.meta.url))

/** Runs a Node program to its end and returns its own CPU time, wall time and peak memory. Rejects on an exit code that is not expected. */
export async function measure(args, { codes = [0], cwd } = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'mailkeel-bench-'))
  const report = join(scratch, 'usage.json')
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', METER, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MAILKEEL_BENCH_REPORT: report },
  })
  let complaint = ''
  child.stderr.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-2000)
  })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  const wallMs = performance.now() - started
  if (!codes.includes(code)) throw new Error(`${args.join(' ')} ended with ${code}: ${complaint}`)
  const usage = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(scratch, { recursive: true })
  return { ...usage, wallMs }
}

/** What a person would say to every guard that asks, as arguments. */
export async function guardsThatAsk(mailkeel, configuration) {
  const args = [mailkeel, 'plan', '--config', configuration]
  const text = await new Promise((resolve) => execFile(process.execPath, args, (_error, stdout) => resolve(stdout)))
  const names = new Set([...text.matchAll(/--allow\s+([a-z-]+)/g)].map(([, name]) => name))
  return [...names].flatMap((name) => ['--allow', name])
}

/** The middle value; for an even count the lower middle. */
export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)]
}
