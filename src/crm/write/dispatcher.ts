// Bringing operations to an end. Each chunk of a wave is sent until every operation in it is settled:
//   done or refused            settled
//   surely not executed        sent again, after the wait that was asked for
//   may have taken effect      sent again where that does no harm; a create is looked up by its id; else settled as unknown
// What stood behind a failure is sent again at once. A failure that will repeat for all (the identity is refused, the server cannot be
// reached, patience is used up) stops everything that was not sent yet.
import { createBackOff } from '../../network/back-off.ts'
import { CrmError, type CrmFailure, type WriteOperation, type WriteResult } from '../organization.ts'
import { toCrmError } from '../wire/errors.ts'
import { type Encoded, encode, isRefused } from './encode.ts'
import { type SendContext, sendAlone, sendBatch } from './send.ts'
import { doingOf, type Verdict } from './verdict.ts'

/** Why nothing more is sent. */
interface Halt {
  readonly code: CrmFailure
  readonly message: string
}

/** A run over one list of operations. */
export interface Run {
  readonly context: SendContext
  readonly batchSize: number
  readonly signal: AbortSignal
  readonly emit: (result: WriteResult) => void
  /** Set once; shared by all chunks. */
  halt: Halt | undefined
}

interface Pending {
  readonly encoded: Encoded
  attempts: number
  /** An earlier attempt may have taken effect. */
  maybe: boolean
}

/** Refusals that are about who we are, or about that we may not write any more: the next operation would meet them too. */
const REFUSED_FOR_ALL: ReadonlySet<CrmFailure> = new Set(['Unauthenticated', 'Cancelled'])
/** Attempts at one operation that may have taken effect each time. */
const OPEN_ATTEMPTS = 3
/** Attempts to reach a server that cannot be reached. */
const REACH_ATTEMPTS = 6
const BACK_OFF = { baseMs: 1_000, maximumMs: 30_000 } as const

/** Settles every operation of one chunk; a result for each is emitted exactly once. */
export async function settleChunk(run: Run, operations: readonly WriteOperation[]): Promise<void> {
  const { options } = run.context.exchange
  // Standing in line behind other writes uses up no patience: it begins with the first failure.
  let failingSince: number | undefined
  let open = prepare(run, operations)
  let size = run.batchSize
  for (let rounds = 1; open.length > 0; ) {
    if (run.halt || run.signal.aborted) return giveAll(run, open)
    const head = open.slice(0, run.context.abilities.batch ? Math.max(1, size) : 1)
    const verdicts = await send(run, head, size)
    if (verdicts === 'too-large') {
      // A batch of one that is still too large goes out alone.
      size = head.length === 1 ? 0 : Math.ceil(head.length / 2)
      continue
    }
    if (verdicts.some(timedOut)) size = Math.max(1, Math.ceil(head.length / 2))
    const { again, wait } = await settle(run, head, verdicts)
    open = [...again, ...open.slice(head.length)]
    options.onEvent({ kind: 'batch', operations: head.length, settled: head.length - again.length })
    if (!wait || open.length === 0) continue
    failingSince ??= options.now().getTime()
    await waitOrHalt(run, wait, failingSince, rounds)
    rounds += 1
  }
}

function prepare(run: Run, operations: readonly WriteOperation[]): readonly Pending[] {
  return operations.flatMap((operation) => {
    const encoded = encode(operation, run.context.facts)
    if (isRefused(encoded)) {
      run.emit({ ref: operation.ref, outcome: 'failed', code: encoded.refused, message: encoded.message })
      return []
    }
    if (encoded.parts.length === 0) {
      run.emit({ ref: operation.ref, outcome: 'done' })
      return []
    }
    return [{ encoded, attempts: 0, maybe: false }]
  })
}

/** Sends as a batch where that works; a `size` of 0 says that even a batch of one does not. */
async function send(run: Run, head: readonly Pending[], size: number): Promise<readonly Verdict[] | 'too-large'> {
  const { context, signal } = run
  const operations = head.map(({ encoded }) => encoded)
  const [first] = operations
  if (first && (size === 0 || !context.abilities.batch)) return [await sendAlone(context, first, signal)]
  const outcome = await sendBatch(context, operations, signal)
  if (outcome.kind === 'verdicts') return outcome.verdicts
  if (outcome.kind === 'too-large') return 'too-large'
  context.abilities.batch = false
  return operations.map(() => ({ kind: 'not-reached' }))
}

