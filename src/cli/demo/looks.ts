// What the demo looks at in the simulated world after a step, to see that what was told is so.
import { createHash } from 'node:crypto'
import type { SimulatorWithTrust } from '../../simulator/index.ts'
import type { Lab } from './lab.ts'

/** What was asked of CRM, of Graph and of the servers so far, all together. */
export interface Traffic {
  readonly requests: number
  readonly writes: number
}

/** What happened since the simulator started. */
export function trafficOf({ requests, trust: { entra, servers } }: SimulatorWithTrust): Traffic {
  const crm = requests()
  const graph = entra.requests().filter(({ operation }) => operation !== 'sign-in')
  const scripts = servers.log()
  const isWrite = ({ method, path }: (typeof graph)[number]) => method !== 'GET' && !path.startsWith('$batch')
  return {
    requests: crm.requests + graph.filter(({ operation }) => operation === 'graph').length + scripts.length,
    writes:
      crm.writes +
      graph.filter(isWrite).length +
      scripts.filter(({ script }) => script !== undefined && !script.startsWith('read-')).length,
  }
}

const RESULT_COLUMNS = ['incomingemailstatus', 'outgoingemailstatus', 'actstatus']
const FAILED = 2
const ERROR = 3

/** Addresses of simulated mailboxes whose last test failed in some direction. */
export function failingAddresses({ world }: Pick<SimulatorWithTrust, 'world'>): readonly string[] {
  const rows = [...world.rows('mailbox').values()]
  const failing = rows.filter((row) => RESULT_COLUMNS.some((column) => row[column] === FAILED))
  return failing.map(({ emailaddress }) => String(emailaddress).toLowerCase()).sort()
}

/** Addresses with an alert of an error that was raised or repeated since. */
export function failedSince({ world }: Pick<SimulatorWithTrust, 'world'>, since: Date): readonly string[] {
  const mailboxes = world.rows('mailbox')
  const alerts = [...world.rows('tracelog').values()].filter(
    ({ level, modifiedon }) => level === ERROR && Date.parse(String(modifiedon)) >= since.getTime(),
  )
  return alerts.map(({ regardingobjectid: about }) => {
    const id = typeof about === 'object' && about !== null ? about.id : ''
    return String(mailboxes.get(id)?.['emailaddress'] ?? id).toLowerCase()
  })
}

/** What is wrong with CRM's principal: it must have credentials of exactly these certificates of ours, and all that belongs to others. */
export function wrongInTenant(
  { simulator: { trust }, foreign }: Pick<Lab, 'simulator' | 'foreign'>,
  certificates: readonly string[],
): readonly string[] {
  const { keys, names } = principalOf(trust)
  const found = keys.map(({ key }) => sha256Of(key)).sort()
  const wanted = [...foreign.certificates, ...certificates].sort()
  const missing = foreign.names.filter((name) => !names.includes(name))
  return [
    ...(found.join() === wanted.join()
      ? []
      : [`Entra has keys of ${found.join(', ')} instead of ${wanted.join(', ')}`]),
    ...missing.map((name) => `the name ${name} of others is gone from Entra`),
  ]
}

/** CRM's principal of the simulated tenant. */
export function principalOf({ tenant }: SimulatorWithTrust['trust']) {
  const found = tenant.principals.get(CRM_APP_ID)
  if (found === undefined) throw new Error('the simulated tenant has no principal of CRM')
  return found
}

/** SHA-256 of a certificate in base64, lower-case hexadecimal. */
export function sha256Of(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex')
}

/** The application id of Dynamics CRM (Microsoft, connect Dynamics 365 (on-premises) to Exchange Online). */
const CRM_APP_ID = '00000007-0000-0000-c000-000000000000'
