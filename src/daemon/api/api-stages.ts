import { type Vocabulary, vocabularyOf } from '../../report/vocabulary.ts'
import { organizationStages, trustStages } from '../../stages/index.ts'

/** The stages as far as telling needs them: their words, and their links. Nothing of them is ever run. */
export interface Stages {
  readonly organization: ReturnType<typeof organizationStages>
  readonly trust: ReturnType<typeof trustStages>
  readonly words: { readonly organization: Vocabulary; readonly trust: Vocabulary }
}

/** All stages of this build. */
export function stagesToTell(): Stages {
  const refuse = () => Promise.reject(new Error('telling what was read needs no secret'))
  const organization = organizationStages({ resolveSecret: refuse })
  const trust = trustStages()
  return { organization, trust, words: { organization: vocabularyOf(organization), trust: vocabularyOf(trust) } }
}
