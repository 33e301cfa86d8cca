// What a trust leaves as it is because people asked for it: what they do by hand, and a credential that stays for a while after a rotation.
// It is told as long as it is so, for it explains why a plan without changes is not the end.
import type { Exception, Plan } from '../engine/index.ts'
import type { Remark } from './remarks.ts'
import { sentenceList } from './wording.ts'

/** Code of what people declared to do themselves. */
const BY_HAND = 'External'

/** One remark for each reason, in the order of the plan. */
export function trustRemarks({ exceptions }: Pick<Plan, 'exceptions'>): readonly Remark[] {
  const groups = new Map<string, Exception[]>()
  for (const one of exceptions) {
    if (one.bySpec !== true) continue
    const id = JSON.stringify([one.reason.code, one.reason.message])
    groups.set(id, [...(groups.get(id) ?? []), one])
  }
  return [...groups.values()].flatMap(([first, ...others]) => (first ? [remarkOf(first, others)] : []))
}

function remarkOf({ label, reason: { code, message } }: Exception, others: readonly Exception[]): Remark {
  const names = [...new Set([label, ...others.map((one) => one.label)])]
  const who = sentenceList(names)
  if (code === BY_HAND) return { heading: 'by hand', code, text: `${who}: ${message}`, names: [] }
  return { heading: 'waits', code, text: `${who} ${message}`, names: [] }
}

/** A plan without what people asked to be left as it is: what counts is told of the rest. */
export function withoutAskedFor(plan: Plan): Plan {
  return { ...plan, exceptions: plan.exceptions.filter(({ bySpec }) => bySpec !== true) }
}
