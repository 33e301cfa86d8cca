import type { ObjectConditions, Plan } from '../engine/index.ts'
import { type Remark, remarksOnReadiness } from './remarks.ts'
import { count, type Noun, sentenceList } from './wording.ts'

/** What checks found that people should know. */
export interface CheckRemarks {
  /** What is not in order. */
  readonly failed: readonly Remark[]
  /** What no interface can tell, so that a person must. */
  readonly advice: readonly Remark[]
}

/** Objects that are only checked, apart from those that somebody wishes for. */
export function isCheckIn({ stages }: Pick<Plan, 'stages'>): (object: ObjectConditions) => boolean {
  const written = new Set(stages.filter(({ mode }) => mode === 'writes').map(({ kind }) => kind))
  return ({ kind }) => !written.has(kind)
}

/** What checks found; what `told` says already is left out. */
export function checkRemarks(
  plan: Pick<Plan, 'stages'>,
  conditions: readonly ObjectConditions[],
  nounOf: (kind: string) => Noun,
  told: readonly Remark[],
): CheckRemarks {
  const checks = conditions.filter(isCheckIn(plan))
  const isNew = ({ text }: Remark) => !told.some((remark) => remark.text.endsWith(text.slice(text.indexOf(': '))))
  return {
    failed: remarksOnReadiness(checks, 'False', 'check', nounOf).filter(isNew),
    advice: remarksOnReadiness(checks, 'Unknown', 'note', nounOf).filter(isNew).map(inOneLine),
  }
}

/** What is open for several things by nature is told in one line, by their names. */
function inOneLine(remark: Remark): Remark {
  const { code, names, text } = remark
  if (code !== 'NotAttested' || names.length < 2) return remark
  return { ...remark, text: `${sentenceList(names)}${text.slice(text.indexOf(': '))}`, names: [] }
}

/** How many checks failed, in words; empty where none did. What is told with the objects it blocks is not counted again. */
export function failedChecksInWords(told: readonly Remark[]): string {
  const failed = told.reduce((sum, { names }) => sum + names.length, 0)
  if (failed === 0) return ''
  return `${count(failed, { one: 'check', many: 'checks' })} ${failed === 1 ? 'fails' : 'fail'}`
}
