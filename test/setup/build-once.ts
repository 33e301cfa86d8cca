import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Builds dist/ once before the tests, so that the command line is tested as the process people start. */
export default function buildOnce(): void {
  if (process.env['MAILKEEL_TEST_NO_BUILD'] === '1' && existsSync('dist/main.js')) return
  const script = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))
  const built = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`)
}
