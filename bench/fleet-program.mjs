// `mailkeel run` without page and metrics, which writes down how its passes went and ends. Arguments: the configuration, the file for the
// report, and for how many seconds it runs once every scope is in sync.
import { writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { silentLog } from '../dist/daemon/log.js'
import { startDaemon } from '../dist/daemon/run.js'
import { thisMachine } from '../dist/machine.js'
import { loadConfiguration } from '../dist/spec/configuration/load.js'

const LONGEST_START_MS = 300_000

const [file = '', report = '', seconds = '60'] = process.argv.slice(2)
const { configuration, problems } = await loadConfiguration(file)
if (!configuration) throw new Error(JSON.stringify(problems))
const started = performance.now()
const passes = []
const daemon = await startDaemon({ configuration, machine: thisMachine(), log: silentLog, attachments: [] })
let atWork = 0
daemon.board.subscribe((event) => {
  atWork = Math.max(atWork, daemon.working())
  if (event.type === 'pass') passes.push({ scope: event.scope, at: performance.now(), tookMs: event.tookMs })
})
const count = Object.keys(configuration.spec.organizations).length
const isInSync = () => {
  const scopes = daemon.board.scopes()
  return scopes.length === count && scopes.every(({ inSyncSince }) => inSyncSince !== undefined)
}
while (!isInSync()) {
  if (performance.now() - started > LONGEST_START_MS) throw new Error('not everything came to be in sync')
  await setTimeout(100)
}
const inSyncMs = performance.now() - started
const seen = new Set(passes.map(({ scope }) => scope))
const lookedAtMs = Math.max(...[...seen].map((scope) => passes.find((pass) => pass.scope === scope).at)) - started
const mostAtWork = atWork
const before = process.cpuUsage()
const from = performance.now()
await setTimeout(Number(seconds) * 1000)
const { user, system } = process.cpuUsage(before)
const steady = passes.filter(({ at }) => at >= from)
const tenths = new Array(10).fill(0)
const intervalMs = Number.parseInt(configuration.spec.loop.interval, 10) * 1000
const last = steady.filter(({ at }) => at >= performance.now() - intervalMs)
for (const { at } of last) tenths[Math.floor(((at - (performance.now() - intervalMs)) / intervalMs) * 10)] += 1
writeFileSync(
  report,
  JSON.stringify({
    lookedAtMs,
    inSyncMs,
    mostAtWork,
    passes: steady.length,
    meanMs: steady.reduce((sum, { tookMs }) => sum + tookMs, 0) / steady.length,
    cpuShare: (user + system) / 1000 / (performance.now() - from),
    busiestTenth: Math.max(...tenths) / last.length,
    rssMiB: process.memoryUsage().rss / 2 ** 20,
  }),
)
await daemon.stop()
process.exit(0)
