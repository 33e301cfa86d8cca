// One run of `apply`: show the plan, ask where a person is to be asked, apply, and repeat passes where results are awaited.
import { resolve } from 'node:path'
import type { Outcome } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { type Converged, converge } from '../reconcile/converge.ts'
import { approvedIds, PlanFileError, readPlanFile } from '../reconcile/plan-file.ts'
import { duration, number } from '../report/wording.ts'
import { adviceOn } from './advice.ts'
import { applyEndings, changesIn, planEndings } from './endings.ts'
import { EXIT, type ExitCode, type ExitName, strongest } from './exit-codes.ts'
import { formOf, repeated } from './flags.ts'
import { conditionsBook, type PassRunInput, type RunOnce, withPasses } from './pass-run.ts'
import { type Commands, createPresenter, type Presenter } from './presenter.ts'
import type { Progress } from './progress.ts'
import { isGiven, UsageError } from './verb.ts'
import { nextCommands } from './verbs/plan.ts'

/** Waiting between passes: a few times what a pass takes, so that waiting never loads a server more than working does. */
const SHORTEST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000
const PAUSE_PER_PASS = 3

/** Applies the spec to the organizations of a run. */
export class Application {
  readonly #input: PassRunInput
  readonly #display: Progress
  readonly #waitMs: number | undefined
  readonly #conditionsOf = conditionsBook()
  readonly #presenter: Presenter
  /** The last outcome of every change, by scope. */
  readonly #outcomes = new Map<string, Map<string, Outcome>>()