function timedOut(verdict: Verdict): boolean {
  return verdict.kind === 'open' && verdict.code === 'TimedOut'
}

/** A wait before the next attempt: at least so long, for this reason. */
interface Wait extends Halt {
  readonly leastMs: number
}

interface Settled {
  readonly again: readonly Pending[]
  readonly wait: Wait | undefined
}

async function settle(run: Run, head: readonly Pending[], verdicts: readonly Verdict[]): Promise<Settled> {
  const again: Pending[] = []
  let wait: Wait | undefined
  for (const [index, pending] of head.entries()) {
    const verdict = verdicts[index] ?? { kind: 'not-reached' }
    if (await isSettled(run, pending, verdict)) continue
    again.push(pending)
    if (verdict.kind === 'later' || verdict.kind === 'open') {
      const askedMs = verdict.kind === 'later' ? (verdict.afterMs ?? 0) : 0
      wait = { code: verdict.code, message: verdict.message, leastMs: Math.max(wait?.leastMs ?? 0, askedMs) }
    }
  }
  return { again, wait }
}

/** Emits the result where the verdict settles the operation; false where it is to be sent again. */
async function isSettled(run: Run, pending: Pending, verdict: Verdict): Promise<boolean> {
  const { encoded } = pending
  switch (verdict.kind) {
    case 'done':
      run.emit({ ref: encoded.operation.ref, outcome: 'done' })
      return true
    case 'not-reached':
      return false
    case 'refused':
      if (REFUSED_FOR_ALL.has(verdict.code)) run.halt ??= verdict
      give(run, pending, verdict)
      return true
    case 'later':
      pending.attempts += 1
      if (verdict.code !== 'Unreachable' || pending.attempts < REACH_ATTEMPTS) return false
      run.halt ??= verdict
      give(run, pending, verdict)
      return true
    case 'already-there':
      if (await isThere(run, encoded)) run.emit({ ref: encoded.operation.ref, outcome: 'done' })
      else give(run, pending, verdict)
      return true
    case 'open':
      pending.attempts += 1
      pending.maybe = true
      if (encoded.repeatable && pending.attempts < OPEN_ATTEMPTS) return false
      if (encoded.operation.kind.startsWith('create-') && (await isThere(run, encoded))) {
        run.emit({ ref: encoded.operation.ref, outcome: 'done' })
      } else {
        give(run, pending, verdict)
      }
      return true
  }
}

/** Settles an operation as not done: `unknown` where some attempt may have taken effect. */
function give(run: Run, { encoded, maybe }: Pending, { code, message }: Halt): void {
  run.emit({ ref: encoded.operation.ref, outcome: maybe ? 'unknown' : 'failed', code, message })
}

function giveAll(run: Run, open: readonly Pending[]): void {
  for (const pending of open) {
    const cancelled = {
      code: 'Cancelled',
      message: `cancelled ${pending.maybe ? 'while it was under way' : 'before it was sent'}`,
    } as const
    give(run, pending, run.halt ?? cancelled)
  }
}

/** Whether the row of a create is there. False also where that cannot be found out. */
async function isThere({ context, signal }: Run, encoded: Encoded): Promise<boolean> {
  const { exchange, facts } = context
  const path = `${facts.segment}/${encoded.entitySet}(${encoded.operation.id.toLowerCase()})?$select=${encoded.key}`
  const doing = `looking for what came of ${doingOf(encoded)}`
  try {
    const answer = await exchange.read({ method: 'GET', path }, doing, signal)
    if (answer.status === 200 && answer.body.kind === 'json') return true
    throw toCrmError(answer, doing)
  } catch (error) {
    if (error instanceof CrmError) return false
    throw error
  }
}

/** Waits, or stops the run where the patience would be used up. An abort ends the wait; the caller sees it by itself. */
async function waitOrHalt(run: Run, asked: Wait, failingSince: number, rounds: number): Promise<void> {
  const { now, wait, random, patienceMs, limiter, onEvent } = run.context.exchange.options
  const waitMs = Math.max(asked.leastMs, createBackOff({ ...BACK_OFF, random })(rounds))
  if (now().getTime() - failingSince + waitMs > patienceMs) {
    run.halt ??= asked
    return
  }
  if (asked.leastMs > 0) limiter.pause(asked.leastMs)
  onEvent({ kind: 'waiting', reason: asked.code, waitMs, attempt: rounds })
  await wait(waitMs, run.signal).catch((error: unknown) => {
    if (!run.signal.aborted) throw error
  })
}
