import { type Change, isStopping, type Origin, type Plan } from '../engine/index.ts'
import { count, type Noun } from './wording.ts'

/** One thing that a plan does, told once for all objects it is done to. */
export interface Sentence {
  /** Heads the line, for example `approve`. */
  readonly group: string
  /** `ann@contoso.com is newly approved`, or `3 mailboxes are newly approved`. */
  readonly text: string
  /** The objects, where the sentence only counts them. */
  readonly names: readonly string[]
  readonly origins: readonly Origin[]
  /** True where the sentence tells of something that stops or goes away. */
  readonly stops: boolean
}

interface Gathered {
  readonly group: string
  readonly noun: Noun
  readonly one: string
  readonly many: string
  /** By key, so that an object counts once however many of its fields say the same. */
  readonly objects: Map<string, Change>
}

/** What a plan does, in its order: changes that say the same about objects of one noun become one sentence. */
export function sentencesOf(plan: Plan, nounOf: (stage: string) => Noun): readonly Sentence[] {
  const gathered: Gathered[] = []
  // By noun, then group, then words: one key made of all three would be made anew for each of tens of thousands of phrases.
  const nouns = new Map<string, Map<string, Map<string, Gathered>>>()
  for (const { stage, changes } of plan.steps) {
    const noun = nounOf(stage)
    const groups = entryOf(nouns, noun.many, () => new Map())
    for (const change of changes) {
      for (const { group, one, many } of change.phrases) {
        const entry = entryOf(entryOf(groups, group, newGroup), many, () => {
          const begun = { group, noun, one, many, objects: new Map() }
          gathered.push(begun)
          return begun
        })
        entry.objects.set(change.key, change)
      }
    }
  }
  return byGroup(gathered.map(toSentence))
}

function newGroup(): Map<string, Gathered> {
  return new Map()
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function toSentence({ group, noun, one, many, objects }: Gathered): Sentence {
  const changes = [...objects.values()]
  const single = changes.length === 1 ? changes[0] : undefined
  return {
    group,
    text: single ? `${single.label} ${one}` : `${count(changes.length, noun)} ${many}`,
    names: single ? [] : changes.map(({ label }) => label),
    origins: changes.map(({ origin }) => origin),
    stops: changes.some(({ effects }) => isStopping(effects)),
  }
}

/** What takes something away is told first, tests last; all else stays in its order. */
const PLACES: ReadonlyMap<string, number> = new Map([
  ['stop', -2],
  ['delete', -1],
  ['test', 1],
])

function placeOf(group: string): number {
  return PLACES.get(group) ?? 0
}

/** Keeps the order, but puts sentences of one group together where its first one stands. */
function byGroup(sentences: readonly Sentence[]): readonly Sentence[] {
  const groups = new Map<string, Sentence[]>()
  for (const sentence of sentences) {
    const known = groups.get(sentence.group)
    if (known) known.push(sentence)
    else groups.set(sentence.group, [sentence])
  }
  return [...groups].sort(([a], [b]) => placeOf(a) - placeOf(b)).flatMap(([, told]) => told)
}
