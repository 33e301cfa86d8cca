// CRM's own test of a profile's connection. Nothing starts it through the Web API, and how it works is observed only: it is advice, it
// blocks nothing, and never having been run is neither good nor bad (Microsoft, connect to Exchange Online).
import type { ConnectionTest, MailboxRow, ProfileRow, StepResult } from '../../crm/rows.ts'
import type { Link, Verdict } from '../../engine/index.ts'
import { minute } from '../minute.ts'
import { testStateOf } from './test-state.ts'
import { directionsInWords } from './test-verdict.ts'

/** What the test says of a profile; undefined where it was never run, or this build keeps no results. */
export function connectionVerdict({ connectionTest: test }: ProfileRow): Verdict | undefined {
  if (!test) return undefined
  const failed = failedStep(test)
  if (failed === undefined)
    return { status: 'True', code: 'ConnectionTested', message: `connection tested${when(test)}` }
  const message = `CRM's own test of the connection failed at ${failed}${when(test)}${said(test)}. Run Test Connection again in CRM if mailboxes fail too.`
  return { status: 'Unverifiable', code: 'ConnectionTestFailed', message }
}

/** The same as a link of the chain, with the mailbox of CRM's service account where the profile has one. */
export function connectionLinks(profile: ProfileRow, mailboxes: Iterable<MailboxRow>): readonly Link[] {
  const links: Link[] = []
  const { connectionTest: test } = profile
  if (test) {
    const failed = failedStep(test)
    const words = failed === undefined ? 'passed' : `failed at ${failed}${said(test)}`
    links.push({
      name: 'connection test',
      state: 'told',
      words,
      ...(test.startedOn !== null && { at: test.startedOn }),
    })
  }
  const service = serviceMailbox(profile.id, mailboxes)
  if (service) links.push({ name: 'service mailbox', state: 'told', ...resultOf(service) })
  return links
}

/** The first step that did not pass; a step without a result was not reached, or is not run by this build. */
function failedStep({ connection, authorization, mailboxAccess }: ConnectionTest): string | undefined {
  if (isBad(connection)) return 'the connection'
  if (isBad(authorization)) return 'the authorization'
  return isBad(mailboxAccess) ? 'the access to the mailbox' : undefined
}

function isBad(result: StepResult | null): boolean {
  return result === 'Failure'
}

function when({ startedOn }: ConnectionTest): string {
  return startedOn === null ? '' : ` ${minute(startedOn)}`
}

function said({ message }: ConnectionTest): string {
  return message === null ? '' : ` ("${message}")`
}

/** Question: which mailbox does CRM test a profile with? Observed: that of its service account, where there is one. */
function serviceMailbox(profileId: string, mailboxes: Iterable<MailboxRow>): MailboxRow | undefined {
  for (const row of mailboxes) if (row.serviceAccount && row.profileId === profileId) return row
  return undefined
}

function resultOf(row: MailboxRow): Pick<Link, 'words' | 'at'> {
  const state = testStateOf(row)
  if (state.name === 'Passed') return { words: `${row.name} passed its test`, at: state.endedOn }
  if (state.name === 'Failed')
    return { words: `${row.name}: ${directionsInWords(state.failed)} failed`, at: state.endedOn }
  return { words: `${row.name}: no result` }
}
