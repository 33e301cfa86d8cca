// The keeper of the revision: looks where the spec comes from, and decides what everybody works toward. Only a revision that may be taken and
// that is valid as a whole changes anything; until then the last good one stays enforced, however long that takes.
import { type Uncommitted, uncommittedOverrides } from '../../compose/overrides.ts'
import type { Machine } from '../../machine.ts'
import { SpecCache } from '../../spec/cache.ts'
import { compile } from '../../spec/compile/compile.ts'
import { loadSpec } from '../../spec/load.ts'
import type { Spec } from '../../spec/spec.ts'
import type { BoardWriter, RevisionInfo, SourceStanding } from '../board.ts'
import type { Log } from '../log.ts'
import { reasonFor } from '../loop/failure-reason.ts'
import { backOff, spread } from '../loop/schedule.ts'
import { type Activity, createTrigger } from '../loop/trigger.ts'
import type { EnforcedRevision } from '../loop/work.ts'
import type { AcceptedRevision } from './accepted.ts'
import type { Look, Revision, RevisionSource } from './revision-source.ts'

/** What the keeper needs. */
export interface KeeperInput {
  readonly source: RevisionSource
  readonly accepted: AcceptedRevision
  readonly board: BoardWriter
  readonly machine: Machine
  readonly jitterPercent: number
  readonly maximumBackOffMs: number
  /** Folder of the spec, where it lies in one: git is asked there whether overrides are committed. */
  readonly folder?: string
  /** Given every revision that is taken. */
  readonly enforce: (revision: EnforcedRevision) => Promise<void>
  readonly activity: Activity
  readonly log: Log
}

/** Looks for revisions until it is stopped. */
export interface Keeper {
  /** There may be something new. */
  hint(): void
  stop(): Promise<void>
}

interface Taken {
  readonly revision: Revision
  readonly spec: Spec
  readonly enforced: EnforcedRevision
}

/** Code of a refusal that the content itself is the cause of: looking at the same again is of no use. */
const INVALID = 'InvalidSpec'

