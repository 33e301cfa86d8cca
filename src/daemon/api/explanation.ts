// The chain of one object, from the last pass alone: nothing is asked of CRM or Exchange because somebody looks. It is made by the same
// functions as `mailkeel explain`, and says of when it is.
import {
  explainAsked,
  explainForeignProfile,
  explainStranger,
  explainTrustPass,
  lastWritten,
  organizationInput,
} from '../../compose/explain.ts'
import type { Reason } from '../../engine/index.ts'
import { afterwards } from '../../report/afterwards.ts'
import { explainByConditions } from '../../report/explain-checked.ts'
import { explainOrganization } from '../../report/explain-organization.ts'
import { withRunway } from '../../report/explain-runway.ts'
import { type ExplainInput, type Explanation, objectionsIn, timed, withoutFlag } from '../../report/explain-view.ts'
import { MAILBOX_KIND } from '../../report/people.ts'
import { runwayInWords } from '../../report/runway.ts'
import { minute } from '../../report/wording.ts'
import { canonicalAddress } from '../../spec/address.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredTrust } from '../../spec/desired.ts'
import { SETTINGS_KEY, STAGE_NAMES } from '../../stages/stage-names.ts'
import type { Board, ScopeReport, ScopeStanding } from '../board.ts'
import type { Stages } from './api-stages.ts'
import type { ExplainShape, Tone } from './shapes.ts'

/** What explaining needs beside the board. */
export interface ExplanationInput {
  readonly board: Pick<Board, 'scopes'>
  readonly configuration: RuntimeConfiguration
  readonly stateDirectory: string
  readonly stages: Stages
}

/** Explains one object of a scope; undefined where neither the spec nor the last pass knows it. */
export async function explanationOf(
  standing: ScopeStanding,
  report: ScopeReport,
  { kind, key }: { readonly kind: string; readonly key: string },
  input: ExplanationInput,
): Promise<ExplainShape | undefined> {
  const told =
    standing.kind === 'trust'
      ? await explainOfTrust(standing, report, kind, key, input)
      : await explainOfOrganization(standing, report, kind, key, input)
  return told && shapeOf(withRunway(told, report.runway), standing, report)
}

async function explainOfTrust(
  standing: ScopeStanding,
  report: ScopeReport,
  kind: string,
  key: string,
  { stages, stateDirectory }: ExplanationInput,
): Promise<Explanation | undefined> {
  if (kind !== 'Trust') return explainChecked(report, kind, key)
  const pass = passOf(standing, report, standing.desired as DesiredTrust, stages.trust)
  return explainTrustPass(pass, await around(pass, stateDirectory, standing.scope))
}

async function explainOfOrganization(
  standing: ScopeStanding,
  report: ScopeReport,
  kind: string,
  key: string,
  input: ExplanationInput,
): Promise<Explanation | undefined> {
  const desired = standing.desired as DesiredOrganization
  const pass = passOf(standing, report, desired, input.stages.organization)
  const chain = organizationInput(pass, input.configuration, trustNextOf(desired, input))
  if (kind === 'Organization' && key === desired.name)
    return explainOrganization(chain, await around(pass, input.stateDirectory, standing.scope))
  if (kind === MAILBOX_KIND) return explainMailbox(chain, desired, key)
  if (kind === 'EmailServerProfile') return explainProfile(chain, desired, key)
  if (kind === 'MailboxSet') return explainSetOf(chain, desired, key)
  if (kind === 'EmailSettings' && desired.settings) {
    const { name: organization, settings } = desired
    const label = 'e-mail settings'
    return explainAsked(chain, { organization, sort: 'settings', key: SETTINGS_KEY, label, origin: settings.origin })
  }
  return explainChecked(report, kind, key)
}

/** What holds a scope is told here where it is no guard: guards are told by name, with how to pass them. */
function passOf<D, S>({ policy, held }: ScopeStanding, report: ScopeReport, desired: D, stages: readonly S[]) {
  const result = afterwards(report.result)
  const isGuard = objectionsIn(result.verdicts).length > 0
  return { result, desired, stages, conditions: report.conditions, policy, ...(held && !isGuard && { held }) }
}

