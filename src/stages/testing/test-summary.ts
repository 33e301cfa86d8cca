// What a row says about its test as one comparable value. CRM changes it by itself, so nothing but its meaning is compared.
import type { MailboxRow } from '../../crm/rows.ts'
import { isInFlight, testStateOf } from './test-state.ts'

/**
 * What a mailbox row says about its test. Unneeded: no direction uses server-side synchronization. NotRun: there is no result for a
 * direction in use. Passed and Failed carry the time the test ended. NotKnown: a status this build does not know.
 */
export type TestSummary = 'Unneeded' | 'Scheduled' | 'NotRun' | 'NotKnown' | `Passed ${string}` | `Failed ${string}`

/** Sums up the state of a row; what CRM switched off later has passed its test. */
export function summarizeTest(row: MailboxRow): TestSummary {
  const state = testStateOf(row)
  if (isInFlight(state)) return 'Scheduled'
  switch (state.name) {
    case 'NotRequested':
      return 'NotRun'
    case 'Failed':
      return `Failed ${state.endedOn}`
    case 'Passed':
    case 'SwitchedOff':
      return `Passed ${state.endedOn}`
    default:
      return state.name
  }
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
