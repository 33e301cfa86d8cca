// A vitest reporter that writes the counts scripts/test.mjs sums up.
import { writeFileSync } from 'node:fs'

export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: 0, files: 0, errors: unhandledErrors.length }
    for (const module of modules) {
      if (module.errors().length > 0) counts.files += 1
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.errors += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') counts.passed += 1
        else if (state === 'failed') counts.failed += 1
        else counts.skipped += 1
      }
    }
    const file = process.env['MAILKEEL_TEST_SUMMARY']
    if (file) writeFileSync(file, JSON.stringify(counts))
  }
}
