// One run of `explain`: find out what is meant, read once, and tell the chain of each object that is meant.

import { type Asked, askedFor } from '../compose/asked.ts'
import type { Composition } from '../compose/compose.ts'
import {
  explainAsked,
  explainForeignProfile,
  explainStranger,
  organizationInput,
  surroundingsOf,
} from '../compose/explain.ts'
import { UsageError } from '../compose/usage-error.ts'
import type { Machine } from '../machine.ts'
import type { OrganizationScope, PassResult } from '../reconcile/contract.ts'
import { lookUpAddress } from '../reconcile/look-up.ts'
import { explanationMarkdown, explanationsJson } from '../report/explain-forms.ts'
import { explainOrganization } from '../report/explain-organization.ts'
import { withRunway } from '../report/explain-runway.ts'
import { explanationText } from '../report/explain-text.ts'
import { type ExplainInput, type Explanation, explainAbsent } from '../report/explain-view.ts'
import { jsonText } from '../report/hostile-text.ts'
import { isTrustScope, titleOf } from '../report/scope-title.ts'
import { canonicalAddress } from '../spec/address.ts'
import type { DesiredTrust } from '../spec/desired.ts'
import { planEndings } from './endings.ts'
import { EXIT, type ExitCode, type ExitName, strongest } from './exit-codes.ts'
import { formOf, repeated, shellWord } from './flags.ts'
import { type Observation, observed } from './observation.ts'
import { lookOf } from './presenter.ts'
import type { Prepared } from './session.ts'
import { explainTrustResult, trustsMeant } from './trust-explanation.ts'
import type { Invocation } from './verb.ts'

/** What a run of `explain` is given. */
export interface ExplanationRun {
  readonly prepared: Prepared
  readonly invocation: Invocation
  readonly machine: Machine
  readonly signal: AbortSignal
}

/** Explains what was asked for, prints it, and returns the exit code. Throws UsageError for a word that means nothing. */
export async function runExplanation(run: ExplanationRun): Promise<ExitCode> {
  const { prepared, invocation, machine, signal } = run
  const isOrganization = prepared.organizations.some(({ name }) => name === invocation.argument)
  const trusts = isOrganization || invocation.argument === undefined ? [] : trustsMeant(invocation.argument, prepared)
  if (trusts.length > 0) return explainTrusts(run, trusts)
  const word = isOrganization ? undefined : invocation.argument
  const asked = word === undefined ? [] : askedFor(word, prepared.organizations)
  const isUnnamed = word?.includes('@') === true && asked.length === 0
  const wanted = new Set(isOrganization ? [invocation.argument] : asked.map(({ organization }) => organization))
  const organizations = prepared.organizations.filter(({ name }) => wanted.size === 0 || wanted.has(name))
  const behind = prepared.trusts.filter((trust) => organizations.some(({ name }) => trust.organizations.has(name)))
  const absent: Explanation[] = []
  const address = canonicalAddress((word ?? '').replace(/^address:/, ''))
  const arrange = (composition: Composition) => including(composition, address, run, absent)
  return observed(
    { ...prepared, organizations, trusts: behind },
    invocation,
    machine,
    signal,
    async (observation) => {
      const told: Explanation[] = []
      const endings: ExitName[] = []
      for (const result of observation.results) {
        if (isTrustScope(result.scope)) {
          // Of an address or a profile its own chain tells the trust; an organization has links of it.
          if (invocation.argument !== undefined) continue
          const explanation = await explainTrust(result, observation, run)
          told.push(explanation)
          endings.push(...planEndings(result), ENDINGS[explanation.state])
          continue
        }
        const input = inputOf(run, observation, result, trustNextOf(run, observation, result))
        const explanation = isUnnamed
          ? explainStranger(input, address)
          : word === undefined
            ? explainOrganization(input, await surroundingsOf(prepared.stateDirectory, result.scope))
            : asked.length > 0
              ? explainNamed(input, asked)
              : explainForeignProfile(input, word.replace(/^profile:/, ''))
        if (!explanation) continue
        told.push(withRunway(explanation, observation.runwayOf(result)))
        endings.push(...(word === undefined ? organizationEndings(result, explanation) : [ENDINGS[explanation.state]]))
      }
      const all = told.length > 0 ? told : absent
      if (all.length === 0) throw new UsageError(`nothing in the spec is called ${word}, and no profile in CRM is`)
      const code = EXIT[strongest(told.length > 0 ? endings : absent.map(({ state }) => ENDINGS[state]))]
      print(run, code, all)
      return code
    },
    isUnnamed ? { arrange } : {},
  )
}

