// One run of `apply`: show the plan, ask where a person is to be asked, apply, and repeat passes where results are awaited.
import { resolve } from 'node:path'
import { adviceOn } from '../compose/advice.ts'
import { runwayOfResults } from '../compose/runway.ts'
import { UsageError } from '../compose/usage-error.ts'
import { type Outcome, succeeded } from '../engine/index.ts'
import { restrictPlan } from '../reconcile/consider.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { type Converged, converge } from '../reconcile/converge.ts'
import { approvedIds, PlanFileError, readPlanFile } from '../reconcile/plan-file.ts'
import { settlementOf } from '../reconcile/settlement.ts'
import { number } from '../report/wording.ts'
import { applyEndings, changesIn, endingsTogether, planEndings } from './endings.ts'
import { EXIT, type ExitCode, type ExitName, strongest } from './exit-codes.ts'
import { formOf, repeated } from './flags.ts'
import { handedOutInWords } from './handed-out.ts'
import { lastWords } from './last-words.ts'
import { nextCommands, organizationOf } from './next-commands.ts'
import { conditionsBook, onlyOf, type PassRunInput, type RunOnce, withPasses } from './pass-run.ts'
import { createPresenter, type Presenter } from './presenter.ts'
import type { Progress } from './progress.ts'
import { isGiven, listOf, textOf } from './verb.ts'

/** Waiting between passes: a few times what a pass takes, so that waiting never loads a server more than working does. */
const SHORTEST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000
const PAUSE_PER_PASS = 3

/** Applies the spec to the organizations of a run. */
export class Application {
  readonly #input: PassRunInput
  readonly #display: Progress
  readonly #waitMs: number | undefined
  readonly #conditionsOf: ReturnType<typeof conditionsBook>
  readonly #presenter: Presenter
  /** The last outcome of every change, by scope. */
  readonly #outcomes = new Map<string, Map<string, Outcome>>()
  /** What the plan file approves; undefined where there is none. */
  #file: ReadonlySet<string> | undefined

