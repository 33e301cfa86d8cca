import type { DesiredMailbox } from '../spec/desired.ts'
import type { ToldLink } from './explain-chain.ts'
import { type ExplainInput, type Explanation, markFirst } from './explain-view.ts'
import { healthInWords } from './health.ts'
import { MAILBOX_KIND } from './people.ts'
import { remarksOnExceptions, remarksOnReadiness } from './remarks.ts'
import { count, number, places, short } from './wording.ts'

const MAILBOX = { one: 'mailbox', many: 'mailboxes' }

/** Explains a set: how many of its members work, and those that do not by cause. */
export function explainSet(input: ExplainInput, set: string, members: readonly DesiredMailbox[]): Explanation {
  const { result, conditions } = input
  const keys = new Set(members.map(({ address }) => address))
  const isMember = ({ kind, key }: { readonly kind: string; readonly key: string }) =>
    kind === MAILBOX_KIND && keys.has(key)
  const own = conditions.filter(isMember)
  const exceptions = result.plan.exceptions.filter(isMember)
  const plan = { ...result.plan, exceptions }
  const excepted = new Set(exceptions.map(({ key }) => key))
  const settled = own.filter(({ key }) => !excepted.has(key))
  const failing = remarksOnReadiness(settled, 'False', 'failing', () => MAILBOX)
  const pending = remarksOnReadiness(settled, 'Unknown', 'pending', () => MAILBOX)
  const changed = new Set(plan.steps.flatMap((step) => step.changes.filter(isMember).map(({ key }) => key)))
  const fails = own.some(({ ready }) => ready.status === 'False') || exceptions.length > 0
  const isUnknown =
    plan.stages.some(({ incomplete }) => incomplete !== undefined) ||
    exceptions.some(({ state }) => state === 'Unknown')
  const health = healthInWords(plan, own)
  const parts = [...health, changed.size > 0 ? `${count(changed.size, MAILBOX)} to be changed` : '']
  const remarks = [...failing, ...pending, ...remarksOnExceptions(exceptions, () => MAILBOX)]
  const example = remarks.flatMap(({ names }) => names)[0]
  const next =
    example !== undefined
      ? `\`mailkeel explain ${example}\` tells the first of them.`
      : changed.size > 0
        ? `\`${input.applyCommand}\` makes it so.`
        : undefined
  return {
    organization: result.organization,
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

function specLink({ result }: ExplainInput, members: readonly DesiredMailbox[]): ToldLink {
  const words = `${places(members.map(({ origin }) => origin))}, ${number(members.length)} ${members.length === 1 ? 'member' : 'members'}`
  return { name: 'spec', state: 'good', words, sync: `spec ${short(result.revision)}` }
}
