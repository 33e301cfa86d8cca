// A vitest reporter that writes down, by project, how many tests passed and failed and which files did not even load.
import { writeFileSync } from 'node:fs'

export default class VerdictReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const projects = {}
    for (const module of modules) {
      projects[module.project.name] ??= { passed: 0, failed: 0, notLoaded: [] }
      const project = projects[module.project.name]
      for (const { message } of module.errors()) project.notLoaded.push(`${module.relativeModuleId}: ${message}`)
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') project.passed += 1
        if (state === 'failed') project.failed += 1
      }
    }
    const unhandled = unhandledErrors.map(({ message }) => message)
    writeFileSync(process.env['MAILKEEL_VERDICTS'], JSON.stringify({ projects, unhandled }))
  }
}