/** The chain of one trust, with what surrounds it and what ends by itself. */
async function explainTrust(result: PassResult, observation: Observation, run: ExplanationRun): Promise<Explanation> {
  const surroundings = await surroundingsOf(run.prepared.stateDirectory, result.scope)
  return withRunway(explainTrustResult(result, observation, run, surroundings), observation.runwayOf(result))
}

/** The chain of trusts, without a look at the mailboxes that depend on them. */
function explainTrusts(run: ExplanationRun, trusts: readonly DesiredTrust[]): Promise<ExitCode> {
  const { prepared, invocation, machine, signal } = run
  return observed({ ...prepared, organizations: [], trusts }, invocation, machine, signal, async (observation) => {
    const told: Explanation[] = []
    for (const result of observation.results) {
      told.push(await explainTrust(result, observation, run))
    }
    const code = EXIT[strongest(told.map(({ state }) => ENDINGS[state]))]
    print(run, code, told)
    return code
  })
}

/** The scopes that know the address, each with a member that asks for nothing; what is told of the others goes into `absent`. */
async function including(
  composition: Composition,
  address: string,
  { prepared, signal }: ExplanationRun,
  absent: Explanation[],
): Promise<Composition> {
  const scopes: OrganizationScope[] = []
  for (const scope of composition.scopes) {
    const found = await lookUpAddress(address, scope, signal)
    if (found.isKnown) scopes.push(found.scope)
    else
      absent.push(explainAbsent({ organization: scope.desired.name, revision: prepared.revision, address, ...found }))
  }
  return { ...composition, scopes }
}

function inputOf(
  { prepared, invocation }: ExplanationRun,
  { composition, conditionsOf }: Observation,
  result: PassResult,
  trustNext: string | undefined,
): ExplainInput {
  const scope = composition.scopes.find((one) => one.scope === result.scope)
  if (!scope) throw new TypeError(`a result of ${result.scope}, which is no scope of this run`)
  const { desired, stages } = scope
  const { configuration } = prepared
  const isWhole = invocation.argument === undefined || invocation.argument === result.organization
  const only = isWhole ? '' : ` --only ${shellWord(invocation.argument ?? '')}`
  const pass = {
    result,
    desired,
    stages,
    conditions: conditionsOf(result),
    policy: configuration.spec.policy,
    applyCommand: `mailkeel apply${repeated(invocation)}${only}`,
  }
  return organizationInput(pass, configuration, trustNext)
}

/** What the trust behind an organization asks for. */
function trustNextOf(run: ExplanationRun, observation: Observation, { organization }: PassResult): string | undefined {
  const { results, composition } = observation
  const trust = composition.trusts.find(({ desired }) => desired.organizations.has(organization))
  const result = results.find(({ scope }) => scope === trust?.scope)
  return result && explainTrustResult(result, observation, run, {}).next
}

function explainNamed(input: ExplainInput, asked: readonly Asked[]): Explanation {
  const one = asked.find(({ organization }) => organization === input.result.organization)
  if (!one) throw new TypeError(`nothing was asked of ${input.result.organization}`)
  return explainAsked(input, one)
}

const ENDINGS = { works: 'inSync', changes: 'changes', broken: 'partly', unknown: 'unknown' } as const satisfies Record<
  Explanation['state'],
  ExitName
>

/** Why nothing happens ends as a plan does; beyond that it says what stands in the way of one. */
function organizationEndings(result: PassResult, { state, links }: Explanation): readonly ExitName[] {
  const endings = [...planEndings(result), ...(state === 'unknown' ? (['unknown'] as const) : [])]
  const isHeld = links.some(({ name, state: is }) => is === 'broken' && (name === 'policy' || name === 'lock'))
  if (isHeld) endings.push('blocked')
  return result.plan.exceptions.length > 0 ? [...endings, 'partly'] : endings
}

function print({ invocation, machine }: ExplanationRun, code: ExitCode, all: readonly Explanation[]): void {
  const form = formOf(invocation)
  const { output } = machine
  if (form === 'json') output.write(`${jsonText(explanationsJson(code, all))}\n`)
  else {
    const style = { ...lookOf(machine), commands: [] }
    const texts = all.map((one) => {
      const text = form === 'markdown' ? explanationMarkdown(one) : explanationText(one, style)
      return all.length > 1 ? `${titleOf(one)}\n${text}` : text
    })
    output.write(texts.join('\n'))
  }
}
