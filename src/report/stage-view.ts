// The stages of a scope as a line: each with how it stands and what shows it.
import type { Key, Outcome, Plan, Read, StageSummary, Verdict } from '../engine/index.ts'
import { succeeded } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { countsInWords } from './status-counts.ts'
import { number } from './wording.ts'

/** How something stands, in the order of what to look at first. */
export type StageTone = 'trouble' | 'unknown' | 'waiting' | 'calm'

/** One stage, told. */
export interface StageView {
  readonly stage: string
  /** As people call it. */
  readonly title: string
  readonly tone: StageTone
  /** `401 of 412 in sync, 3 to change`, `380 of 412 work, 32 fail`, or why it is not known. */
  readonly evidence: string
}

/** What people call the stages; a stage that is not here is called by its own name. */
export const STAGE_TITLES: Readonly<Record<string, string>> = {
  prerequisites: 'Prerequisites',
  'email-server-profile': 'Profiles',
  'email-settings': 'E-mail settings',
  'mailbox-identity': 'Mailboxes',
  approval: 'Approval',
  mailbox: 'Methods and profile',
  'test-result': 'Test & Enable',
  'trust-prerequisites': 'Prerequisites',
  'certificate-store': 'Certificate on servers',
  credential: 'Credential in Entra ID',
  'service-principal-names': 'Service principal names',
  'server-settings': 'Server settings',
  'tenant-id': 'Tenant id',
  'certificate-switch': 'Certificate in use',
  'service-restart': 'Services restarted',
  'credential-retire': 'Previous credential',
}

/** All stages of a pass, in the order of apply. `soon`: codes of what is unknown and ends by itself. */
export function viewStages({ plan, reads, outcomes }: PassResult, soon: ReadonlySet<string>): readonly StageView[] {
  return plan.stages.map((summary) => {
    const { stage, incomplete, mode } = summary
    const title = STAGE_TITLES[stage] ?? stage
    if (incomplete) return { stage, title, tone: 'unknown', evidence: `could not be read: ${incomplete.message}` }
    if (mode === 'checks') return { stage, title, ...checked(reads.get(stage), soon) }
    const tone = toneOfWrites(summary, plan, outcomes ?? [])
    return { stage, title, tone, evidence: summary.desired === 0 ? 'nothing asked' : countsInWords(summary, plan) }
  })
}

function toneOfWrites({ stage, changes }: StageSummary, plan: Plan, outcomes: readonly Outcome[]): StageTone {
  const states = new Set(plan.exceptions.filter((one) => one.stage === stage && !one.bySpec).map(({ state }) => state))
  const failed = outcomes.some((one) => one.stage === stage && !succeeded(one) && TROUBLE.has(one.result))
  if (failed || states.has('Blocked')) return 'trouble'
  if (states.has('Unknown')) return 'unknown'
  return changes > 0 || states.size > 0 ? 'waiting' : 'calm'
}

const TROUBLE: ReadonlySet<Outcome['result']> = new Set(['Failed', 'WriteNotEffective', 'Blocked'])

/** A stage that only looks, by its verdicts. */
function checked(read: Read | undefined, soon: ReadonlySet<string>): Pick<StageView, 'tone' | 'evidence'> {
  if (!read?.complete) return { tone: 'unknown', evidence: 'it was not observed' }
  const counts = { True: 0, False: 0, Unknown: 0, Unverifiable: 0, soon: 0 }
  for (const verdict of verdictsOf(read.rows)) {
    if (verdict.status === 'Unknown' && soon.has(verdict.code)) counts.soon += 1
    else counts[verdict.status] += 1
  }
  counts.Unknown += read.unknown.size
  const total = counts.True + counts.False + counts.Unknown + counts.Unverifiable + counts.soon
  if (total === 0) return { tone: 'calm', evidence: 'nothing to look at' }
  const parts = [
    counts.True === total ? `${number(total)} in order` : `${number(counts.True)} of ${number(total)} in order`,
    ...(counts.False > 0 ? [`${number(counts.False)} ${counts.False === 1 ? 'fails' : 'fail'}`] : []),
    ...(counts.soon > 0 ? [`${number(counts.soon)} pending`] : []),
    ...(counts.Unknown > 0 ? [`${number(counts.Unknown)} unknown`] : []),
    ...(counts.Unverifiable > 0 ? [`${number(counts.Unverifiable)} for a person to confirm`] : []),
  ]
  const tone = counts.False > 0 ? 'trouble' : counts.Unknown > 0 ? 'unknown' : counts.soon > 0 ? 'waiting' : 'calm'
  return { tone, evidence: parts.join(', ') }
}

function* verdictsOf(rows: ReadonlyMap<Key, { readonly ready?: Verdict }>): Iterable<Verdict> {
  for (const { ready } of rows.values()) if (ready) yield ready
}
