// One scope at a glance, in the words of the reports of the command line.

import { type Reason, succeeded } from '../../engine/index.ts'
import { READY_SOON } from '../../reconcile/conditions.ts'
import { afterwards } from '../../report/afterwards.ts'
import { objectionsIn, withoutFlag } from '../../report/explain-view.ts'
import { nounOfStage, planSentences, type ReportInput } from '../../report/plan-view.ts'
import { type Remark, remarksOnOutcomes } from '../../report/remarks.ts'
import { viewStages } from '../../report/stage-view.ts'
import { type StatusView, viewStatus } from '../../report/status-view.ts'
import type { Vocabulary } from '../../report/vocabulary.ts'
import { minute, names } from '../../report/wording.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { ScopeReport, ScopeStanding, Trouble } from '../board.ts'
import type { Viewer } from '../http/route.ts'
import { anonymous, codeOnly } from './anonymous.ts'
import { mailboxCounts } from './object-state.ts'
import type { CauseShape, GuardShape, ScopeShape, Tone, TroubleShape } from './shapes.ts'

/** What telling a scope needs. */
export interface ScopeViewInput {
  readonly vocabularyOf: (kind: ScopeStanding['kind']) => Vocabulary
  /** What a person may do where an organization could not be read, by the code of the failure. */
  readonly advise: NonNullable<ReportInput['advise']>
}

/** Tells a scope to somebody with this role. */
export type ScopeView = (standing: ScopeStanding, role: Viewer['role']) => ScopeShape

/** What follows from a report alone; worked out once per report and role. */
type Told = Pick<
  ScopeShape,
  'stages' | 'causes' | 'plan' | 'guards' | 'rollouts' | 'runway' | 'notices' | 'mailboxes'
> & {
  readonly headline: string
  readonly tone: Tone
}

const SENTENCES = 100

/** Makes what tells scopes. */
export function scopeView(input: ScopeViewInput): ScopeView {
  const known = { Overview: new WeakMap<ScopeReport, Kept>(), Reader: new WeakMap<ScopeReport, Kept>() }
  const toldOf = (standing: ScopeStanding, report: ScopeReport, role: Viewer['role']) => {
    const { desired } = standing
    const before = known[role].get(report)
    if (before?.desired === desired) return before.told
    const told = tell(standing, report, role, input)
    known[role].set(report, { desired, told })
    return told
  }
  return (standing, role) => {
    const { report } = standing
    return shapeOf(standing, role, report && toldOf(standing, report, role))
  }
}

interface Kept {
  readonly desired: ScopeStanding['desired']
  readonly told: Told
}

function shapeOf(standing: ScopeStanding, role: Viewer['role'], told: Told | undefined): ScopeShape {
  const { scope, kind, name, policy, phase, revision, held, failure, holder } = standing
  const { inSyncSince, lastPassAt, nextPassAt, progress } = standing
  const isReader = role === 'Reader'
  return {
    scope,
    kind,
    name,
    policy,
    phase,
    revision,
    stages: [],
    causes: [],
    guards: [],
    rollouts: [],
    runway: [],
    notices: [],
    ...told,
    tone: toneOf(standing, told?.tone),
    headline: headlineOf(standing, role, told?.headline),
    ...(held && { held: plainReason(isReader ? held : codeOnly(held)) }),
    ...(failure && { failure: troubleShape(failure, isReader) }),
    ...(holder !== undefined && { holder }),
    ...(inSyncSince !== undefined && { inSyncSince }),
    ...(lastPassAt !== undefined && { lastPassAt }),
    ...(nextPassAt !== undefined && { nextPassAt }),
    ...(progress && { progress: { done: progress.done, planned: progress.planned } }),
  }
}

/** A trouble as it is told: to an Overview only by its code. */
export function troubleShape({ reason, since, attempts }: Trouble, isReader: boolean): TroubleShape {
  return { reason: plainReason(isReader ? reason : codeOnly(reason)), since, attempts }
}

function plainReason({ code, message }: Reason): Reason {
  return { code, message: withoutFlag(message) }
}

function toneOf({ failure, held, phase }: ScopeStanding, told: Tone | undefined): Tone {
  if (told === 'trouble') return 'trouble'
  if (failure) return 'unknown'
  if (told === undefined) return phase === 'Elsewhere' ? 'calm' : 'waiting'
  return told === 'calm' && held ? 'waiting' : told
}

