// Measures mailkeel against a plain peer in one run and prints a Markdown table: `npm run bench`, `npm run bench -- --sizes 1000,10000 --runs 5`.
// The organization is the simulator with its pages served as static bytes, in a process of its own; mailkeel and the peer are processes
// of their own too, and only their own CPU time and memory count. The peer does what cannot be avoided and nothing else: it fetches the
// same pages, JSON.parse, and parses the same YAML with the same library.

import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measurePlan } from './plan.mjs'
import { measureStart } from './start.mjs'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,50000' },
    runs: { type: 'string', default: '3' },
  },
})
const sizes = values.sizes.split(',').map(Number)
const runs = Number(values.runs)

console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, median of ${runs} runs\n`,
)
console.log('| plan | CPU mailkeel | CPU peer | ratio | wall | peak memory | requests | pages of the sets | writes |')
console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|')
for (const size of sizes) {
  for (const state of ['in sync', 'all change']) {
    const row = await measurePlan({ size, state, runs })
    console.log(
      `| ${size.toLocaleString('en')} mailboxes, ${state} | ${seconds(row.cpuMs)} | ${seconds(row.peerCpuMs)} | ${row.ratio.toFixed(2)} | ` +
        `${seconds(row.wallMs)} | ${Math.round(row.peakMiB)} MiB | ${row.requests} | ${row.pages} | ${row.writes} |`,
    )
  }
}
console.log('\n| start-up | wall mailkeel | wall empty Node | ratio |')
console.log('|---|---:|---:|---:|')
const start = await measureStart({ runs: Math.max(runs, 7) })
console.log(
  `| validate examples/quickstart | ${seconds(start.wallMs)} | ${seconds(start.peerWallMs)} | ${start.ratio.toFixed(2)} |`,
)

function seconds(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`
}
