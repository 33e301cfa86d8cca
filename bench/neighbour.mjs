import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startOrganization, writeSpec } from './organization.mjs'
import { measure, median } from './process.mjs'

const PROGRAM = fileURLToPath(new URL('./neighbour-program.mjs', import.meta.url))
const FAILURES = {
  'answers 500': { kind: 'status', status: 500 },
  'answers nothing': { kind: 'no-answer' },
  'breaks off every answer': { kind: 'half-body' },
}

/**
 * How long a pass takes over an organization of `size` mailboxes alone, and beside another one that fails in one way, in turn, `runs` times;
 * a row for each way to fail. Time runs from the beginning of the pass to the end of the healthy organization.
 */
export async function measureNeighbour({ size, runs }) {
  const options = { mailboxes: size, queues: 0, mess: [], staticPages: true, seed: 7 }
  const healthy = await startOrganization(options)
  const rows = []
  try {
    for (const [failure, rule] of Object.entries(FAILURES)) {
      const failing = await startOrganization({ ...options, mailboxes: 10 })
      const directory = mkdtempSync(join(tmpdir(), 'mailkeel-bench-'))
      try {
        const profile = { displayName: 'Exchange Online' }
        const configuration = await writeSpec(directory, healthy, { profile, others: { 'contoso-lost': failing } })
        await failing.addFault({ ...rule, times: 'always', match: { operation: 'request' } })
        const once = async (...organizations) => {
          const report = join(directory, 'report.json')
          await measure([PROGRAM, configuration, report, ...organizations], { cwd: directory })
          return JSON.parse(readFileSync(report, 'utf8')).wallMs
        }
        await once('contoso-sales')
        const alone = []
        const beside = []
        for (let run = 0; run < runs; run += 1) {
          alone.push(await once('contoso-sales'))
          beside.push(await once('contoso-sales', 'contoso-lost'))
        }
        rows.push({
          failure,
          aloneMs: median(alone),
          besideMs: median(beside),
          ratio: median(beside) / median(alone),
        })
      } finally {
        await failing.close()
        rmSync(directory, { recursive: true, force: true })
      }
    }
  } finally {
    await healthy.close()
  }
  return rows
}
