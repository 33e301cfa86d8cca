// What plan, apply and status have in common: find the configuration, load the spec, pick the organizations, connect.
import { resolve } from 'node:path'
import type { Composition } from '../compose/compose.ts'
import { overridePermits, uncommittedOverrides } from '../compose/overrides.ts'
import { UsageError } from '../compose/usage-error.ts'
import type { Reason } from '../engine/index.ts'
import type { Machine } from '../machine.ts'
import type { PermitsAt } from '../reconcile/permits.ts'
import { compile } from '../spec/compile/compile.ts'
import { type RuntimeConfiguration, resolvePath } from '../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredOverride, DesiredState, DesiredTrust } from '../spec/desired.ts'
import type { Spec } from '../spec/spec.ts'
import { CONFIGURATION_FILE, findConfiguration } from './configuration.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { formOf } from './flags.ts'
import { problemsJson, problemsText } from './problems.ts'
import { loadSpecAt, type SpecAt, specNames, specPlace } from './spec-at.ts'
import { type Invocation, listOf, textOf, type Verb } from './verb.ts'

/** A spec and a configuration that may be worked with. */
export interface Prepared {
  readonly configuration: RuntimeConfiguration
  readonly organizations: readonly DesiredOrganization[]
  /** What those organizations depend on; where none was named, every trust of the spec. */
  readonly trusts: readonly DesiredTrust[]
  readonly revision: string
  readonly stateDirectory: string
  /** What people should know of each organization before anything is read, by name. */
  readonly notices: ReadonlyMap<string, readonly Reason[]>
  /** Overrides of the spec, whether they count or not. */
  readonly overrides: SpecOverrides
  /** What overrides allow, by scope. */
  readonly permits: ReadonlyMap<string, PermitsAt>
}

/** Overrides as they stand in the spec. */
export interface SpecOverrides {
  readonly all: readonly DesiredOverride[]
  /** Why some do not count, by file. Asks git. */
  readonly uncommitted: (signal: AbortSignal) => Promise<ReadonlyMap<string, string>>
}

/** Prepares a run, or prints what is wrong and returns the exit code for that. Throws UsageError. */
export async function prepare(
  verb: Verb['name'],
  invocation: Invocation,
  machine: Machine,
  signal: AbortSignal,
): Promise<Prepared | ExitCode> {
  const { configuration, problems } = await findConfiguration(invocation, machine)
  if (problems.length > 0) return refuse(verb, EXIT.usage, { problems, files: 1 }, invocation, machine)
  if (!configuration) {
    throw new UsageError(`there is no ${CONFIGURATION_FILE} here; \`mailkeel init\` writes one, --config names another`)
  }
  const place = specPlace(specNames(invocation), configuration, machine.workingDirectory)
  const at = await loadSpecAt(place, machine, signal)
  const { loaded, revision, prefix } = at
  if (!loaded.ok) {
    const found = loaded.problems.map((problem) => ({ ...problem, file: prefix + problem.file }))
    return refuse(verb, EXIT.invalid, { problems: found, files: loaded.fileCount }, invocation, machine)
  }
  const before = await previousSpec(invocation, machine, signal)
  if (before && !before.ok) return refuse(verb, EXIT.invalid, before.found, invocation, machine)
  const state = compile(loaded.spec, before?.spec)
  const wanted = listOf(invocation, 'organization')
  const organizations = pick(state, wanted)
  const trusts = trustsBehind(state, wanted)
  const { notAppliedNotices, releaseNotices, unconnectedNotices } = await import('../compose/not-applied.ts')
  const noticesOf = (desired: DesiredOrganization) => [
    ...notAppliedNotices(desired, state, configuration),
    ...(before ? [] : releaseNotices(desired)),
    ...unconnectedNotices(desired),
  ]
  const { overrides } = state
  const specOverrides = overridesIn(state, at, machine)
  return {
    configuration,
    organizations,
    trusts,
    notices: new Map(
      ['status', 'test', 'doctor'].includes(verb) ? [] : organizations.map((one) => [one.name, noticesOf(one)]),
    ),
    overrides: specOverrides,
    permits: await overridePermits({
      organizations,
      trusts,
      overrides,
      uncommitted: await specOverrides.uncommitted(signal),
    }),
    revision,
    stateDirectory: resolvePath(configuration, configuration.spec.stateDirectory),
  }
}

/** What is read from a commit is committed by nature. */
function overridesIn({ overrides }: DesiredState, { folder, hashOf }: SpecAt, machine: Machine): SpecOverrides {
  return {
    all: overrides,
    uncommitted: async (signal) =>
      folder === undefined ? new Map() : uncommittedOverrides({ overrides, folder, hashOf, machine, signal }),
  }
}

type Previous =
  | { readonly ok: true; readonly spec: Spec }
  | { readonly ok: false; readonly found: Parameters<typeof problemsText>[0] }

/** The spec as it was before, where `--previous` names it. */
async function previousSpec(
  invocation: Invocation,
  machine: Machine,
  signal: AbortSignal,
): Promise<Previous | undefined> {
  const path = textOf(invocation, 'previous')
  if (path === undefined) return undefined
  const folder = resolve(machine.workingDirectory, path)
  const { loaded, prefix } = await loadSpecAt({ folder }, machine, signal)
  if (loaded.ok) return { ok: true, spec: loaded.spec }
  const problems = loaded.problems.map((problem) => ({ ...problem, file: prefix + problem.file }))
  return { ok: false, found: { problems, files: loaded.fileCount } }
}

function refuse(
  verb: Verb['name'],
  code: ExitCode,
  found: Parameters<typeof problemsText>[0],
  invocation: Invocation,
  { output, errors }: Machine,
): ExitCode {
  if (formOf(invocation) === 'json') output.write(`${problemsJson(verb, code, found)}\n`)
  else errors.write(problemsText(found))
  return code
}

function pick({ organizations }: DesiredState, wanted: readonly string[]): readonly DesiredOrganization[] {
  const names = [...organizations.keys()]
  if (names.length === 0)
    throw new UsageError('the spec has no Organization; `mailkeel init` shows what one looks like')
  const unknown = wanted.find((name) => !organizations.has(name))
  if (unknown !== undefined) {
    throw new UsageError(`the spec has no organization "${unknown}"; it has ${names.join(', ')}`)
  }
  return [...organizations.values()].filter(({ name }) => wanted.length === 0 || wanted.includes(name))
}

function trustsBehind({ trusts }: DesiredState, wanted: readonly string[]): readonly DesiredTrust[] {
  const all = [...trusts.values()]
  return wanted.length === 0 ? all : all.filter(({ organizations }) => wanted.some((name) => organizations.has(name)))
}

/** Connects, works and closes whatever happens. */
export async function connected<T>(
  input: Parameters<typeof import('../compose/compose.ts')['compose']>[0],
  work: (composition: Composition) => Promise<T>,
): Promise<T> {
  const { compose } = await import('../compose/compose.ts')
  const composition = await compose(input)
  try {
    return await work(composition)
  } finally {
    await composition.close()
  }
}
