import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SIMULATOR = fileURLToPath(new URL('./simulator.mjs', import.meta.url))

/** Starts a simulated organization in its own process. `mess: []` is an organization without any mess. */
export async function startOrganization(options) {
  const child = fork(SIMULATOR, [JSON.stringify(options)], { execArgv: ['--max-semi-space-size=64'] })
  const url = await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)))
  })
  const control = new URL('/_simulator/', url)
  return {
    url,
    requests: async () => (await fetch(new URL('requests', control))).json(),
    resetRequests: async () => void (await fetch(new URL('requests', control), { method: 'DELETE' })),
    addFault: async (rule) =>
      void (await fetch(new URL('faults', control), { method: 'POST', body: JSON.stringify(rule) })),
    log: async () => (await fetch(new URL('log', control))).json(),
    close: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit')
        child.once('exit', resolve)
        child.kill()
      }),
  }
}

/** Reads every page of a set, as a plain client would. */
export async function readSet(first, prefer = 'odata.maxpagesize=5000') {
  const rows = []
  let url = first
  while (url) {
    const answer = await fetch(url, { headers: { accept: 'application/json', prefer } })
    const page = JSON.parse(await answer.text())
    rows.push(...page.value)
    url = page['@odata.nextLink']
  }
  return rows
}

/**
 * Writes the spec and the configuration that ask for every mailbox of the organization, in one set per type: for everything, or `onlyMoves`
 * for nothing but a profile. `others` are organizations by name that are asked for a mailbox of their own each.
 */
export async function writeSpec(directory, organization, { profile, onlyMoves = false, others = {} }) {
  const organizations = { [NAME]: organization, ...others }
  const ours = await membersOf(organization)
  for (const name of Object.keys(organizations)) {
    const members = name === NAME ? ours : { User: [`ann@${name}.com`] }
    const folder = join(directory, 'spec', name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'organization.yaml'), organizationYaml(name))
    writeFileSync(join(folder, 'profile.yaml'), profileYaml(profile))
    for (const [type, addresses] of Object.entries(members)) {
      if (addresses.length > 0)
        writeFileSync(join(folder, `${type.toLowerCase()}s.yaml`), setYaml(type, addresses, onlyMoves))
    }
  }
  writeFileSync(join(directory, 'mailkeel.yaml'), configurationYaml(organizations))
  return join(directory, 'mailkeel.yaml')
}

const NAME = 'contoso-sales'

async function membersOf(organization) {
  const api = `${organization.url}/api/data/v9.1`
  const rows = await readSet(`${api}/mailboxes?$select=emailaddress,isforwardmailbox,_regardingobjectid_value`)
  const queues = new Set((await readSet(`${api}/queues?$select=queueid`)).map((row) => row.queueid))
  const seen = new Set()
  const members = { User: [], Queue: [] }
  for (const row of rows) {
    const address = row.emailaddress?.toLowerCase()
    if (!address || row.isforwardmailbox || seen.has(address)) continue
    seen.add(address)
    members[queues.has(row._regardingobjectid_value) ? 'Queue' : 'User'].push(address)
  }
  return members
}

function organizationYaml(name) {
  return `apiVersion: mailkeel/v1
kind: Organization
metadata: { name: ${name} }
spec:
  uniqueName: ${name}
  environment: Production
`
}

function profileYaml({ displayName }) {
  return `apiVersion: mailkeel/v1
kind: EmailServerProfile
metadata: { name: exchange-online }
spec:
  displayName: ${displayName}
  serverType: ExchangeOnlineHybrid
  autoDiscover: true
`
}

function setYaml(type, addresses, onlyMoves) {
  const head = `apiVersion: mailkeel/v1
kind: MailboxSet
metadata: { name: ${type.toLowerCase()}s }
spec:
  profile: exchange-online
${onlyMoves ? '' : everythingElse(type)}  mailboxes:
`
  const line =
    type === 'Queue' ? (address) => `    - { address: ${address}, type: Queue }` : (address) => `    - ${address}`
  return `${head}${addresses.map(line).join('\n')}\n`
}

function everythingElse(type) {
  return `  incoming: ServerSideSync
  outgoing: ServerSideSync
  appointmentsContactsTasks: ${type === 'Queue' ? 'None' : 'ServerSideSync'}
  approval: Approved
  testAndEnable: true
`
}

function configurationYaml(organizations) {
  const endpoints = Object.entries(organizations).map(
    ([name, { url }]) => `    ${name}: { url: '${url}', reading: simulator, writing: simulator }`,
  )
  return `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  stateDirectory: state
  tests: { maximumInFlight: 100000 }
  policy: Enforce
  identities:
    simulator: { type: None }
  organizations:
${endpoints.join('\n')}
`
}
