// The colleagues who do not know of mailkeel, as a script that lies in the folder of the demo: whoever runs it changes something in the
// simulated systems, as somebody would in the forms of CRM. It needs nothing but Node.js.

/** Where the organizations of the demo are controlled. */
export interface ByHandInput {
  /** Of the simulator. */
  readonly origin: string
  /** The first one is meant where none is said. */
  readonly organizations: readonly string[]
}

/** Name of the script. */
export const BY_HAND = 'by-hand.mjs'

const HELP = `node ${BY_HAND} <what> [how many] [organization]

  method        sets the incoming method of mailboxes to None
  profile       binds mailboxes to another profile
  approval      rejects the addresses of mailboxes
  polling       lets profiles poll every 60 minutes
  down, up      CRM answers nobody any more; it answers again`

/** The text of the script. */
export function byHandScript({ origin, organizations }: ByHandInput): string {
  return `// Plays somebody who changes things by hand in the simulated CRM of the demo.
const organizations = ${JSON.stringify(organizations)}
const drifts = { method: 'method', profile: 'profile', approval: 'approval', polling: 'polling-interval' }
const [what = '', count = '3', organization = organizations[0]] = process.argv.slice(2)
const down = { kind: 'status', status: 503, times: 'always', match: { operation: 'any' } }
const actions = {
  ...Object.fromEntries(
    Object.entries(drifts).map(([name, kind]) => [name, ['POST', 'drift', { kind, count: Number(count) }]]),
  ),
  down: ['POST', 'faults', down],
  up: ['DELETE', 'faults'],
}
if (!Object.hasOwn(actions, what) || !organizations.includes(organization)) {
  console.error(${JSON.stringify(HELP)})
  process.exit(64)
}
const [method, route, body] = actions[what]
const url = \`${origin}/_simulator/organizations/\${organization}/\${route}\`
const answer = await fetch(url, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
const { ids, error } = await answer.json()
if (error) throw new Error(error)
console.log(ids ? \`\${ids.length} changed by hand in \${organization}\` : \`\${organization} is \${what}\`)
`
}
