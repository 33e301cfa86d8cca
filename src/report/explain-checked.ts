// Explaining an object that has no chain of its own: a check, or an object of a trust. Its conditions and its plan are all there is to tell.
import { advised, type Condition, type ObjectConditions } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { ToldLink } from './explain-chain.ts'
import { type Explanation, markFirst, stateOf } from './explain-view.ts'
import { sentenceList, short } from './wording.ts'

const STATES = { True: 'good', False: 'broken', Unknown: 'unknown' } as const satisfies Record<
  Condition['status'],
  ToldLink['state']
>

/** Explains an object by its conditions. */
export function explainByConditions(result: PassResult, object: ObjectConditions): Explanation {
  const { kind, key, label, synced, ready } = object
  const isWritten = result.plan.stages.some((stage) => stage.kind === kind && stage.mode === 'writes')
  const links = markFirst([
    ...(isWritten ? [linkOf('spec', synced, plannedFor(result, object)), ...plannedLinks(result, object)] : []),
    // Of what nothing checks there is nothing to say.
    ...(ready.code === 'NotChecked' ? [] : [linkOf('check', ready)]),
  ])
  const first = links.find(({ isFirst }) => isFirst)
  const does = first?.state === 'unknown' ? 'is not known' : 'is not in order'
  return {
    organization: result.organization,
    scope: result.scope,
    revision: short(result.revision),
    subject: { kind, key, label },
    state: stateOf(links),
    headline: first ? `${label} ${does}: ${first.words}` : `${label} is in order`,
    alike: 0,
    links,
    remarks: [],
    ...(first?.next !== undefined && { next: first.next }),
  }
}

function linkOf(name: string, { status, code, message }: Condition, isPlanned = false): ToldLink {
  const { what, next } = advised(message)
  const link = { name, state: STATES[status], words: what, code }
  const drift = isPlanned && status === 'False' ? ({ trouble: 'Drift' } as const) : {}
  return { ...link, ...drift, ...(next !== undefined && { next }) }
}

function plannedFor(result: PassResult, object: ObjectConditions): boolean {
  return phrasesFor(result, object).length > 0
}

function plannedLinks(result: PassResult, object: ObjectConditions): readonly ToldLink[] {
  const phrases = phrasesFor(result, object)
  return phrases.length === 0 ? [] : [{ name: 'planned', state: 'told', words: `it ${sentenceList(phrases)}` }]
}

function phrasesFor({ plan }: PassResult, { kind, key }: ObjectConditions): readonly string[] {
  return plan.steps.flatMap(({ changes }) =>
    changes
      .filter((change) => change.kind === kind && change.key === key)
      .flatMap(({ phrases }) => phrases.map(({ one }) => one)),
  )
}
