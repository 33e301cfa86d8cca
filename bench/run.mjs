// Measures mailkeel against its budgets and prints Markdown tables: all of them with `npm run bench`, some with `npm run bench -- apply memory`.
// `--quick` takes small organizations and single runs, to see that the benches themselves work. The organization is the simulator in a
// process of its own; mailkeel and the peers are processes of their own too, and only their own CPU time and memory count.

import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureApply } from './apply.mjs'
import { measureFleet } from './fleet.mjs'
import { measureNeighbour } from './neighbour.mjs'
import { measurePlan } from './plan.mjs'
import { measureStart } from './start.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, runs: { type: 'string', default: '3' } },
})
const { quick } = values
const runs = quick ? 1 : Number(values.runs)
const STATES = ['in sync', 'all change']

const BENCHES = {
  async plan() {
    table('plan', 'CPU mailkeel', 'CPU peer', 'ratio', 'wall', 'peak memory', 'requests', 'pages', 'writes')
    for (const size of quick ? [500] : [1_000, 10_000, 50_000]) {
      for (const state of STATES) {
        const row = await measurePlan({ size, state, runs })
        const { cpuMs, peerCpuMs, ratio, wallMs, peakMiB, requests, pages, writes } = row
        const times = [seconds(cpuMs), seconds(peerCpuMs), ratio.toFixed(2), seconds(wallMs)]
        line(`${number(size)} mailboxes, ${state}`, ...times, mebibytes(peakMiB), requests, pages, writes)
      }
    }
  },
  async apply() {
    table(
      'apply',
      'ideal',
      'mailkeel',
      'share of the ideal',
      'one by one',
      'whole command',
      'CPU',
      'peak memory',
      'reads',
      'writes',
    )
    const changes = quick ? 500 : 10_000
    const row = await measureApply({ changes, runs })
    const times = [seconds(row.idealMs), seconds(row.applyMs), percent(row.share), seconds(row.peerMs)]
    const ours = [seconds(row.wallMs), seconds(row.cpuMs), mebibytes(row.peakMiB), row.reads, row.writes]
    line(`${number(changes)} changes`, ...times, ...ours)
  },
  async memory() {
    table('memory', 'peak memory', 'CPU', 'wall')
    const size = quick ? 1_000 : 100_000
    for (const state of STATES) {
      const { peakMiB, cpuMs, wallMs } = await measurePlan({ size, state, runs: 1, withPeer: false })
      line(`${number(size)} mailboxes, ${state}`, mebibytes(peakMiB), seconds(cpuMs), seconds(wallMs))
    }
  },
  async start() {
    table('start-up', 'wall mailkeel', 'wall empty Node', 'ratio')
    const { wallMs, peerWallMs, ratio } = await measureStart({ runs: quick ? 1 : Math.max(runs, 9) })
    line('validate examples/quickstart', seconds(wallMs), seconds(peerWallMs), ratio.toFixed(2))
  },
  async neighbour() {
    table('beside an organization that', 'healthy one alone', 'beside it', 'ratio')
    for (const row of await measureNeighbour({ size: quick ? 500 : 10_000, runs: quick ? 1 : Math.max(runs, 5) })) {
      line(row.failure, seconds(row.aloneMs), seconds(row.besideMs), row.ratio.toFixed(2))
    }
  },
  async fleet() {
    const columns = ['all looked at', 'in sync', 'a pass', 'busiest tenth', 'CPU', 'memory', 'peak memory']
    table('`mailkeel run` over', ...columns)
    const organizations = quick ? 20 : 300
    const intervalSeconds = quick ? 10 : 60
    const row = await measureFleet({ organizations, intervalSeconds, seconds: intervalSeconds * 1.25 })
    const times = [seconds(row.lookedAtMs), seconds(row.inSyncMs), seconds(row.meanMs), percent(row.busiestTenth)]
    const use = [percent(row.cpuShare), mebibytes(row.rssMiB), mebibytes(row.peakMiB)]
    line(`${organizations} organizations, each every ${intervalSeconds} s`, ...times, ...use)
  },
}

const unknown = positionals.find((name) => !(name in BENCHES))
if (unknown !== undefined) {
  console.error(`there is no bench "${unknown}"; there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(64)
}
const processor = cpus()[0]?.model.trim() ?? 'unknown processor'
console.log(`Node ${process.version}, ${cpus().length} × ${processor}, medians of ${runs} runs`)
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length === 0 || positionals.includes(name)) await bench()
}

function table(...heads) {
  line('')
  console.log(
    `| ${heads.join(' | ')} |\n|---|${heads
      .slice(1)
      .map(() => '---:|')
      .join('')}`,
  )
}

function line(...cells) {
  console.log(cells.length === 1 ? cells[0] : `| ${cells.join(' | ')} |`)
}

function seconds(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}

function mebibytes(size) {
  return `${Math.round(size)} MiB`
}

function percent(share) {
  return `${Math.round(share * 100)} %`
}

function number(value) {
  return value.toLocaleString('en')
}
