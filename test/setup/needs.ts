import { spawnSync } from 'node:child_process'
import { describe } from 'vitest'

/**
 * `describe` for tests that need a system command, for example `needs('git')('cloning', () => …)`.
 * Where the command is missing the tests are skipped and the name says why; in CI a skip counts as a failure.
 */
export function needs(command: string): typeof describe | typeof describe.skip {
  // Servers lie where only the path of root leads.
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` }
  const found = spawnSync('sh', ['-c', `command -v -- ${JSON.stringify(command)}`], { env }).status === 0
  if (found) return describe
  const skipped = (name: string, body: () => void) =>
    describe.skip(`${name} (skipped: ${command} is not installed)`, body)
  return skipped as typeof describe.skip
}
