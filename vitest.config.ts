import { defineConfig } from 'vitest/config'

const LONG = process.env['MAILKEEL_TEST_LONG'] === '1'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: LONG ? [] : ['test/**/*.long.test.ts'],
    globalSetup: ['test/setup/build-once.ts'],
    setupFiles: ['test/setup/canary.ts'],
    pool: 'forks',
    // One worker less than cores is the default: on two cores that is one.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
})
