import type { Conditions, SimulatedWorld, Truth } from '../../world/index.ts'
import type { Row } from '../../world.ts'
import type { FaultRules } from '../faults/rules.ts'
import type { Accounts } from '../sign-in/accounts.ts'
import type { LoggedOperation, RequestCounts, RequestLog } from './request-log.ts'

/** A mailbox with what no request can read. */
export interface MailboxTruth {
  readonly mailbox: Readonly<Row>
  /** The user or queue it belongs to. */
  readonly owner: Readonly<Row> | undefined
  readonly truth: Truth
}

/** How long requests and operations take, in milliseconds. */
export interface Pace {
  latencyMs: number
  operationCostMs: number
}

/** Everything that can be done to a running simulator beside its Web API; the control routes are a thin layer over it. */
export interface Control {
  readonly world: SimulatedWorld
  readonly faults: FaultRules
  readonly pace: Pace
  requests(): RequestCounts
  resetRequests(): void
  /** The newest operations, oldest first. */
  log(last?: number): readonly LoggedOperation[]
  /** Someone changes rows by hand; returns their ids. */
  drift(kind: string, count: number): readonly string[]
  /** The asynchronous service writes mailboxes as it does all the time; returns their ids. */
  idleWrites(count: number): readonly string[]
  /** Moves simulated time. */
  advance(ms: number): void
  /** Mailboxes with this address, without regard to case, and what is true about them outside CRM. */
  mailboxes(address: string): readonly MailboxTruth[]
  /** Replaces what is true about the mailboxes with this address; returns how many there are. */
  setTruth(address: string, truth: Truth): number
  setConditions(conditions: Partial<Conditions>): void
  /** Gives a domain account another password; sessions with the old one end. */
  setPassword(user: string, password: string): void
}

/** What the control of an organization works on. */
export interface Controlled {
  readonly world: SimulatedWorld
  readonly faults: FaultRules
  readonly log: RequestLog
  readonly pace: Pace
  readonly accounts: Accounts
}

/** The control of a world behind its wire. */
export function createControl({ world, faults, log, pace, accounts }: Controlled): Control {
  return {
    world,
    faults,
    pace,
    requests: () => log.counts(),
    resetRequests: () => log.reset(),
    log: (last) => log.entries(last),
    drift: (kind, count) => world.drift(kind, count),
    idleWrites: (count) => world.idleWrites(count),
    advance: (ms) => world.advance(ms),
    mailboxes: (address) => mailboxesWith(world, address),
    setTruth(address, truth) {
      const found = mailboxesWith(world, address)
      for (const { mailbox } of found) world.setTruth(String(mailbox['mailboxid']), truth)
      return found.length
    },
    setConditions: (conditions) => world.setConditions(conditions),
    setPassword: (user, password) => accounts.setPassword(user, password),
  }
}

function mailboxesWith(world: SimulatedWorld, address: string): readonly MailboxTruth[] {
  const wanted = address.toLowerCase()
  const found: MailboxTruth[] = []
  for (const [id, mailbox] of world.rows('mailbox')) {
    if (String(mailbox['emailaddress'] ?? '').toLowerCase() !== wanted) continue
    const { password: _, ...shown } = mailbox
    found.push({ mailbox: shown, owner: ownerOf(world, mailbox), truth: world.truthOf(id) })
  }
  return found
}

function ownerOf(world: SimulatedWorld, mailbox: Readonly<Row>): Readonly<Row> | undefined {
  const reference = mailbox['regardingobjectid']
  if (reference === null || typeof reference !== 'object') return undefined
  return world.rows(reference.entity).get(reference.id)
}
