// One run of `history`. It needs the journal and nothing else: no CRM, no secret, and no spec unless a set is asked for.

import { UsageError } from '../compose/usage-error.ts'
import type { Machine } from '../machine.ts'
import { type History, type HistoryPass, journaledScopes, readHistory } from '../reconcile/history.ts'
import { historyJson, historyMarkdown, historyText } from '../report/history-forms.ts'
import { type StageWords, tellPass } from '../report/history-view.ts'
import { jsonText } from '../report/hostile-text.ts'
import { count, number } from '../report/wording.ts'
import { canonicalAddress } from '../spec/address.ts'
import { compile } from '../spec/compile/compile.ts'
import { type RuntimeConfiguration, resolvePath } from '../spec/configuration/load.ts'
import { parseDuration } from '../spec/duration.ts'
import { organizationStages, trustStages } from '../stages/index.ts'
import { CONFIGURATION_FILE, findConfiguration } from './configuration.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { formOf, shellWord } from './flags.ts'
import { lookOf } from './presenter.ts'
import { problemsText } from './problems.ts'
import { loadSpecAt, specPlace } from './spec-at.ts'
import { type Invocation, listOf, numberOf, textOf } from './verb.ts'

const DEFAULT_LIMIT = 100
const MOST = 100_000

/** Prints what the journals hold of what was asked for, the newest first. */
export async function tellHistory(invocation: Invocation, machine: Machine, signal: AbortSignal): Promise<ExitCode> {
  const { configuration, problems } = await findConfiguration(invocation, machine)
  if (problems.length > 0) {
    machine.errors.write(problemsText({ problems, files: 1 }))
    return EXIT.usage
  }
  if (!configuration) throw new UsageError(`there is no ${CONFIGURATION_FILE} here; --config names another`)
  const limit = numberOf(invocation, 'limit', DEFAULT_LIMIT, 1, MOST)
  const found = await find(configuration, invocation, machine, limit, signal)
  print(found, limit, invocation, machine)
  return EXIT.inSync
}

async function find(
  configuration: RuntimeConfiguration,
  invocation: Invocation,
  machine: Machine,
  limit: number,
  signal: AbortSignal,
): Promise<History> {
  const stateDirectory = resolvePath(configuration, configuration.spec.stateDirectory)
  const scopes = await scopesOf(stateDirectory, listOf(invocation, 'organization'))
  const keys = await keysOf(configuration, invocation, machine, signal)
  const [revision, pass] = [textOf(invocation, 'revision'), textOf(invocation, 'pass')]
  const since = momentOf(textOf(invocation, 'since'), machine.now())
  const query = {
    stateDirectory,
    limit,
    ...(keys && { keys }),
    ...(revision && { revision }),
    ...(pass && { pass }),
    ...(since && { since }),
  }
  const all: History[] = []
  for (const scope of scopes) all.push(await readHistory({ ...query, scope }))
  const passes = all.flatMap((one) => one.passes).sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0))
  const shown = newest(passes, limit)
  return {
    passes: shown,
    hasMore: shown.length < passes.length || all.some(({ hasMore }) => hasMore),
    damaged: all.reduce((sum, { damaged }) => sum + damaged, 0),
  }
}

/** As many passes as the limit has room for. */
function newest(passes: readonly HistoryPass[], limit: number): readonly HistoryPass[] {
  let left = limit
  return passes.filter(({ changes }) => {
    if (left <= 0) return false
    left -= Math.max(1, changes.length)
    return true
  })
}

