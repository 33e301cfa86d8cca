// One run of `test`: select, plan the requests and nothing else, show, ask, request, and where asked wait for the results. Requests go the
// way of every other change: guards, journal, and a look before and after each write.

import { adviceOn } from '../compose/advice.ts'
import type { Composition } from '../compose/compose.ts'
import { runwayOfResults } from '../compose/runway.ts'
import { UsageError } from '../compose/usage-error.ts'
import type { Key, ObjectConditions } from '../engine/index.ts'
import type { Machine } from '../machine.ts'
import { READY_SOON } from '../reconcile/conditions.ts'
import type { OrganizationScope, PassOptions, PassResult } from '../reconcile/contract.ts'
import { jsonText } from '../report/hostile-text.ts'
import { type OrganizationReport, reportJson } from '../report/json.ts'
import { MAILBOX_KIND } from '../report/people.ts'
import { isTrustScope } from '../report/scope-title.ts'
import { count, names, number } from '../report/wording.ts'
import { STAGE_NAMES } from '../stages/stage-names.ts'
import { changesIn, planEndings } from './endings.ts'
import { EXIT, type ExitCode, type ExitName, strongest } from './exit-codes.ts'
import { formOf, repeated } from './flags.ts'
import { followPasses } from './pass-progress.ts'
import { conditionsBook, type RunOnce, withPasses } from './pass-run.ts'
import { createPresenter, type Presenter } from './presenter.ts'
import { createProgress, type Progress } from './progress.ts'
import { connected, type Prepared } from './session.ts'
import { askingForTests, checkNames, inState, namedIn, type Selection } from './test-selection.ts'
import { untestedIn } from './untested.ts'
import type { Invocation } from './verb.ts'

export { selectionOf } from './test-selection.ts'

/** What a run of `test` is given. */
export interface TestRun {
  readonly prepared: Prepared
  readonly invocation: Invocation
  readonly machine: Machine
  readonly signal: AbortSignal
  readonly selection: Selection
  /** Ask a person before the first write. */
  readonly asks: boolean
  /** How long to wait for results; undefined for not at all. */
  readonly waitMs: number | undefined
}

const PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000
const TEST = { one: 'test', many: 'tests' }
const MAILBOX = { one: 'mailbox', many: 'mailboxes' }

/** Runs it and returns the exit code. Throws UsageError for what the spec does not name. */
export async function runTests(run: TestRun): Promise<ExitCode> {
  const { prepared, machine, selection } = run
  checkNames(selection, prepared.organizations)
  const display = createProgress(machine)
  const progress = followPasses(display)
  const { configuration, organizations, trusts } = prepared
  const writing = configuration.spec.policy === 'Enforce'
  const connection = { configuration, organizations, trusts, writing, machine, onEvent: progress.onCrmEvent }
  return connected(connection, async (composition) => {
    const requests = new Requests(run, composition)
    const { composition: tested, only } = requests
    const input = { ...run, composition: tested, progress, only, trustAs: 'Observed' } as const
    // What a person allows holds for the first pass of a run; the one that selects is a run of its own.
    if (selection.failed || selection.stale)
      await withPasses('plan', input, (runOnce) => requests.select(ofOrganizations(runOnce)))
    return withPasses(writing ? 'apply' : 'plan', input, (runOnce) => requests.run(ofOrganizations(runOnce), display))
  })
}

/** A trust is looked at, because tests depend on it; nothing is asked of it, so there is nothing to tell of it either. */
function ofOrganizations(runOnce: RunOnce): RunOnce {
  return async (options) => (await runOnce(options)).filter(({ scope }) => !isTrustScope(scope))
}

