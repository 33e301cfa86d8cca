import { afterEach, expect, vi } from 'vitest'

/** A secret that every test run may use as a credential and that must never appear in any output. */
export const CANARY_SECRET = 'canary-7f3e9a51-do-not-print'

const printed: string[] = []
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream)
  stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    printed.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))
    return write(chunk, ...rest)
  }) as typeof stream.write
}
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  const original = console[method].bind(console)
  console[method] = (...values: unknown[]) => {
    printed.push(values.map(String).join(' '))
    original(...values)
  }
}

afterEach(() => {
  const leaked = printed.some((text) => text.includes(CANARY_SECRET))
  printed.length = 0
  vi.useRealTimers()
  expect(leaked, 'the canary secret was printed').toBe(false)
})
