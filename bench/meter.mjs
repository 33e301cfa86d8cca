// Preloaded into every measured process: writes down what the process itself used, when it ends.
import { writeFileSync } from 'node:fs'

const report = process.env['MAILKEEL_BENCH_REPORT']
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  if (report)
    writeFileSync(report, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024 }))
})