  constructor(input: PassRunInput, display: Progress, waitMs: number | undefined) {
    this.#input = input
    this.#display = display
    this.#waitMs = waitMs
    const { invocation, composition, machine } = input
    const form = formOf(invocation)
    this.#presenter = createPresenter({
      form,
      scopes: composition.scopes,
      conditionsOf: this.#conditionsOf,
      advise: adviceOn(input.prepared.configuration),
      machine,
    })
  }

  /** The policy forbids writing: shows what would be done and says why it is not. */
  async refuse(): Promise<ExitCode> {
    const results = await withPasses('plan', this.#input, (runOnce) => runOnce({ mode: 'plan' }))
    this.#showPlans(results, () => [])
    const { machine, prepared } = this.#input
    const refused = results.some(({ plan }) => changesIn(plan) > 0)
    machine.errors.write(
      `\nNothing was written: the policy in ${prepared.configuration.file} is Observe. \`policy: Enforce\` there lets mailkeel apply.\n`,
    )
    return this.#finish(results, [...results.flatMap(planEndings), ...(refused ? (['blocked'] as const) : [])])
  }

  /** Shows the plan and asks. What was shown is what is applied: changes that turn up meanwhile wait. */
  askAndApply(): Promise<ExitCode> {
    return withPasses('apply', this.#input, async (runOnce) => {
      const file = await this.#approvedByFile()
      const planned = await runOnce({ mode: 'plan', ...(file ? { approved: file } : {}) })
      this.#showPlans(planned, (result) => (result.decision === 'allow' ? [] : this.#nextCommands(result)))
      const shown = planned.flatMap(({ plan }) => plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id)))
      const approved = new Set(shown.filter((id) => file?.has(id) ?? true))
      const stopped = planned.every(({ decision }) => decision !== 'allow')
      if (stopped) this.#tellStopped(planned)
      if (approved.size === 0 || stopped) return this.#finish(planned, planned.flatMap(planEndings))
      if (!(await this.#isConfirmed(approved.size))) {
        this.#input.machine.errors.write('nothing was written\n')
        return this.#finish(planned, ['changes'])
      }
      return this.#applyWith(runOnce, approved)
    })
  }

  /** Applies without asking. */
  apply(): Promise<ExitCode> {
    return withPasses('apply', this.#input, async (runOnce) => this.#applyWith(runOnce, await this.#approvedByFile()))
  }

  async #applyWith(runOnce: RunOnce, approved: ReadonlySet<string> | undefined): Promise<ExitCode> {
    const pass = () => runOnce({ mode: 'apply', ...(approved ? { approved } : {}) })
    if (this.#waitMs === undefined) {
      const results = await pass()
      this.#tellPass(results, true)
      this.#tellStopped(results)
      return this.#finish(
        results,
        results.flatMap((result) => applyEndings(result, this.#conditionsOf(result), false)),
      )
    }
    const converged = await this.#repeat(pass, this.#waitMs)
    this.#display.clear()
    const isStopped = converged.results.every(({ decision }) => decision !== 'allow')
    if (!isStopped) {
      const allWell = (result: PassResult) => applyEndings(result, this.#conditionsOf(result), true).length === 0
      const next: Commands = (result) => (allWell(result) ? [] : [this.#statusCommand()])
      this.#presenter.states(converged.results, next, { brief: true })
    }
    this.#tellStopped(converged.results)
    this.#tellEnd(converged, this.#waitMs)
    const endings = converged.results.flatMap((result) => applyEndings(result, this.#conditionsOf(result), !isStopped))
    return this.#finish(converged.results, converged.end === 'cancelled' ? ['error', ...endings] : endings)
  }

  #repeat(pass: () => Promise<readonly PassResult[]>, deadlineMs: number): Promise<Converged> {
    const { machine, progress, signal } = this.#input
    let first = true
    let pauseMs = SHORTEST_PAUSE_MS
    return converge({
      pass,
      wait: (ms, stop) => machine.sleep(Math.min(ms, pauseMs), stop),
      intervalMs: LONGEST_PAUSE_MS,
      deadlineMs,
      now: machine.now,
      signal,
      onPass: (results) => {
        this.#tellPass(results, first)
        first = false
        const tookMs = Math.max(...results.map(tookOf))
        pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, tookMs * PAUSE_PER_PASS))
        for (const result of results) progress.awaiting(result, this.#conditionsOf(result))
      },
    })
  }

  /** Prints what a pass did; of the first also the plan, unless a person has just seen it. */
  #tellPass(results: readonly PassResult[], first: boolean): void {
    this.#display.clear()
    if (first && isGiven(this.#input.invocation, 'yes')) {
      const seen = results.every(({ decision }) => decision === 'allow') && !isGiven(this.#input.invocation, 'details')
      this.#showPlans(results, (result) => (result.decision === 'allow' ? [] : this.#nextCommands(result)), seen)
    }
    for (const result of results) {
      const outcomes = result.outcomes ?? []
      const known = this.#outcomes.get(result.scope) ?? new Map<string, Outcome>()
      this.#outcomes.set(result.scope, known)
      for (const outcome of outcomes) known.set(outcome.id, outcome)
      if (outcomes.length > 0)
        this.#presenter.outcomes(result, outcomes, this.#waitMs === undefined ? [this.#statusCommand()] : [])
    }
  }

  /** A guard that objects keeps everything from being written; that is said where the plan alone would leave it open. */
  #tellStopped(results: readonly PassResult[]): void {
    for (const { organization, decision, outcomes = [] } of results) {
      if (decision === 'allow' || outcomes.length > 0) continue
      const where = results.length > 1 ? ` to ${organization}` : ''
      this.#input.machine.errors.write(`\nNothing was written${where}.\n`)
    }
  }

  #tellEnd({ end }: Converged, waitMs: number): void {
    const { machine } = this.#input
    const status = `\`${this.#statusCommand()}\` shows how it goes on`
    if (end === 'deadline') machine.errors.write(`\nNot all results are there after ${duration(waitMs)}; ${status}.\n`)
    if (end === 'unclear')
      machine.errors.write(`\nPart of the state cannot be read, so waiting was given up; ${status}.\n`)
  }

  #statusCommand(): string {
    return `mailkeel status${repeated(this.#input.invocation)}`
  }

  #showPlans(results: readonly PassResult[], commands: Commands, brief = false): void {
    this.#display.clear()
    const { invocation } = this.#input
    const details = isGiven(invocation, 'details')
    this.#presenter.plans(results, commands, { details, brief })
  }

  #nextCommands(result: PassResult): readonly string[] {
    const { invocation, machine } = this.#input
    return nextCommands(result, invocation.argument, invocation, machine)
  }

  async #isConfirmed(changes: number): Promise<boolean> {
    const { machine, signal } = this.#input
    const answer = await machine.ask?.(
      `\nApply ${number(changes)} ${changes === 1 ? 'change' : 'changes'}? [y/N] `,
      signal,
    )
    return /^y(es)?$/i.test(answer?.trim() ?? '')
  }

  /** Ids of the plan file, where one was given. */
  async #approvedByFile(): Promise<ReadonlySet<string> | undefined> {
    const { invocation, machine } = this.#input
    if (invocation.argument === undefined) return undefined
    try {
      return approvedIds(await readPlanFile(resolve(machine.workingDirectory, invocation.argument)))
    } catch (error) {
      if (error instanceof PlanFileError) throw new UsageError(error.message, { cause: error })
      throw error
    }
  }

  #finish(results: readonly PassResult[], endings: readonly ExitName[]): ExitCode {
    const code = EXIT[strongest(endings)]
    const complete = results.map((result) => {
      const outcomes = [...(this.#outcomes.get(result.scope)?.values() ?? [])]
      return outcomes.length > 0 ? { ...result, outcomes } : result
    })
    this.#presenter.finish('apply', code, complete)
    return code
  }
}

function tookOf({ startedAt, finishedAt }: PassResult): number {
  return Date.parse(finishedAt) - Date.parse(startedAt)
}
