// Test & Enable as a state machine, told from the columns of one row (Microsoft, connect to Exchange Online; troubleshooting server-side
// synchronization). CRM writes all of these columns by itself; which column does what is inferred, and stands here alone.
import type { Direction, MailboxRow } from '../../crm/rows.ts'

/** Where a mailbox stands on its way through a test. Times are the server's, ISO 8601 in UTC. */
export type TestState =
  /** No direction uses server-side synchronization. */
  | { readonly name: 'Unneeded' }
  /** There is no result for a direction in use, and nobody asked for one. */
  | { readonly name: 'NotRequested' }
  | { readonly name: 'Waiting'; readonly notBefore: string | null }
  | { readonly name: 'Running'; readonly since: string | null }
  /** Failed for a passing reason; CRM tries again by itself, and the request stands. */
  | {
      readonly name: 'Retrying'
      readonly tries: number
      readonly notBefore: string
      readonly failed: readonly Direction[]
    }
  | { readonly name: 'Passed'; readonly endedOn: string }
  | { readonly name: 'Failed'; readonly endedOn: string; readonly failed: readonly Direction[] }
  /** Passed once; CRM disabled directions afterwards by itself. */
  | { readonly name: 'SwitchedOff'; readonly endedOn: string; readonly off: readonly Direction[] }
  /** A status of another build. */
  | { readonly name: 'NotKnown' }

const DIRECTIONS = ['incoming', 'outgoing', 'appointmentsContactsTasks'] as const satisfies readonly Direction[]

/** The directions that use server-side synchronization: only these are tested (Microsoft, connect to Exchange Online). */
export function directionsInUse(row: Pick<MailboxRow, Direction>): readonly Direction[] {
  const incoming = row.incoming === 'ServerSideSync' ? 1 : 0
  const outgoing = row.outgoing === 'ServerSideSync' ? 2 : 0
  const others = row.appointmentsContactsTasks === 'ServerSideSync' ? 4 : 0
  return COMBINATIONS[incoming + outgoing + others] ?? []
}

/** The directions of every combination, made once: they are asked for of every mailbox. Bit by bit in the order of `DIRECTIONS`. */
const COMBINATIONS: readonly (readonly Direction[])[] = Array.from({ length: 2 ** DIRECTIONS.length }, (_, bits) =>
  DIRECTIONS.filter((_direction, place) => (bits >> place) % 2 === 1),
)

/** True where any direction uses server-side synchronization. */
export function usesServerSide(methods: { readonly [D in Direction]?: string | undefined }): boolean {
  const { incoming, outgoing, appointmentsContactsTasks } = methods
  return (
    incoming === 'ServerSideSync' || outgoing === 'ServerSideSync' || appointmentsContactsTasks === 'ServerSideSync'
  )
}

/**
 * The state of a mailbox, from its row alone. A status without a completed test is no result: the status columns can be written by anybody,
 * only the service writes when a test ended.
 */
export function testStateOf(row: MailboxRow): TestState {
  const inUse = directionsInUse(row)
  const { testCompletedOn: endedOn, status, enabled } = row
  if (inUse.length === 0) return { name: 'Unneeded' }
  const failed = inUse.filter((direction) => status[direction] === 'Failure')
  if (row.testScheduled) return inFlight(row, failed)
  if (endedOn === null) return { name: 'NotRequested' }
  if (failed.length > 0) return { name: 'Failed', endedOn, failed }
  if (inUse.some((direction) => status[direction] === 'NotRun')) return { name: 'NotRequested' }
  if (inUse.some((direction) => status[direction] !== 'Success')) return { name: 'NotKnown' }
  const off = inUse.filter((direction) => !enabled[direction])
  return off.length > 0 ? { name: 'SwitchedOff', endedOn, off } : { name: 'Passed', endedOn }
}

function inFlight(row: MailboxRow, failed: readonly Direction[]): TestState {
  const { processing, processedOn, testPostponedUntil: notBefore, testTries: tries } = row
  if (processing) return { name: 'Running', since: processedOn }
  if (failed.length > 0 && tries > 0 && notBefore !== null) return { name: 'Retrying', tries, notBefore, failed }
  return { name: 'Waiting', notBefore }
}

/** True where a test is scheduled, runs or is tried again: it ends by itself, and no other may be asked for. */
export function isInFlight(
  state: TestState,
): state is Extract<TestState, { name: 'Waiting' | 'Running' | 'Retrying' }> {
  const { name } = state
  return name === 'Waiting' || name === 'Running' || name === 'Retrying'
}

/** Whether CRM parked the mailbox: it puts off processing to the end of times (9999-12-30, observed). */
export function isParked({ postponedUntil }: Pick<MailboxRow, 'postponedUntil'>): boolean {
  return postponedUntil?.startsWith('9999-12-3') ?? false
}