class Requests {
  /** The composition of the run, with desired states that ask for tests. */
  readonly composition: Composition
  readonly #run: TestRun
  readonly #scopes: readonly OrganizationScope[]
  readonly #conditionsOf = conditionsBook()
  readonly #presenter: Presenter
  /** By scope: those a test is asked for, and those it is still to be asked for. */
  #asked: ReadonlyMap<string, ReadonlySet<Key>> = new Map()
  #pending: ReadonlyMap<string, ReadonlySet<Key>> = new Map()
  #current: readonly OrganizationScope[]

  constructor(run: TestRun, composition: Composition) {
    const { machine, prepared, invocation } = run
    this.#run = run
    this.#scopes = composition.scopes
    this.#current = composition.scopes
    this.#asked = new Map(this.#scopes.map(({ scope, desired }) => [scope, namedIn(run.selection, desired)]))
    const current = () => this.#current
    this.composition = {
      ...composition,
      get scopes() {
        return current()
      },
    }
    const advise = adviceOn(prepared.configuration)
    const { scopes } = composition
    this.#presenter = createPresenter({
      form: formOf(invocation),
      scopes,
      conditionsOf: this.#conditionsOf,
      machine,
      advise,
      runwayOf: runwayOfResults(prepared.configuration, scopes),
      about: 'tests',
    })
  }

  readonly only: NonNullable<PassOptions['only']> = ({ stage, kind, key }, scope) =>
    kind === MAILBOX_KIND && stage === STAGE_NAMES.mailbox && (this.#pending.get(scope)?.has(key) ?? false)

  async run(runOnce: RunOnce, display: Progress): Promise<ExitCode> {
    const { machine, asks } = this.#run
    this.#ask(this.#asked)
    const planned = await runOnce({ mode: 'plan' })
    display.clear()
    const total = planned.reduce((sum, { plan }) => sum + changesIn(plan), 0)
    const isWorthTelling = total > 0 || planned.some(({ plan, failure }) => plan.exceptions.length > 0 || failure)
    if (isWorthTelling) this.#presenter.plans(planned, () => [])
    this.#tellUntested(planned)
    const refused = this.#refusal(planned, total)
    if (refused) return this.#finish(planned, refused)
    const { waitMs } = this.#run
    if (total === 0 && (waitMs === undefined || !this.#isOnItsWay(planned))) {
      const open = waitMs === undefined ? [] : this.#openEndings(planned)
      return this.#finish(planned, [...this.#endings(planned), ...open])
    }
    if (total > 0 && asks && machine.ask === undefined) {
      throw new UsageError(
        'test asks before it writes, and there is nobody to ask here; say --yes to test without asking',
      )
    }
    if (total > 0 && asks && !(await this.#isConfirmed(total))) {
      machine.errors.write('nothing was written\n')
      return this.#finish(planned, ['changes'])
    }
    const shown = planned.flatMap(({ plan }) => plan.steps.flatMap(({ changes }) => changes.map(({ id }) => id)))
    return this.#request(runOnce, new Set(shown), display)
  }

  /** Narrows those that were named to those in the state that was asked for: one pass over the spec as it is tells. */
  async select(runOnce: RunOnce): Promise<void> {
    const { selection } = this.#run
    const results = await runOnce({ mode: 'plan' })
    const keysOf = (result: PassResult) =>
      inState(selection, this.#asked.get(result.scope) ?? new Set(), this.#conditionsOf(result))
    this.#asked = new Map(results.map((result) => [result.scope, keysOf(result)]))
  }

  #ask(pending: ReadonlyMap<string, ReadonlySet<Key>>): void {
    this.#pending = pending
    this.#current = this.#scopes.map((scope) => ({
      ...scope,
      desired: askingForTests(scope.desired, pending.get(scope.scope) ?? new Set()),
    }))
  }

  /** Who of those asked for is not tested although nothing excepts it: it does not synchronize, or a test is on its way. */
  #tellUntested(results: readonly PassResult[]): void {
    const { machine } = this.#run
    for (const result of results) {
      const keys = this.#asked.get(result.scope) ?? new Set()
      if (keys.size === 0)
        machine.errors.write(`${result.organization}: no mailbox is in the state that was asked for\n`)
      for (const [words, labels] of untestedIn(result, this.#of(result))) {
        const who = labels.length === 1 ? labels[0] : `${count(labels.length, MAILBOX)} (${names(labels)})`
        machine.errors.write(`${who}: ${words}\n`)
      }
    }
  }

  #of(result: PassResult): readonly ObjectConditions[] {
    const keys = this.#asked.get(result.scope)
    return this.#conditionsOf(result).filter(({ kind, key }) => kind === MAILBOX_KIND && keys?.has(key))
  }

  #refusal(planned: readonly PassResult[], total: number): readonly ExitName[] | undefined {
    const { machine, prepared } = this.#run
    if (prepared.configuration.spec.policy === 'Observe') {
      const { file } = prepared.configuration
      machine.errors.write(
        `\nNothing was written: the policy in ${file} is Observe. \`policy: Enforce\` there lets mailkeel write.\n`,
      )
      return total > 0 ? ['blocked'] : this.#endings(planned)
    }
    if (planned.some(({ decision }) => decision === 'allow')) return undefined
    machine.errors.write('\nNothing was written.\n')
    return planned.flatMap(planEndings).filter((name) => name !== 'changes')
  }

  async #request(runOnce: RunOnce, approved: ReadonlySet<string>, display: Progress): Promise<ExitCode> {
    const { machine, waitMs, signal } = this.#run
    const startedAt = machine.now().getTime()
    let results = await this.#pass(runOnce, approved, display)
    const first = results
    let pauseMs = PAUSE_MS
    while (waitMs !== undefined && !signal.aborted && this.#isOpen(results)) {
      const leftMs = waitMs - (machine.now().getTime() - startedAt)
      if (leftMs <= 0) break
      await machine.sleep(Math.min(pauseMs, leftMs), signal)
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
      results = await this.#pass(runOnce, approved, display)
    }
    display.clear()
    if (waitMs !== undefined) this.#tellResults(results)
    else if (first.some(({ outcomes = [] }) => outcomes.length > 0)) this.#tellWait()
    const notAsked = this.#tellNotAsked()
    const endings = [...first.flatMap(failuresIn), ...this.#endings(first), ...this.#endings(results), ...notAsked]
    return this.#finish(results, waitMs === undefined ? endings : [...endings, ...this.#openEndings(results)])
  }

  /** One pass that writes while something is left to be asked for; what was asked for is not asked for again. */
  async #pass(runOnce: RunOnce, approved: ReadonlySet<string>, display: Progress): Promise<readonly PassResult[]> {
    const isLeft = [...this.#pending.values()].some(({ size }) => size > 0)
    const results = await runOnce(isLeft ? { mode: 'apply', approved } : { mode: 'plan' })
    display.clear()
    const outcomes = results.filter(({ outcomes = [] }) => outcomes.length > 0)
    for (const result of outcomes) this.#presenter.outcomes(result, result.outcomes ?? [], [])
    const pending = results.map((result): [string, ReadonlySet<Key>] => [result.scope, this.#stillPending(result)])
    this.#ask(new Map(pending))
    return results
  }

  /** Those whose request waits for another pass, for example because too many tests run. */
  #stillPending({ scope, plan, outcomes = [] }: PassResult): ReadonlySet<Key> {
    const concluded = new Set(outcomes.map(({ key }) => key))
    const waiting = plan.steps
      .filter(({ waits }) => waits !== undefined)
      .flatMap(({ changes }) => changes.map(({ key }) => key))
    const pending = this.#pending.get(scope)
    return new Set(waiting.filter((key) => !concluded.has(key) && pending?.has(key)))
  }

  /** Requests that found no place beside the tests that run. They are this command's own: no later pass makes them. */
  #tellNotAsked(): readonly ExitName[] {
    const left = [...this.#pending.values()].reduce((sum, { size }) => sum + size, 0)
    if (left === 0) return []
    const { machine, waitMs } = this.#run
    const next = waitMs === undefined ? '--wait asks for them as others end' : 'ask again when others have ended'
    machine.errors.write(
      `\n${count(left, TEST)} could not be asked for yet, as many as may run at once run now; ${next}\n`,
    )
    return ['partly']
  }

  #isOpen(results: readonly PassResult[]): boolean {
    return [...this.#pending.values()].some(({ size }) => size > 0) || this.#isOnItsWay(results)
  }

  /** A test of those asked for has no result yet, whoever asked for it. */
  #isOnItsWay(results: readonly PassResult[]): boolean {
    return results.some((result) => this.#of(result).some(({ ready }) => READY_SOON.has(ready.code)))
  }

  #openEndings(results: readonly PassResult[]): readonly ExitName[] {
    const isWell = results.every((result) => this.#of(result).every(({ ready }) => ready.status === 'True'))
    return isWell && !this.#isOpen(results) ? [] : ['partly']
  }

  #endings(results: readonly PassResult[]): readonly ExitName[] {
    return results.flatMap((result): ExitName[] => {
      const endings: ExitName[] = result.failure ? ['error'] : []
      const unknown = result.plan.stages.some(({ incomplete }) => incomplete !== undefined)
      if (unknown || result.plan.exceptions.some(({ state }) => state === 'Unknown')) endings.push('unknown')
      if (result.plan.exceptions.length > 0) endings.push('partly')
      return endings
    })
  }

  #tellResults(results: readonly PassResult[]): void {
    const { output } = this.#run.machine
    if (formOf(this.#run.invocation) === 'json') return
    for (const result of results) {
      const all = this.#of(result)
      const of = (status: string) => all.filter(({ ready }) => ready.status === status)
      const [passed, failed, open] = [of('True'), of('False'), of('Unknown')]
      const parts = [
        `${number(passed.length)} of ${count(all.length, MAILBOX)} ${all.length === 1 ? 'works' : 'work'}`,
        ...(failed.length > 0 ? [`${number(failed.length)} ${failed.length === 1 ? 'fails' : 'fail'}`] : []),
        ...(open.length > 0 ? [`${number(open.length)} ${open.length === 1 ? 'has' : 'have'} no result yet`] : []),
      ]
      output.write(`\n${result.organization}: ${parts.join(', ')}\n`)
      const shown = { ...result, plan: { ...result.plan, exceptions: [] } }
      this.#presenter.causes(shown, [...failed, ...open])
    }
  }

  #tellWait(): void {
    const status = `mailkeel status${repeated(this.#run.invocation)}`
    this.#run.machine.errors.write(`\nThe results come by themselves; \`${status}\` shows them.\n`)
  }

  async #isConfirmed(total: number): Promise<boolean> {
    const { machine, signal } = this.#run
    const answer = await machine.ask?.(`\nAsk CRM for ${count(total, TEST)}? [y/N] `, signal)
    return /^y(es)?$/i.test(answer?.trim() ?? '')
  }

  #finish(results: readonly PassResult[], endings: readonly ExitName[]): ExitCode {
    const { invocation, machine } = this.#run
    const code = EXIT[strongest(endings)]
    if (formOf(invocation) === 'json') {
      const reports = results.map((result): OrganizationReport => ({ result, conditions: this.#of(result) }))
      machine.output.write(`${jsonText(reportJson('test', code, reports))}\n`)
    }
    return code
  }
}

function failuresIn({ outcomes = [] }: PassResult): readonly ExitName[] {
  return outcomes.flatMap(({ result }): ExitName[] => {
    if (result === 'Applied' || result === 'AlreadyDone') return []
    return result === 'Unknown' ? ['unknown'] : result === 'Cancelled' ? ['error'] : ['partly']
  })
}