async function around({ held }: { readonly held?: Reason }, stateDirectory: string, scope: string) {
  return { ...(await lastWritten(stateDirectory, scope)), ...(held && { held }) }
}

function explainMailbox(input: ExplainInput, desired: DesiredOrganization, key: string): Explanation | undefined {
  const address = canonicalAddress(key)
  const member =
    desired.mailboxes.get(key) ??
    desired.mailboxes.get(address) ??
    [...desired.mailboxes.values()].find(({ previousAddress }) => previousAddress === address)
  if (member) {
    const { address: label, origin } = member
    return explainAsked(input, { organization: desired.name, sort: 'address', key: label, label, origin })
  }
  const read = input.result.reads.get(STAGE_NAMES.mailbox)
  const isThere = (one: string) => read?.complete === true && (read.rows.has(one) || read.unknown.has(one))
  const found = [key, address].find(isThere)
  return found === undefined ? undefined : explainStranger(input, found)
}

function explainProfile(input: ExplainInput, desired: DesiredOrganization, key: string): Explanation | undefined {
  const profile = desired.profiles.get(key)
  if (!profile) return explainForeignProfile(input, key)
  const { name, displayName, origin } = profile
  const label = `"${displayName}"`
  return explainAsked(input, { organization: desired.name, sort: 'profile', key: name, label, origin })
}

function explainSetOf(input: ExplainInput, desired: DesiredOrganization, set: string): Explanation | undefined {
  const members = [...desired.mailboxes.values()].filter((member) => member.set === set)
  return members.length === 0
    ? undefined
    : explainAsked(input, { organization: desired.name, sort: 'set', set, members })
}

function explainChecked({ result, conditions }: ScopeReport, kind: string, key: string): Explanation | undefined {
  const object = conditions.find((one) => one.kind === kind && one.key === key)
  return object && explainByConditions(afterwards(result), object)
}

/** What the trust behind an organization asks for. */
function trustNextOf({ name }: DesiredOrganization, { board, stages }: ExplanationInput): string | undefined {
  const trust = board
    .scopes()
    .find(({ kind, desired }) => kind === 'trust' && (desired as DesiredTrust).organizations.has(name))
  if (!trust?.report) return undefined
  return explainTrustPass(passOf(trust, trust.report, trust.desired as DesiredTrust, stages.trust), {}).next
}

const TONES = { works: 'calm', changes: 'waiting', broken: 'trouble', unknown: 'unknown' } as const satisfies Record<
  Explanation['state'],
  Tone
>

function shapeOf(told: Explanation, { failure }: ScopeStanding, report: ScopeReport): ExplainShape {
  const { result } = report
  const { headline, state, links, remarks, runway = [], next } = told
  const isOld = failure ? `; passes do not come to their end since ${minute(failure.since)}` : ''
  return {
    title: headline,
    tone: TONES[state],
    links: links.map((link) => ({
      name: link.name,
      text: withoutFlag(
        [timed(link), ...[link.sync, link.evidence].flatMap((one) => (one === undefined ? [] : [`(${one})`]))].join(
          ' ',
        ),
      ),
      state: link.state,
      broken: link.isFirst === true,
    })),
    notes: [
      ...remarks.map(({ heading, text, next: advice }) =>
        withoutFlag([`${heading}: ${text}`, ...(advice ? [advice] : [])].join('. ')),
      ),
      ...runwayInWords(runway).map(({ text }) => `runway: ${text}`),
      ...driftNotes(told, report),
      `as seen by the pass of ${minute(result.startedAt)}${isOld}`,
    ],
    ...(next !== undefined && { next: withoutFlag(next) }),
  }
}

/** What was changed about the object past the spec, and by whom. */
function driftNotes({ subject }: Explanation, { drift }: ScopeReport): readonly string[] {
  return drift
    .filter(({ kind, key }) => kind === subject.kind && key === subject.key)
    .map(({ sentence, since, by }) => {
      const who = by === undefined ? '' : `, changed by ${by}`
      return `drift: ${sentence} (noticed ${minute(since)}${who})`
    })
}
