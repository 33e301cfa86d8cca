// The six columns that tell of a test, as one comparable value. CRM changes them by itself, so nothing but their meaning is compared.
import type { Direction, MailboxRow } from '../crm/rows.ts'

/**
 * What a mailbox row says about its test. Unneeded: no direction uses server-side synchronization. NotRun: there is no result for a
 * direction in use. Passed and Failed carry the time the test ended. NotKnown: a status this build does not know.
 */
export type TestSummary = 'Unneeded' | 'Scheduled' | 'NotRun' | 'NotKnown' | `Passed ${string}` | `Failed ${string}`

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
 * Sums up a row. A status without a completed test is no result: the status columns can be written by anybody, only the service writes
 * when a test ended.
 */
export function summarizeTest(row: MailboxRow): TestSummary {
  const { status, testCompletedOn } = row
  if (!usesServerSide(row)) return 'Unneeded'
  if (row.testScheduled) return 'Scheduled'
  if (testCompletedOn === null) return 'NotRun'
  let result: 'Passed' | 'Failed' | 'NotRun' | 'NotKnown' = 'Passed'
  for (const direction of DIRECTIONS) {
    if (row[direction] !== 'ServerSideSync') continue
    const said = status[direction]
    if (said === 'Failure') return `Failed ${testCompletedOn}`
    if (said === 'NotRun') result = 'NotRun'
    else if (said !== 'Success' && result === 'Passed') result = 'NotKnown'
  }
  return result === 'Passed' ? `Passed ${testCompletedOn}` : result
}

/** When the summarized test ended, in milliseconds; undefined where there is no result. */
export function testEndedAtMs(summary: TestSummary): number | undefined {
  return isResult(summary) ? Date.parse(summary.slice('Passed '.length)) : undefined
}

/** True for the result of a test that ended, good or bad. */
export function isResult(summary: string): boolean {
  return hasFailed(summary) || summary.startsWith('Passed ')
}

/** True for the result of a test that failed. */
export function hasFailed(summary: string): boolean {
  return summary.startsWith('Failed ')
}
