// What goes wrong in a simulated day: faults at the wire of CRM, of the sign-in and Graph and of the servers, and tests that get stuck. Each
// lasts for a while and is then over.

import type { EntraFault } from '../../../src/simulator/entra/faults/kinds.ts'
import type { FaultRule, SimulatedOrganization } from '../../../src/simulator/index.ts'
import type { ServerFault } from '../../../src/simulator/servers/index.ts'
import type { Fault } from '../../../src/simulator/wire/faults/kinds.ts'
import type { TrustStack } from '../../stack/trust.ts'
import type { Draws } from './random.ts'

const MINUTE_MS = 60_000

const OF_CRM: readonly Fault[] = [
  { kind: 'status', status: 429, retryAfter: 2 },
  { kind: 'status', status: 503, body: 'html' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, effect: true },
  { kind: 'status', status: 401, body: 'empty' },
  { kind: 'html', page: 'iis-502' },
  { kind: 'html', page: 'sign-in', status: 200 },
  { kind: 'redirect' },
  { kind: 'empty-body' },
  { kind: 'truncated-body' },
  { kind: 'reset' },
  { kind: 'reset', effect: true },
  { kind: 'half-body' },
  { kind: 'cut-pages' },
  { kind: 'duplicate-row' },
  { kind: 'lying-write' },
]

const OF_ENTRA: readonly EntraFault[] = [
  { kind: 'status', status: 429, retryAfter: 2 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 500, effect: true },
  { kind: 'html' },
  { kind: 'claims-challenge' },
  { kind: 'truncated-body' },
  { kind: 'reset' },
  { kind: 'half-body' },
  { kind: 'stale-read' },
  { kind: 'keys-without-bytes' },
]

const OF_SERVERS: readonly ServerFault[] = [
  { kind: 'down' },
  { kind: 'sign-in-refused' },
  { kind: 'cut' },
  { kind: 'cut', effect: false },
  { kind: 'no-document' },
  { kind: 'noise' },
  { kind: 'truncated-frame' },
]

const OFTEN = [0.05, 0.2, 0.5, 1] as const

/** What goes wrong at the moment. */
export interface Troubles {
  /** Something more goes wrong from now on. */
  begin(): void
  /** Ends what is over by now. */
  endDue(): void
  endAll(): void
  /** How often faults struck. */
  struck(): number
}

interface Trouble {
  readonly until: number
  /** Returns how often it struck. */
  readonly end: () => number
}

/** Nothing goes wrong yet. */
export function createTroubles(stack: TrustStack, draws: Draws): Troubles {
  const now = () => stack.simulator.world.now().getTime()
  const { entra, servers } = stack.simulator.trust
  let active: Trouble[] = []
  let struck = 0

  function atCrm(organization: SimulatedOrganization): Trouble['end'] {
    const { faults } = organization
    const rule: FaultRule = { ...draws.one(OF_CRM), times: 'always', probability: draws.one(OFTEN) }
    return ended(faults, faults.add(rule))
  }

  function atEntra(): Trouble['end'] {
    const { faults } = entra
    return ended(faults, faults.add({ ...draws.one(OF_ENTRA), times: 'always', probability: draws.one(OFTEN) }))
  }

  function atServers(): Trouble['end'] {
    const remove = servers.faults.add(draws.one(OF_SERVERS))
    return () => {
      remove()
      return 0
    }
  }

  function stuckTests({ setConditions }: SimulatedOrganization): Trouble['end'] {
    setConditions({ asynchronousService: false })
    return () => {
      setConditions({ asynchronousService: true })
      return 0
    }
  }

  function end(over: readonly Trouble[]): void {
    for (const trouble of over) struck += trouble.end()
    active = active.filter((trouble) => !over.includes(trouble))
  }

  const take = servers.faults.take.bind(servers.faults)
  servers.faults.take = (server, script) => {
    const found = take(server, script)
    struck += found.length
    return found
  }
  return {
    begin() {
      const organization = draws.one([...stack.organizations.values()])
      const where = draws.below(10)
      const trouble =
        where < 6 ? atCrm(organization) : where < 7 ? stuckTests(organization) : where < 9 ? atEntra() : atServers()
      active.push({ until: now() + (5 + draws.below(40)) * MINUTE_MS, end: trouble })
    },
    endDue: () => end(active.filter(({ until }) => until <= now())),
    endAll: () => end(active),
    struck: () => struck,
  }
}

interface Listed {
  list(): readonly { readonly id: number; readonly hits: number }[]
  remove(id: number): void
}

function ended(faults: Listed, id: number): Trouble['end'] {
  return () => {
    const { hits = 0 } = faults.list().find((one) => one.id === id) ?? {}
    faults.remove(id)
    return hits
  }
}
