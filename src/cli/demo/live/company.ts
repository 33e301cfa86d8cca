// The company of the demo: a tenant, two CRM servers, an organization that everybody works in, and one to practise in.
import type { Machine } from '../../../machine.ts'
import type { SimulatorWithTrust, Truth } from '../../../simulator/index.ts'
import { paceOf } from '../../verbs/simulate.ts'
import { membersOf } from '../members.ts'
import type { DemoCertificate } from '../trust-files.ts'
import { PRACTICE, PRODUCTION } from './spec-history.ts'

/** A certificate with its file. The file and the password are secrets of the laboratory. */
export interface MadeDemoCertificate extends DemoCertificate {
  readonly pfx: Uint8Array
  readonly password: string
}

/** What was started. */
export interface StartedCompany {
  readonly simulator: SimulatorWithTrust
  readonly practiceUrl: string
  readonly practising: readonly string[]
  /** The one to connect with and the one that follows it. */
  readonly certificates: { readonly first: MadeDemoCertificate; readonly next: MadeDemoCertificate }
}

const PEOPLE = 24
const QUEUES = 3
const PRACTISING = 4
/** How many times faster than real ones the tests are: slow enough to be watched. */
const SPEED = 8
/** The usual mess without the ways that a spec cannot mend. */
const LEFT_OUT = new Set(['duplicate-address', 'empty-address', 'forward', 'hostile-names'])
/** What only Exchange knows: everybody else works as soon as CRM is set up. */
const TROUBLE: ReadonlyMap<string, Truth> = new Map([
  ['dora@contoso.com', { unlicensed: true }],
  ['support@contoso.com', { exchangeAddress: null }],
])

/** Starts it, with nothing connected. */
export async function startCompany(machine: Machine): Promise<StartedCompany> {
  const { MESS_KINDS, startSimulator } = await import('../../../simulator/index.ts')
  const simulator = await startSimulator({
    seed: 7,
    mailboxes: PEOPLE,
    queues: QUEUES,
    organizationName: PRODUCTION,
    mess: MESS_KINDS.filter(({ name, usual }) => usual && !LEFT_OUT.has(name)).map(({ name }) => name),
    start: machine.now(),
    clock: { speed: 1, realTimeMs: () => machine.now().getTime() },
    service: paceOf(SPEED),
    trust: { tenant: { foreign: true } },
  })
  for (const { address } of membersOf(simulator)) simulator.setTruth(address, TROUBLE.get(address) ?? {})
  const practice = simulator.addOrganization({ name: PRACTICE, mailboxes: PRACTISING, queues: 0, holds: false })
  const year = machine.now().getUTCFullYear()
  const made = (name: string) => ({ name, ...simulator.trust.makeCertificate(name) })
  return {
    simulator,
    practiceUrl: practice.url,
    practising: membersOf(practice).map(({ address }) => address),
    certificates: { first: made(`s2s-${year}`), next: made(`s2s-${year + 1}`) },
  }
}
