// What was done, in sentences. The words of the changes are those of the stages, so that a change reads in the history as it did in its plan.
import type { FieldRule, Phrase } from '../engine/index.ts'
import type { HistoryChange, HistoryPass } from '../reconcile/history.ts'
import { valueInWords } from './details.ts'
import { scopeTitle } from './scope-title.ts'
import { count, number, sentenceList, short } from './wording.ts'

/** The words of one stage. */
export interface StageWords {
  readonly fields: Readonly<Record<string, Pick<FieldRule, 'words'>>>
  readonly words?: (action: 'create' | 'delete', label: string) => Phrase
}

/** One change, told. */
export interface ToldChange {
  readonly label: string
  /** `goes from "Old Exchange" to "Exchange Online"` */
  readonly sentences: readonly string[]
  /** `applied`, or what became of it. */
  readonly outcome: string
  readonly went: 'well' | 'badly' | 'unclear'
  /** Why it did not succeed. */
  readonly why: string
  /** `sales.yaml:9`; empty where it is not known. */
  readonly place: string
}

/** One pass, told. */
export interface ToldPass {
  /** `2026-11-20 16:02 UTC  ann@build-7  3f2a91c` */
  readonly head: string
  /** `41 changes: 40 applied, 1 failed` */
  readonly summary: string
  readonly pass: string
  /** What it was about, see `scopeTitle`. */
  readonly title: string
  /** Guards a person passed, and what they objected to. */
  readonly overrides: readonly string[]
  readonly failure: string
  readonly changes: readonly ToldChange[]
}

const OUTCOMES = {
  Applied: ['applied', 'well'],
  AlreadyDone: ['was so already', 'well'],
  Moved: ['not written, it had changed', 'unclear'],
  Failed: ['failed', 'badly'],
  WriteNotEffective: ['without effect', 'badly'],
  Unknown: ['not known', 'unclear'],
  Blocked: ['blocked', 'badly'],
  Cancelled: ['cancelled', 'unclear'],
  NotApplied: ['cut off, did not take effect', 'badly'],
  Unverifiable: ['cut off, cannot be told', 'unclear'],
  Open: ['cut off, not looked up yet', 'unclear'],
} as const satisfies Record<HistoryChange['result'], readonly [string, ToldChange['went']]>

/** Puts a pass into words. `words` gives those of a stage, where this build still has it. */
export function tellPass(pass: HistoryPass, words: (stage: string) => StageWords | undefined): ToldPass {
  const { scope, time, by, revision, planned, allowed, guards, finished, changes } = pass
  const at = `${time.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ')} UTC`
  return {
    head: [at, by, short(revision)].join('  '),
    summary: `${count(planned, { one: 'change', many: 'changes' })}: ${resultsInWords(finished)}`,
    pass: pass.pass,
    title: scopeTitle(scope),
    overrides: allowed.map((one) => overrideInWords(one, guards)),
    failure: finished?.failure?.message ?? '',
    changes: changes.map((change) => tellChange(change, words(change.stage))),
  }
}

function resultsInWords(finished: HistoryPass['finished']): string {
  if (!finished) return 'cut off before its end'
  const results = Object.entries(finished.results) as [HistoryChange['result'], number][]
  const parts = results
    .filter(([, times]) => times > 0)
    .map(([result, times]) => `${number(times)} ${OUTCOMES[result]?.[0] ?? result}`)
  return parts.length === 0 ? 'nothing was written' : parts.join(', ')
}

function overrideInWords(
  { guard, by, overrides = [] }: HistoryPass['allowed'][number],
  guards: HistoryPass['guards'],
): string {
  const said = guards.find((verdict) => verdict.guard === guard)?.message ?? ''
  const permits = overrides.map(
    ({ name, ticket, reason }) => `"${name}" (${ticket === undefined ? '' : `${ticket}, `}${reason})`,
  )
  const how = permits.length === 0 ? `passed by ${by}` : `passed by the override ${sentenceList(permits)}`
  return `${guard} ${how}${said === '' ? '' : `: ${said.replace(/; [^;]*--allow \S+$/, '')}`}`
}

function tellChange(change: HistoryChange, words: StageWords | undefined): ToldChange {
  const { label, key, result, reason, origin } = change
  const [outcome, went] = OUTCOMES[result] ?? [result, 'unclear']
  return {
    label: label === '' ? key : label,
    sentences: sentencesOf(change, words),
    outcome,
    went,
    why: reason?.message ?? '',
    place: origin ? `${origin.file}:${origin.line}` : '',
  }
}

function sentencesOf(
  { action, fields, label, stage }: HistoryChange,
  words: StageWords | undefined,
): readonly string[] {
  if (action === undefined) return [`${stage}: nothing was written`]
  if (action !== 'update')
    return [words?.words?.(action, label).one ?? (action === 'create' ? 'is created' : 'is deleted')]
  return fields.map(({ field, from, to }) => {
    try {
      const rule = words?.fields[field]
      if (rule) return rule.words(from, to).one
    } catch {
      // A value that the rules of this build do not know is told as it stands.
    }
    return `${field}: ${from === undefined ? '' : `${valueInWords(from)} → `}${valueInWords(to)}`
  })
}