  constructor(input: PassRunInput, display: Progress, waitMs: number | undefined) {
    this.#input = input
    this.#display = display
    this.#waitMs = waitMs
    const { invocation, composition, machine } = input
    this.#conditionsOf = conditionsBook(onlyOf(listOf(invocation, 'only'), composition))
    const form = formOf(invocation)
    this.#presenter = createPresenter({
      form,
      scopes: composition.scopes,
      trusts: composition.trusts,
      conditionsOf: this.#conditionsOf,
      advise: adviceOn(input.prepared.configuration),
      runwayOf: runwayOfResults(input.prepared.configuration, composition.scopes),
      machine,
    })
  }

  /** The policy forbids writing: shows what would be done and says why it is not. */
  async refuse(): Promise<ExitCode> {
    const results = await withPasses('plan', this.#input, (runOnce) => runOnce({ mode: 'plan' }))
    this.#showPlans(results)
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
      this.#showPlans(planned)
      const shown = planned.flatMap(({ plan }) => plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id)))
      const approved = new Set(shown.filter((id) => file?.has(id) ?? true))
      const stopped = planned.every(({ decision }) => decision !== 'allow')
      if (stopped) this.#tellLast(planned)
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
      this.#tellLast(results)
      const endings = results.flatMap((result) => applyEndings(result, this.#conditionsOf(result), { awaited: false }))
      return this.#finish(results, endings)
    }
    const { results, end, passes } = await this.#repeat(pass, this.#waitMs)
    this.#display.clear()
    const isStopped = results.every(({ decision }) => decision !== 'allow')
    // Where the first pass was the only one and wrote nothing, its plan told all there is; a pass that was cut off saw what was before it.
    const isTold = passes === 1 && !results.some(({ scope }) => this.#wrote(scope))
    if (!isStopped && !isTold && end !== 'cancelled') this.#presenter.states(results, () => [], { brief: true })
    this.#tellLast(results, end)
    const endings = results.flatMap((result) =>
      applyEndings(result, this.#conditionsOf(result), { awaited: !isStopped, wrote: this.#wrote(result.scope) }),
    )
    return this.#finish(results, end === 'cancelled' ? ['error', ...endings] : endings)
  }

  /** True where this run changed anything of the scope. */
  #wrote(scope: string): boolean {
    return [...(this.#outcomes.get(scope)?.values() ?? [])].some(succeeded)
  }

  #repeat(pass: () => Promise<readonly PassResult[]>, deadlineMs: number): Promise<Converged> {
    const { machine, progress, signal } = this.#input
    let first = true
    let pauseMs = SHORTEST_PAUSE_MS
    return converge({
      pass,
      settlement: (results) => settlementOf(results, this.#conditionsOf),
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
    if (first && isGiven(this.#input.invocation, 'yes')) this.#showPlans(results, true)
    for (const result of results) {
      const outcomes = result.outcomes ?? []
      const known = this.#outcomes.get(result.scope) ?? new Map<string, Outcome>()
      this.#outcomes.set(result.scope, known)
      for (const outcome of outcomes) known.set(outcome.id, outcome)
      if (outcomes.length > 0) this.#presenter.outcomes(result, outcomes, [])
    }
  }

  /** What is left to say once everything is told: what was not written, and what to type next. */
  #tellLast(results: readonly PassResult[], end: Converged['end'] = 'settled'): void {
    const { invocation, machine, signal } = this.#input
    const isWell = (result: PassResult) =>
      applyEndings(result, this.#conditionsOf(result), { awaited: true, wrote: this.#wrote(result.scope) }).length === 0
    const words = lastWords({
      results,
      outcomesOf: ({ scope }) => [...(this.#outcomes.get(scope)?.values() ?? [])],
      end: signal.aborted ? 'cancelled' : end,
      waitMs: this.#waitMs,
      isWell: this.#waitMs !== undefined && results.every(isWell),
      statusCommand: `mailkeel status${repeated(invocation)}`,
      nextCommand: (result) => this.#nextCommands(result)[0],
    })
    if (words !== '') machine.errors.write(`\n${words}\n`)
  }

  /** Of a plan file that was given only what is in it is shown: that is what will be done. */
  #showPlans(results: readonly PassResult[], brief = false): void {
    this.#display.clear()
    const { invocation } = this.#input
    const details = isGiven(invocation, 'details')
    const file = this.#file
    const shown = file ? results.map((result) => withinFile(result, file)) : results
    this.#presenter.plans(shown, () => [], { details, brief: brief && !details })
  }

  #nextCommands(result: PassResult): readonly string[] {
    const { invocation, machine, prepared } = this.#input
    const desired = organizationOf(result, prepared.organizations)
    return nextCommands(result, invocation.argument, invocation, { ask: machine.ask, ...(desired ? { desired } : {}) })
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
      this.#file = approvedIds(await readPlanFile(resolve(machine.workingDirectory, invocation.argument)))
      return this.#file
    } catch (error) {
      if (error instanceof PlanFileError) throw new UsageError(error.message, { cause: error })
      throw error
    }
  }

  /** Hands out what a person has to carry to servers, and says so. True where there is anything. */
  async #handOut(results: readonly PassResult[]): Promise<boolean> {
    const { composition, invocation, machine } = this.#input
    const folder = textOf(invocation, 'emitScripts')
    const out = await composition.carried?.finish(results, folder)
    const words = out || folder !== undefined ? handedOutInWords(out, folder, invocation) : ''
    if (words !== '') machine.errors.write(`\n${words}\n`)
    return (out?.servers.length ?? 0) > 0
  }

  async #finish(results: readonly PassResult[], endings: readonly ExitName[]): Promise<ExitCode> {
    const isCarried = await this.#handOut(results)
    const code = EXIT[strongest(endingsTogether(results, endings, isCarried))]
    const complete = results.map((result) => {
      const outcomes = [...(this.#outcomes.get(result.scope)?.values() ?? [])]
      return outcomes.length > 0 ? { ...result, outcomes } : result
    })
    this.#presenter.finish('apply', code, complete)
    return code
  }
}

/** A result as the plan file has it, with what else is planned as a note. */
function withinFile(result: PassResult, file: ReadonlySet<string>): PassResult {
  const plan = restrictPlan(result.plan, file)
  const left = changesIn(result.plan) - changesIn(plan)
  if (left === 0) return result
  const [are, wait] = left === 1 ? ['change is', 'waits'] : ['changes are', 'wait']
  const message = `${number(left)} more ${are} planned and not in the plan file, so ${left === 1 ? 'it' : 'they'} ${wait}`
  return { ...result, plan, notices: [...result.notices, { code: 'NotInPlanFile', message }] }
}

function tookOf({ startedAt, finishedAt }: PassResult): number {
  return Date.parse(finishedAt) - Date.parse(startedAt)
}
