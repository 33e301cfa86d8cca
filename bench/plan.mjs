import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startOrganization, writeSpec } from './organization.mjs'
import { measure, median } from './process.mjs'

const MAILKEEL = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const PEER = fileURLToPath(new URL('./peer.mjs', import.meta.url))
const IN_SYNC = 0
const CHANGES_PLANNED = 2
const OVERRIDE_NEEDED = 3

/**
 * `mailkeel plan` over an organization of `size` mailboxes, and, `withPeer`, the peer over the same bytes, one after the other, `runs` times.
 */
export async function measurePlan({ size, state, runs, withPeer = true }) {
  const queues = Math.round(size / 20)
  const mess = state === 'in sync' ? [] : ['old-profile']
  const organization = await startOrganization({ mailboxes: size - queues, queues, mess, staticPages: true, seed: 7 })
  const directory = mkdtempSync(join(tmpdir(), 'mailkeel-bench-'))
  try {
    const profile = { displayName: state === 'in sync' ? 'Exchange Online' : 'Exchange Online 2027' }
    const configuration = await writeSpec(directory, organization, { profile })
    const plan = [MAILKEEL, 'plan', '--config', configuration]
    const codes = state === 'in sync' ? [IN_SYNC] : [CHANGES_PLANNED, OVERRIDE_NEEDED]
    await measure(plan, { codes, cwd: directory })
    await organization.resetRequests()
    await measure(plan, { codes, cwd: directory })
    const { requests, writes } = await organization.requests()
    const log = await organization.log()
    const work = join(directory, 'peer.json')
    writeFileSync(work, JSON.stringify({ sets: setsOf(log, organization.url), files: yamlOf(directory) }))
    const ours = []
    const ratios = []
    const peers = []
    for (let run = 0; run < runs; run += 1) {
      const own = await measure(plan, { codes, cwd: directory })
      ours.push(own)
      if (!withPeer) continue
      const peer = await measure([PEER, work])
      peers.push(peer.cpuMs)
      ratios.push(own.cpuMs / peer.cpuMs)
    }
    return {
      cpuMs: median(ours.map((run) => run.cpuMs)),
      peerCpuMs: median(peers),
      ratio: median(ratios),
      wallMs: median(ours.map((run) => run.wallMs)),
      peakMiB: median(ours.map((run) => run.peakMiB)),
      requests,
      pages: log.filter(isPage).length,
      writes,
    }
  } finally {
    await organization.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

const SETS = /^(mailboxes|systemusers|queues|emailserverprofiles|tracelogs)\?/

function isPage({ kind, method, path }) {
  return kind === 'request' && method === 'GET' && SETS.test(path)
}

function setsOf(log, url) {
  return log
    .filter((entry) => isPage(entry) && !entry.path.includes('skiptoken'))
    .map(({ path }) => `${url}/api/data/v9.1/${path}`)
}

function yamlOf(directory) {
  const names = readdirSync(join(directory, 'spec'), { recursive: true }).filter((name) => name.endsWith('.yaml'))
  return names.map((name) => join(directory, 'spec', name))
}
