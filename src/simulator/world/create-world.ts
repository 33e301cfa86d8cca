// Puts the parts of a simulated organization together. Every way in first lets the asynchronous service catch up with the simulated time,
// then does its work in one moment and in one transaction.
import type { Row } from '../world.ts'
import { AsyncService } from './async-service.ts'
import { callerNamedIn, foundOrganization, knownCallers, someoneElse } from './callers.ts'
import { copiedSnapshot } from './copied-snapshot.ts'
import { type Core, createCore } from './core.ts'
import { drift } from './drift.ts'
import { holdSynchronized, loseMailbox } from './held-mailboxes.ts'
import { idleWrites } from './idle-writes.ts'
import { createLateWork, type LateWork } from './late-work.ts'
import { requireAccess } from './privileges.ts'
import { randomGuid } from './random.ts'
import { isReference, referenceTo } from './row-values.ts'
import { RULES } from './rules/index.ts'
import { restoreSnapshot, takeSnapshot } from './snapshot.ts'
import type { SimulatedWorld, WorldOptions } from './types.ts'
import { createRow, removeRow, updateRow } from './verbs.ts'

/** An organization without people: its own row with the defaults of the documentation, privileges and the known callers. */
export function createWorld(options: WorldOptions = {}): SimulatedWorld {
  const core = createCore(options)
  foundOrganization(core, 'Contoso')
  return assembleWorld(core, options)
}

/** The world around rows that were put by someone else, for seeding. */
export function assembleWorld(core: Core, options: WorldOptions): SimulatedWorld {
  const service = new AsyncService(core, options.service ?? {})
  const late = createLateWork()
  core.requestTest = (mailboxId) => service.request(mailboxId)
  core.settleUntil = (ms) => service.settleUntil(ms)
  core.lose = (mailboxId, to) => loseMailbox(core, mailboxId, to)
  let callers = knownCallers(core)
  let depth = 0

  function settle(): void {
    if (depth > 0) return
    late.settle(core.clock.nowMs(), (ms, work) => {
      service.settleUntil(ms)
      inOneMoment(() => core.clock.at(ms, () => core.store.atomically(work)))
    })
    service.settle()
  }
  function inOneMoment<T>(work: () => T): T {
    depth += 1
    try {
      return work()
    } finally {
      depth -= 1
    }
  }
  function atomically<T>(work: () => T): T {
    settle()
    return inOneMoment(() => core.clock.frozen(() => core.store.atomically(work)))
  }
  function settled<T>(work: () => T): T {
    settle()
    return work()
  }

  return {
    version: core.version,
    definitions: core.definitions,
    switches: core.switches,
    get organizationId() {
      return core.organizationId
    },
    get language() {
      return core.language
    },
    get conditions() {
      return core.conditions
    },
    get isInAdministrationMode() {
      return core.conditions.administrationMode
    },
    get callers() {
      return callers
    },
    callerOf: (authorization) => callerNamedIn(callers, authorization),
    now: () => new Date(core.clock.nowMs()),
    rows: (entity) => settled(() => core.store.rows(entity)),
    create: (caller, entity, columns) =>
      atomically(() => createRow(core, RULES, caller, entity, withLowerCaseIds(columns))),
    update: (caller, entity, id, columns) =>
      atomically(() => updateRow(core, RULES, caller, entity, id.toLowerCase(), withLowerCaseIds(columns))),
    remove: (caller, entity, id) => atomically(() => removeRow(core, RULES, caller, entity, id.toLowerCase())),
    checkRead: (caller, entity) => requireAccess(caller, entity, 'Read'),
    atomically,
    settle,
    advance(ms) {
      settle()
      core.clock.advance(ms)
      settle()
    },
    advanceUntilIdle: (limitMs) => advanceUntilIdle(core, service, late, settle, limitMs),
    tests: () => settled(() => service.counts()),
    setConditions(conditions) {
      settle()
      core.conditions = { ...core.conditions, ...conditions }
      settle()
    },
    truthOf: (mailboxId) => core.truths.get(mailboxId) ?? {},
    setTruth(mailboxId, truth) {
      settle()
      const wasStuck = core.truths.get(mailboxId)?.run === 'stuck'
      core.truths.set(mailboxId, truth)
      if (wasStuck && truth.run !== 'stuck') service.releaseStuck(mailboxId)
      if (core.store.get('mailbox', mailboxId)?.['testemailconfigurationscheduled'] === true) service.request(mailboxId)
    },
    setTrust(trust) {
      settle()
      core.trust = trust
    },
    drift: (kind, count) => atomically(() => drift(core, kind, count)),
    idleWrites: (count) => atomically(() => idleWrites(core, count)),
    later(delayMs, work) {
      late.add(core.clock.nowMs() + delayMs, work)
    },
    get rowVersion() {
      return core.store.lastVersion
    },
    editByHand(entity, id, columns) {
      if (core.store.get(entity, id) === undefined) return
      atomically(() => updateRow(core, RULES, someoneElse(core), entity, id, withLowerCaseIds(columns)))
    },
    deletions: () => settled(() => core.store.deletions()),
    clock: core.clock,
    exchange: core.exchange,
    holdSynchronized: () => atomically(() => holdSynchronized(core)),
    copy(name) {
      atomically(() => holdSynchronized(core))
      const { version, switches, clock, exchange, random } = core
      const twin = createWorld({ ...options, version, switches: { ...switches }, clock, exchange })
      const newId = () => randomGuid(random)
      twin.restore(copiedSnapshot(takeSnapshot(core, service), { name, ids: switches.copiedIds, newId }))
      return twin
    },
    snapshot: () => settled(() => takeSnapshot(core, service)),
    restore(data) {
      restoreSnapshot(core, service, data)
      callers = knownCallers(core)
    },
  }
}

/** Ids are compared in lower case; a reference in a request may have any. */
function withLowerCaseIds(columns: Readonly<Row>): Row {
  const entries = Object.entries(columns).map(([name, value]) => [
    name,
    isReference(value) ? referenceTo(value.entity, value.id.toLowerCase()) : value,
  ])
  return Object.fromEntries(entries)
}

function advanceUntilIdle(
  core: Core,
  service: AsyncService,
  late: LateWork,
  settle: () => void,
  limitMs: number,
): number {
  settle()
  const startedAtMs = core.clock.nowMs()
  for (;;) {
    const due = [service.nextTestAtMs(), late.nextAtMs()].filter((ms) => ms !== undefined)
    if (due.length === 0) break
    const nextAtMs = Math.min(...due)
    const untilMs = Math.min(Math.max(nextAtMs, core.clock.nowMs()), startedAtMs + limitMs)
    core.clock.advance(untilMs - core.clock.nowMs())
    settle()
    if (untilMs >= startedAtMs + limitMs) break
  }
  return core.clock.nowMs() - startedAtMs
}
