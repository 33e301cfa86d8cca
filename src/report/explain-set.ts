import { advised, type Plan } from '../engine/index.ts'
import type { DesiredMailbox } from '../spec/desired.ts'
import { nextOfWait, type ToldLink } from './explain-chain.ts'
import { type ExplainInput, type Explanation, markFirst, toApply } from './explain-view.ts'
import { healthInWords } from './health.ts'
import { MAILBOX_KIND } from './people.ts'
import { type Remark, remarksOnExceptions, remarksOnReadiness } from './remarks.ts'
import { remarksOnPace } from './rollouts.ts'
import { sentencesOf } from './sentences.ts'
import { count, number, places, short } from './wording.ts'

const MAILBOX = { one: 'mailbox', many: 'mailboxes' }

/** Explains a set: how many of its members work, and those that do not by cause. */
export function explainSet(input: ExplainInput, set: string, members: readonly DesiredMailbox[]): Explanation {
  const { result, conditions, desired } = input
  const keys = new Set(members.map(({ address }) => address))
  const isMember = ({ kind, key }: { readonly kind: string; readonly key: string }) =>
    kind === MAILBOX_KIND && keys.has(key)
  const own = conditions.filter(isMember)
  const exceptions = result.plan.exceptions.filter(isMember)
  const steps = result.plan.steps.map((step) => ({ ...step, changes: step.changes.filter(isMember) }))
  const plan = { ...result.plan, exceptions, steps: steps.filter(({ changes }) => changes.length > 0) }
  const excepted = new Set(exceptions.map(({ key }) => key))
  const settled = own.filter(({ key }) => !excepted.has(key))
  const failing = remarksOnReadiness(settled, 'False', 'failing', () => MAILBOX)
  const pending = remarksOnReadiness(settled, 'Unknown', 'pending', () => MAILBOX)
  const changed = new Set(plan.steps.flatMap((step) => step.changes.map(({ key }) => key)))
  const fails = own.some(({ ready }) => ready.status === 'False') || exceptions.length > 0
  const isUnknown =
    plan.stages.some(({ incomplete }) => incomplete !== undefined) ||
    exceptions.some(({ state }) => state === 'Unknown')
  const health = healthInWords(plan, own)
  const parts = [...health, changed.size > 0 ? `${count(changed.size, MAILBOX)} to be changed` : '']
  const remarks = [
    ...changesOf(plan),
    ...remarksOnPace({ result: { ...result, plan }, desired }, () => MAILBOX),
    ...failing,
    ...pending,
    ...remarksOnExceptions(exceptions, () => MAILBOX),
  ]
  const example = [...failing, ...pending, ...remarksOnExceptions(exceptions, () => MAILBOX)].flatMap(
    ({ names }) => names,
  )[0]
  const waits = plan.steps.every((step) => step.waits !== undefined) ? plan.steps[0]?.waits : undefined
  const next =
    example !== undefined
      ? `\`mailkeel explain ${example}\` tells the first of them.`
      : changed.size > 0
        ? toApply(input, waits ? { next: advised(waits.message).next ?? nextOfWait(waits, input) } : {})
        : undefined
  return {
    organization: result.organization,
    scope: result.scope,
    revision: short(result.revision),
    subject: { kind: 'MailboxSet', key: set, label: set },
    state: isUnknown ? 'unknown' : fails ? 'broken' : changed.size > 0 ? 'changes' : 'works',
    headline: `set "${set}": ${parts.filter((part) => part !== '').join(', ')}`,
    alike: 0,
    links: markFirst([specLink(input, members)]),
    remarks,
    ...(next !== undefined && { next }),
  }
}

/** What is planned for its members, said as a plan says it. */
function changesOf(plan: Plan): readonly Remark[] {
  return sentencesOf(plan, () => MAILBOX).map(({ group, text, names }) => ({
    heading: group,
    code: 'Planned',
    text,
    names,
  }))
}

function specLink({ result }: ExplainInput, members: readonly DesiredMailbox[]): ToldLink {
  const words = `${places(members.map(({ origin }) => origin))}, ${number(members.length)} ${members.length === 1 ? 'member' : 'members'}`
  return { name: 'spec', state: 'good', words, sync: `spec ${short(result.revision)}` }
}