/** A pass that does not come to its end is told before what an earlier one saw. */
function headlineOf({ failure, phase, holder }: ScopeStanding, role: Viewer['role'], told: string | undefined): string {
  if (failure) {
    const { reason, since } = failure
    const what = (role === 'Reader' ? reason : codeOnly(reason)).message
    const before = told === undefined ? 'nothing is known of it yet' : `before that: ${told}`
    return `no pass came to its end since ${minute(since)}: ${what}; ${before}`
  }
  if (told !== undefined) return told
  if (phase === 'Elsewhere') return holder === undefined ? 'another replica works on it' : `${holder} works on it`
  return 'no pass has come to its end yet'
}

const NOTHING = { mailboxes: new Map(), profiles: new Map() }

function tell(standing: ScopeStanding, whole: ScopeReport, role: Viewer['role'], input: ScopeViewInput): Told {
  const vocabulary = input.vocabularyOf(standing.kind)
  const report = role === 'Reader' ? whole : anonymous(whole, vocabulary)
  const result = afterwards(report.result)
  const { plan, rollouts = new Map<string, never>(), notices } = result
  const view = viewStatus({
    result,
    desired: desiredFor(standing, role),
    vocabulary,
    conditions: report.conditions,
    runway: report.runway,
    ...(standing.kind === 'organization' && role === 'Reader' && { advise: input.advise }),
  })
  const nounOf = nounOfStage(vocabulary)
  const badly = (result.outcomes ?? []).filter((outcome) => !succeeded(outcome) || outcome.reason)
  const guards = objectionsIn(result.verdicts).map(guardShape)
  const changes = plan.steps.reduce((sum, step) => sum + step.changes.length, 0)
  const sentences = planSentences(plan, nounOf).slice(0, SENTENCES)
  return {
    headline: view.headline,
    tone: toneOfView(view, { changes, decision: result.decision, fights: report.fights.length }),
    ...(standing.kind === 'organization' && { mailboxes: mailboxCounts(whole) }),
    stages: viewStages(result, READY_SOON),
    causes: [...remarksOnOutcomes(badly, nounOf), ...view.failing, ...view.remarks, ...view.pending, ...view.unread]
      .concat(view.rollouts)
      .map(causeShape),
    plan: {
      digest: plan.digest,
      changes,
      ...(plan.stages.some(({ incomplete }) => incomplete) && { incomplete: true }),
      ...(role === 'Reader' && { sentences: sentences.map(sentenceInWords) }),
    },
    guards,
    rollouts: [...rollouts].map(([name, { wave, waves, since }]) => ({ name, wave, waves, since })),
    runway: report.runway.map(({ label, on, daysLeft, severity, source, confidence }) => ({
      label,
      on,
      daysLeft,
      severity,
      source,
      confidence,
    })),
    notices: notices.map(plainReason),
  }
}

/** What the spec says of people in words (who suspended whom) is for a Reader only. */
function desiredFor({ kind, desired }: ScopeStanding, role: Viewer['role']): ReportInput['desired'] {
  if (kind === 'trust') return NOTHING
  const { rollouts } = desired as DesiredOrganization
  return role === 'Reader' ? (desired as DesiredOrganization) : { ...NOTHING, ...(rollouts && { rollouts }) }
}

interface Rest {
  readonly changes: number
  readonly decision: GuardShape['decision']
  readonly fights: number
}

function toneOfView({ tone, pending }: StatusView, { changes, decision, fights }: Rest): Tone {
  if (tone !== 'calm') return tone
  if (fights > 0 || decision === 'blocked') return 'trouble'
  return changes > 0 || pending.length > 0 || decision !== 'allow' ? 'waiting' : 'calm'
}

function causeShape({ heading, code, text, next, names }: Remark): CauseShape {
  const message = withoutFlag(text)
  return { code, message, count: names.length, heading, ...(next !== undefined && { next: withoutFlag(next) }) }
}

function guardShape({ guard, decision, message }: GuardShape): GuardShape {
  return { guard, decision, message: withoutFlag(message) }
}

function sentenceInWords({ text, names: all }: { readonly text: string; readonly names: readonly string[] }): string {
  return all.length === 0 ? text : `${text}: ${names(all)}`
}