async function scopesOf(stateDirectory: string, wanted: readonly string[]): Promise<readonly string[]> {
  const scopes = await journaledScopes(stateDirectory)
  const named = wanted.map((name) => (name.includes('/') ? name : `organization/${name}`))
  const missing = named.find((scope) => !scopes.includes(scope))
  if (missing !== undefined && scopes.length > 0) {
    const known = scopes.map((scope) => scope.replace(/^organization\//, '')).join(', ')
    throw new UsageError(`nothing is journaled of ${missing.replace(/^organization\//, '')}; there is ${known}`)
  }
  return named.length > 0 ? named.filter((scope) => scopes.includes(scope)) : scopes
}

/** The keys that are meant; undefined for all. A set is what the spec says now. */
async function keysOf(
  configuration: RuntimeConfiguration,
  invocation: Invocation,
  machine: Machine,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const { argument } = invocation
  const set = textOf(invocation, 'set')
  const named = argument === undefined ? [] : [argument, `"${argument}"`, canonicalAddress(argument)]
  if (set === undefined) return argument === undefined ? undefined : new Set(named)
  const place = specPlace({ folder: textOf(invocation, 'spec') }, configuration, machine.workingDirectory)
  const { loaded } = await loadSpecAt(place, machine, signal)
  if (!loaded.ok)
    throw new UsageError('the spec has problems, so its sets are not known; `mailkeel validate` lists them')
  const members = [...compile(loaded.spec).organizations.values()].flatMap(({ mailboxes }) =>
    [...mailboxes.values()].filter((mailbox) => mailbox.set === set),
  )
  if (members.length === 0) throw new UsageError(`the spec has no set "${set}"`)
  return new Set([...named, ...members.map(({ address }) => address)])
}

/** A day, a time, or how long ago. Throws UsageError for anything else. */
function momentOf(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined
  if (/^\d+(ms|s|m|h|d)$/.test(text)) return new Date(now.getTime() - parseDuration(text))
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN)
  if (!Number.isNaN(moment.getTime())) return moment
  throw new UsageError(`--since takes a day, a time or how long ago, such as 2026-11-20 or 3d, not "${text}"`)
}

function print({ passes, hasMore, damaged }: History, limit: number, invocation: Invocation, machine: Machine): void {
  const form = formOf(invocation)
  const { output, errors } = machine
  if (form === 'json') {
    output.write(`${jsonText(historyJson(EXIT.inSync, passes, hasMore, damaged))}\n`)
    return
  }
  const told = passes.map((pass) => tellPass(pass, stageWords()))
  const isNamed = new Set(told.map(({ title }) => title)).size > 1
  if (told.length === 0) output.write(`${nothingFound(invocation)}\n`)
  else if (form === 'markdown') output.write(historyMarkdown(told))
  else output.write(historyText(told, { ...lookOf(machine), commands: [] }, isNamed))
  if (hasMore) output.write(`\nthere is more before that; a higher --limit than ${number(limit)} shows more\n`)
  if (damaged > 0) {
    const lines = count(damaged, { one: 'line of the journal is', many: 'lines of the journal are' })
    errors.write(`${lines} torn or damaged, as a crash leaves them; all others are told\n`)
  }
}

/** Says of what nothing was found, so that a slip is seen as one. */
function nothingFound(invocation: Invocation): string {
  const { argument } = invocation
  const [revision, pass, since, set] = ['revision', 'pass', 'since', 'set'].map((name) => textOf(invocation, name))
  const asked = [
    argument === undefined ? '' : `of ${argument}`,
    set === undefined ? '' : `of the set "${set}"`,
    revision === undefined ? '' : `of a spec whose hash begins with ${revision}`,
    pass === undefined ? '' : `by a pass whose id begins with ${pass}`,
    since === undefined ? '' : `since ${since}`,
  ].filter((part) => part !== '')
  if (asked.length === 0) return 'mailkeel has written nothing here so far'
  const look =
    argument === undefined ? '' : `; \`mailkeel explain ${shellWord(argument)}\` tells whether there is such a thing`
  return `the journal holds nothing ${asked.join(' ')}${look}`
}

/** The words of the stages; nothing of them is ever run. */
function stageWords(): (stage: string) => StageWords | undefined {
  const refuse = () => Promise.reject(new Error('the history needs no secret'))
  const all: readonly (StageWords & { readonly name: string })[] = [
    ...organizationStages({ resolveSecret: refuse }),
    ...trustStages(),
  ]
  const stages = new Map(all.map((stage) => [stage.name, stage]))
  return (name) => stages.get(name)
}