/** Begins to look. */
export function startKeeper(input: KeeperInput): Keeper {
  const { source, accepted, board, machine, log } = input
  const { now, random } = machine
  const trigger = createTrigger(machine)
  const stopping = new AbortController()
  const cache = new SpecCache()
  let taken: Taken | undefined
  let failures = 0
  let hasRecalled = false
  const forget = source.onHint(trigger.wake)
  const done = loop()
  return {
    hint: trigger.wake,
    async stop() {
      stopping.abort()
      forget()
      await done
    },
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const end = input.activity.begin()
      const delayMs = await turn()
      tell({ nextLookAt: new Date(now().getTime() + delayMs).toISOString() })
      end()
      await trigger.wait(delayMs, stopping.signal)
    }
  }

  /** One look; returns how long to wait for the next one. */
  async function turn(): Promise<number> {
    const delayMs = await look().catch((error: unknown) => (stopping.signal.aborted ? 0 : failed(error)))
    if (!taken && !hasRecalled && !stopping.signal.aborted) await recall()
    return delayMs
  }

  async function look(): Promise<number> {
    const found = await source.look(taken?.revision.info.id ?? (await accepted.recall()), stopping.signal)
    if (failures > 0) log.info({ place: source.place, attempts: failures }, 'the source of the spec answers again')
    failures = 0
    tell({ failure: undefined, lookedAt: now().toISOString() })
    await consider(found)
    return spread(source.pollMs, input.jitterPercent, random)
  }

  /** After a start there is no last good revision yet: the one that was taken before it is, where the source still has it. */
  async function recall(): Promise<void> {
    hasRecalled = true
    try {
      const id = await accepted.recall()
      const revision = id === undefined ? undefined : await source.recall?.(id, stopping.signal)
      if (!revision) return
      const loaded = await loadSpec(revision.files, { cache, signal: stopping.signal })
      if (loaded.ok) await take(revision, loaded.spec, true)
    } catch (error) {
      log.warn({ reason: reasonFor(error).message }, 'the revision that was taken before the start cannot be read')
    }
  }

  async function consider(look: Look): Promise<void> {
    if (look.outcome === 'Refused') return refuse(look.info, [], look.reason)
    const { revision } = look
    const { id } = revision.info
    if (id === taken?.revision.info.id) return settleOn(revision)
    const { refused } = board.source()
    if (refused?.revision.id === id && refused.reason.code === INVALID) return
    const loaded = await loadSpec(revision.files, { cache, signal: stopping.signal })
    if (loaded.ok) return take(revision, loaded.spec)
    const count = loaded.problems.length
    const message = `the spec has ${count === 1 ? 'a problem' : `${count} problems`}; what was enforced before stays enforced`
    refuse(revision.info, loaded.problems, { code: INVALID, message })
  }

  /** It is the one that is enforced already; only whether its overrides are committed may be other. */
  async function settleOn(revision: Revision): Promise<void> {
    if (!taken) return
    tell({ refused: undefined })
    const uncommitted = await uncommittedIn(revision, taken.enforced.state.overrides)
    if (isSame(uncommitted, taken.enforced.uncommitted)) return
    // Stops of members that left were asked for already; whoever works on them knows which are not done.
    taken = { ...taken, enforced: { ...taken.enforced, state: compile(taken.spec), uncommitted } }
    await input.enforce(taken.enforced)
  }

  async function take(revision: Revision, spec: Spec, isRecalled = false): Promise<void> {
    const { info } = revision
    const state = compile(spec, taken?.spec)
    const uncommitted = await uncommittedIn(revision, state.overrides)
    // Where it cannot be written down, nothing is written to CRM either; the loops see to that by themselves.
    await accepted.remember(info.id).catch((error: unknown) => {
      const reason = reasonFor(error).message
      log.warn({ revision: info.id, reason }, 'the revision that was taken cannot be written down')
    })
    const enforced = { id: info.id, state, uncommitted }
    const before = taken
    taken = { revision, spec, enforced }
    tell({ enforced: info, ...(isRecalled ? {} : { refused: undefined }) })
    log.info({ revision: info.id, subject: info.subject, author: info.author }, 'a revision is enforced')
    try {
      await input.enforce(enforced)
    } catch (error) {
      // It is not enforced after all: the next look takes it again.
      taken = before
      throw error
    }
  }

  function uncommittedIn(
    { hashOf }: Revision,
    overrides: EnforcedRevision['state']['overrides'],
  ): Promise<Uncommitted> | Uncommitted {
    const { folder } = input
    if (!hashOf || folder === undefined) return new Map()
    return uncommittedOverrides({ overrides, folder, hashOf, machine, signal: stopping.signal })
  }

  function refuse(
    revision: RevisionInfo,
    problems: NonNullable<SourceStanding['refused']>['problems'],
    reason: NonNullable<SourceStanding['refused']>['reason'],
  ): void {
    const known = board.source().refused
    if (known?.revision.id === revision.id && known.reason.code === reason.code) return
    tell({ refused: { revision, problems, reason } })
    const [first] = problems
    const place = first ? { file: first.file, line: first.line, column: first.column, problem: first.message } : {}
    log.warn({ revision: revision.id, code: reason.code, reason: reason.message, ...place }, 'a revision is refused')
  }

  function failed(error: unknown): number {
    const reason = reasonFor(error)
    const before = board.source().failure
    const isSameFailure = before?.reason.code === reason.code
    failures += 1
    const at = now().toISOString()
    tell({ failure: { reason, since: before?.since ?? at, attempts: failures }, lookedAt: at })
    // A host that is down for a night is told once, not at every look.
    if (!isSameFailure) {
      log.warn(
        { place: source.place, code: reason.code, reason: reason.message },
        'the source of the spec cannot be read',
      )
    }
    return Math.max(source.pollMs, backOff(failures, source.pollMs, input.maximumBackOffMs, random))
  }

  function tell(changes: { readonly [K in keyof SourceStanding]?: SourceStanding[K] | undefined }): void {
    const all = Object.entries({ ...board.source(), ...changes }).filter(([, value]) => value !== undefined)
    board.setSource(Object.fromEntries(all) as unknown as SourceStanding)
  }
}

function isSame(one: Uncommitted, other: Uncommitted): boolean {
  return one.size === other.size && [...one].every(([file, why]) => other.get(file) === why)
}
