import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startOrganization } from './organization.mjs'
import { measure } from './process.mjs'

const PROGRAM = fileURLToPath(new URL('./fleet-program.mjs', import.meta.url))
const PEOPLE = ['ann@contoso.com', 'bob@contoso.com', 'cora@contoso.com']

/**
 * One `mailkeel run` over `organizations` small organizations for `seconds`, each looked at every `intervalSeconds`: how long until all were
 * looked at and are as they should be, what it costs then, and how its passes lie in time.
 */
export async function measureFleet({ organizations, intervalSeconds, seconds }) {
  const names = Array.from({ length: organizations }, (_, index) => `contoso-${index}`)
  const [first, ...others] = names
  const small = { mailboxes: PEOPLE.length, queues: 0, mess: [] }
  const simulated = await startOrganization({
    ...small,
    organizationName: first,
    neighbours: others.map((name) => ({ ...small, name, holds: false })),
  })
  const directory = mkdtempSync(join(tmpdir(), 'mailkeel-bench-'))
  try {
    const root = simulated.url.slice(0, -first.length)
    for (const name of names) {
      mkdirSync(join(directory, 'spec', name), { recursive: true })
      writeFileSync(join(directory, 'spec', name, 'all.yaml'), specYaml(name))
    }
    const configuration = join(directory, 'mailkeel.yaml')
    writeFileSync(configuration, configurationYaml(names, root, intervalSeconds))
    const report = join(directory, 'report.json')
    const { peakMiB } = await measure([PROGRAM, configuration, report, String(seconds)], { cwd: directory })
    return { ...JSON.parse(readFileSync(report, 'utf8')), peakMiB }
  } finally {
    await simulated.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

function specYaml(name) {
  return `apiVersion: mailkeel/v1
kind: Organization
metadata: { name: ${name} }
spec: { uniqueName: ${name}, environment: Production }
---
apiVersion: mailkeel/v1
kind: MailboxSet
metadata: { name: people }
spec:
  incoming: ServerSideSync
  outgoing: ServerSideSync
  approval: Approved
  mailboxes: [${PEOPLE.join(', ')}]
`
}

function configurationYaml(names, root, intervalSeconds) {
  const endpoints = names.map(
    (name) => `    ${name}: { url: '${root}${name}', reading: simulator, writing: simulator }`,
  )
  return `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  stateDirectory: state
  policy: Enforce
  loop: { interval: ${intervalSeconds}s, settleEvery: 10s }
  identities: { simulator: { type: None } }
  organizations:
${endpoints.join('\n')}
`
}
