// Puts results on the output, in the form that was asked for. JSON is one value for the whole run; the others one part per organization.

import type { RunwayOfResult } from '../compose/runway.ts'
import type { ObjectConditions, Outcome } from '../engine/index.ts'
import type { Machine } from '../machine.ts'
import { checkConditionsOf } from '../reconcile/conditions.ts'
import type { OrganizationScope, PassResult, TrustScope } from '../reconcile/contract.ts'
import { detailsText } from '../report/details.ts'
import { jsonText } from '../report/hostile-text.ts'
import { type OrganizationReport, reportJson } from '../report/json.ts'
import { outcomeMarkdown, planMarkdown, statusMarkdown } from '../report/markdown.ts'
import { outcomeText } from '../report/outcome-text.ts'
import { viewOutcomes } from '../report/outcome-view.ts'
import { planBriefly, planText, remarkLine, type TextStyle } from '../report/plan-text.ts'
import { type ReportInput, viewPlan } from '../report/plan-view.ts'
import { isTrustScope } from '../report/scope-title.ts'
import { isCut, statusText } from '../report/status-text.ts'
import { viewStatus } from '../report/status-view.ts'
import { table } from '../report/table.ts'
import { COLOURS, PLAIN } from '../report/terminal.ts'
import { type NamedStage, vocabularyOf } from '../report/vocabulary.ts'
import { changesIn } from './endings.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Form } from './flags.ts'

/** Prints results of passes over these scopes. */
export interface Presenter {
  /** Plans, with the commands that may come next. `details` lists all changes. */
  plans(results: readonly PassResult[], commands: Commands, how?: { details?: boolean; brief?: boolean }): void
  outcomes(result: PassResult, outcomes: readonly Outcome[], commands: readonly string[]): void
  /** How organizations are. `brief`: one line each. */
  states(
    results: readonly PassResult[],
    commands: Commands,
    how?: { brief?: boolean; details?: boolean; detailsCommand?: string },
  ): void
  /** Objects that do not work, by cause, as text. */
  causes(result: PassResult, conditions: readonly ObjectConditions[]): void
  /** The one JSON value of the run; nothing in other forms. */
  finish(verb: string, code: ExitCode, results: readonly PassResult[]): void
}

/** The commands that may come next. */
export type Commands = (result: PassResult) => readonly string[]

/** What a presenter needs to know. */
export interface PresenterInput {
  readonly form: Form
  readonly scopes: readonly OrganizationScope[]
  readonly trusts?: readonly TrustScope[]
  readonly conditionsOf: (result: PassResult) => readonly ObjectConditions[]
  readonly machine: Pick<Machine, 'output' | 'environment'>
  readonly about?: ReportInput['about']
  /** What a person may do where an organization could not be read. */
  readonly advise?: ReportInput['advise']
  /** What ends by itself. */
  readonly runwayOf?: RunwayOfResult
}

/** Makes a presenter. */
export function createPresenter(input: PresenterInput): Presenter {
  const { form, scopes, trusts = [], conditionsOf, machine, advise, runwayOf = () => [], about = 'changes' } = input
  const { output } = machine
  const vocabulary = vocabularyOf([...trusts, ...scopes].flatMap(({ stages }): readonly NamedStage[] => stages))
  const style = (commands: readonly string[]): TextStyle => ({ ...lookOf(machine), commands })
  const desiredOf = ({ scope }: PassResult) => scopes.find((one) => one.scope === scope)?.desired ?? NOTHING
  const reportOf = (result: PassResult, conditions = conditionsOf(result)) => ({
    result,
    desired: desiredOf(result),
    runway: runwayOf(result),
    vocabulary,
    conditions,
    about,
    // The errors of a trust's clients say by themselves what to look at.
    ...(advise && !isTrustScope(result.scope) ? { advise } : {}),
  })
  let printed = false
  function part(text: string): void {
    if (form === 'json') return
    output.write(printed ? `\n${text}` : text)
    printed = true
  }
  return {
    plans(results, commands, { details = false, brief = false } = {}) {
      for (const result of results) {
        // Where something changes, a plan tells no health, and only checks beside it.
        const isCalm = changesIn(result.plan) === 0
        const view = viewPlan(reportOf(result, isCalm ? conditionsOf(result) : checkConditionsOf(result)))
        const listed = details && form === 'text' ? detailsText(result.plan, lookOf(machine).paint) : ''
        const text =
          form === 'markdown'
            ? planMarkdown(view, result.plan, commands(result))
            : brief
              ? planBriefly(view, style(commands(result)))
              : planText(view, style(commands(result)), details)
        part(listed === '' ? text : `${text}\n${listed}`)
      }
    },
    outcomes(result, outcomes, commands) {
      const view = viewOutcomes(reportOf(result), outcomes)
      part(form === 'markdown' ? outcomeMarkdown(view, commands) : outcomeText(view, style(commands)))
    },
    states(results, commands, { brief = false, details = false, detailsCommand } = {}) {
      for (const result of results) {
        const view = viewStatus(reportOf(result))
        const more = detailsCommand !== undefined && !details && isCut(view) ? [detailsCommand] : []
        const next = [...commands(result), ...more]
        const line = brief
          ? {
              ...view,
              failing: [],
              pending: [],
              remarks: [],
              notes: [],
              runway: [],
              stages: [],
              unmanaged: [],
            }
          : view
        part(form === 'markdown' ? statusMarkdown(view, next) : statusText(line, style(next), details))
      }
    },
    causes(result, conditions) {
      const { failing, pending } = viewStatus({ ...reportOf(result), conditions })
      const lines = [...failing, ...pending].map((remark) => remarkLine(remark, 'yellow'))
      if (lines.length > 0) output.write(`${table(lines, lookOf(machine))}\n`)
    },
    finish(verb, code, results) {
      if (form !== 'json') return
      const reports = results.map(
        (result): OrganizationReport => ({ result, conditions: conditionsOf(result), runway: runwayOf(result) }),
      )
      output.write(`${jsonText(reportJson(verb, code, reports))}\n`)
    },
  }
}

const NOTHING = { mailboxes: new Map(), profiles: new Map() }

/** Colours and width: colours only where a terminal shows them and nobody asked for none. */
export function lookOf({ output, environment }: Pick<Machine, 'output' | 'environment'>): Omit<TextStyle, 'commands'> {
  const { NO_COLOR, TERM } = environment
  const coloured = output.isTerminal && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'
  return { paint: coloured ? COLOURS : PLAIN, width: output.columns() }
}
