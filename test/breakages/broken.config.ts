// One vitest project per breakage: its tests run against our code with that one text replaced. Nothing is written to disk.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { type Breakage, QUICK, SLOW } from './breakages.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const chosen = process.env['MAILKEEL_BREAKAGES'] === 'slow' ? SLOW : QUICK

/** The name of the project in which nothing is broken. */
const INTACT = 'intact'

export default defineConfig({
  root: ROOT,
  test: {
    pool: 'forks',
    maxWorkers: 2,
    bail: 0,
    projects: [
      projectOf(INTACT, [...new Set(chosen.flatMap(({ tests }) => tests))], []),
      ...chosen.map((breakage) => projectOf(breakage.name, breakage.tests, [breaking(breakage)])),
    ],
  },
})

function projectOf(name: string, tests: readonly string[], plugins: readonly ReturnType<typeof breaking>[]) {
  return {
    root: ROOT,
    plugins: [...plugins],
    test: {
      name,
      include: tests.map((path) => (path.endsWith('/') ? `${path}**/*.test.ts` : path)),
      exclude: ['**/*.long.test.ts'],
      setupFiles: ['test/setup/canary.ts'],
      testTimeout: 60_000,
    },
  }
}

/** Replaces the text when the file is loaded. */
function breaking({ file, find, replace }: Breakage) {
  return {
    name: 'breaking',
    enforce: 'pre' as const,
    transform(code: string, id: string) {
      if (id.split('?')[0] !== `${ROOT}${file}`) return undefined
      return { code: code.replace(find, () => replace), map: null }
    },
  }
}
