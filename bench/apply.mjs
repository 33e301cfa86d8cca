import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSet, startOrganization, writeSpec } from './organization.mjs'
import { guardsThatAsk, measure, median } from './process.mjs'

const MAILKEEL = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** The server of the model: every request costs so much, every operation in it so much more, and so many are served at the same time. */
const MODEL = { requestMs: 20, operationMs: 5, parallel: 8 }
/** What the model is asked with: batches of this size, all of them full, back to back, and nothing but writes. */
const IDEAL_BATCH = 100
/** The mailbox of CRM's own service account is never touched, so one object waits. */
const SOME_WAIT = 6
const APPLIED = 0
/** Writes of the peer that are timed; the rest would take as long each. */
const SAMPLED = 200

/** The time no client can beat: all batches spread evenly over the parallel requests. */
export function idealMs(changes) {
  return (Math.ceil(changes / IDEAL_BATCH) * MODEL.requestMs + changes * MODEL.operationMs) / MODEL.parallel
}

/**
 * `mailkeel apply` of `changes` moves to another profile, `runs` times, each on a new organization; beside each the peer, which writes one
 * mailbox after the other. `applyMs` is what the journal says, from the start of applying to its end, with all looks before and after.
 */
export async function measureApply({ changes, runs }) {
  const ours = []
  const peers = []
  for (let run = 0; run < runs; run += 1) {
    const queues = Math.round(changes / 20)
    const pace = { latencyMs: MODEL.requestMs, operationCostMs: MODEL.operationMs }
    const size = { mailboxes: changes - queues, queues }
    const organization = await startOrganization({ ...size, ...pace, mess: ['old-profile'], seed: 7 + run })
    const directory = mkdtempSync(join(tmpdir(), 'mailkeel-bench-'))
    try {
      const profile = { displayName: 'Exchange Online 2027' }
      const configuration = await writeSpec(directory, organization, { profile, onlyMoves: true })
      const allow = await guardsThatAsk(MAILKEEL, configuration)
      await organization.resetRequests()
      const apply = [MAILKEEL, 'apply', '--yes', '--config', configuration, ...allow]
      const { wallMs, cpuMs, peakMiB } = await measure(apply, { codes: [APPLIED, SOME_WAIT], cwd: directory })
      const { reads, writes } = await organization.requests()
      const { applied, applyMs } = journalOf(directory)
      if (applied < changes) throw new Error(`${applied} changes were applied, not ${changes}`)
      ours.push({ wallMs, cpuMs, peakMiB, reads, writes, applyMs, share: idealMs(applied) / applyMs })
      peers.push((await oneByOneMs(organization)) * applied)
    } finally {
      await organization.close()
      rmSync(directory, { recursive: true, force: true })
    }
  }
  const middle = (name) => median(ours.map((run) => run[name]))
  return {
    idealMs: idealMs(changes),
    applyMs: middle('applyMs'),
    share: middle('share'),
    wallMs: middle('wallMs'),
    cpuMs: middle('cpuMs'),
    peakMiB: middle('peakMiB'),
    reads: middle('reads'),
    writes: middle('writes'),
    peerMs: median(peers),
  }
}

/** How many changes the journal says were applied, and how long that took. */
function journalOf(directory) {
  const folder = join(directory, 'state', 'journal')
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.jsonl'))
  const records = files.flatMap((name) =>
    readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').map(JSON.parse),
  )
  const { time: begun } = records.find(({ type }) => type === 'pass-started')
  const { time: ended, results } = records.findLast(({ type }) => type === 'pass-finished')
  return { applied: results.Applied ?? 0, applyMs: Date.parse(ended) - Date.parse(begun) }
}

/** Milliseconds of one write where each waits for the one before. */
async function oneByOneMs({ url }) {
  const api = `${url}/api/data/v9.1`
  const rows = await readSet(`${api}/mailboxes?$select=mailboxid`)
  const started = performance.now()
  for (const { mailboxid } of rows.slice(0, SAMPLED)) {
    const answer = await fetch(`${api}/mailboxes(${mailboxid})`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'if-match': '*' },
      body: '{"incomingemaildeliverymethod":2}',
    })
    if (!answer.ok) throw new Error(`the peer was answered ${answer.status}`)
    await answer.arrayBuffer()
  }
  return (performance.now() - started) / Math.min(SAMPLED, rows.length)
}
