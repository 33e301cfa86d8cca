import type { Noun } from './wording.ts'

/** The words stages have for their objects: by stage name, and by kind for conditions. */
export interface Vocabulary {
  readonly byStage: ReadonlyMap<string, Noun>
  readonly byKind: ReadonlyMap<string, Noun>
}

/** A stage as far as its words are asked for. */
export interface NamedStage {
  readonly name: string
  readonly kind: string
  readonly noun: Noun
}

/** The words of these stages. */
export function vocabularyOf(stages: readonly NamedStage[]): Vocabulary {
  return {
    byStage: new Map(stages.map(({ name, noun }) => [name, noun])),
    byKind: new Map(stages.map(({ kind, noun }) => [kind, noun])),
  }
}
