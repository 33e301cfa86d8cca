// What the overrides of a pass let through, object by object. The journal has it with every intent, so that a later pass can tell how much of
// an override is used up, whatever set an object is in by then.
import {
  type Guard,
  type GuardInput,
  type GuardVerdict,
  isFor,
  type Passage,
  type Permit,
  type Subject,
  subjectId,
} from '../engine/index.ts'
import { ANY, type Answers, isForKey } from './answers.ts'
import type { JournaledOverride } from './journal-record.ts'

/** What overrides let through. */
export interface LetPass {
  /** The overrides that a change of this object passes by. */
  of(subject: Subject): readonly Passage[]
  /** The overrides of a guard for the journal, with what they cover and the plan does not change. */
  overridesOf(verdict: GuardVerdict): readonly JournaledOverride[]
}

const NOTHING: LetPass = { of: () => [], overridesOf: () => [] }

/** What the verdicts say was passed by overrides. Pure. */
export function letPass(
  verdicts: readonly GuardVerdict[],
  guards: readonly Guard[],
  input: GuardInput,
  permits: readonly Permit[],
  answers: Pick<Answers, 'asked'>,
): LetPass {
  if (verdicts.every(({ overrides }) => overrides === undefined)) return NOTHING
  const passages = new Map<string, Passage[]>()
  const covered = new Map<string, readonly Subject[]>()
  for (const { guard, overrides = [] } of verdicts) {
    const counted = guards.find(({ name }) => name === guard)?.counted(input) ?? answers.asked(guard)
    for (const { name } of overrides) {
      const permit = permits.find((one) => one.name === name && one.guard === guard)
      const subjects = permit ? counted.filter((subject) => covers(permit, subject)) : []
      covered.set(`${guard}\n${name}`, subjects)
      for (const subject of subjects) note(subjectId(subject), { guard, override: name })
    }
  }
  const changed = new Set<string>()
  for (const { changes } of input.plan.steps) for (const change of changes) changed.add(subjectId(change))
  return {
    of: (subject) => [
      ...(passages.get(subjectId(subject)) ?? []),
      ...(passages.get(subjectId({ ...subject, kind: ANY })) ?? []),
    ],
    overridesOf: ({ guard, overrides = [] }) =>
      overrides.map((override) => {
        const all = covered.get(`${guard}\n${override.name}`) ?? []
        const unchanged = all.filter((subject) => subject.kind !== ANY && !changed.has(subjectId(subject)))
        return unchanged.length === 0 ? override : { ...override, unchanged }
      }),
  }

  function note(id: string, passage: Passage): void {
    const known = passages.get(id)
    if (known) known.push(passage)
    else passages.set(id, [passage])
  }
}

function covers(permit: Permit, subject: Subject): boolean {
  return subject.kind === ANY ? isForKey(permit, subject.key) : isFor(permit, subject)
}
