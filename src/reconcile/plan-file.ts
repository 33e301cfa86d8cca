// A plan on its way from the one who plans to the one who applies. The file approves a set of change ids and nothing else: applying plans
// anew and does what has an approved id. So the ids must be those of what people read in the file, and both are checked when it is read.
import { hash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { changeId, digestOf, type GuardVerdict, PLAN_VERSION, type Plan } from '../engine/index.ts'
import type { PassResult } from './contract.ts'

/** The format of a plan file; its JSON Schema is schema/v1/plan.schema.json. */
export const PLAN_FILE_VERSION = 'mailkeel.plan-file/v1'

/** A plan as a file. */
export interface PlanFile {
  readonly version: typeof PLAN_FILE_VERSION
  /** ISO 8601 in UTC. */
  readonly createdAt: string
  readonly revision: string
  readonly scopes: readonly PlannedScope[]
  /** Hash of everything else in the file. */
  readonly digest: string
}

/** What was planned for one scope, and what the guards said of it. */
export interface PlannedScope {
  readonly plan: Plan
  readonly verdicts: readonly GuardVerdict[]
  readonly decision: GuardVerdict['decision']
}

/** A plan file that cannot be used. */
export class PlanFileError extends Error {
  readonly code: 'PlanFileUnreadable' | 'PlanFileNotUnderstood' | 'PlanFileEdited'

  constructor(code: PlanFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PlanFileError'
    this.code = code
  }
}

/** The plans of a pass as a plan file. */
export function createPlanFile(results: readonly PassResult[], revision: string, createdAt: Date): PlanFile {
  const scopes = results.map(({ plan, verdicts, decision }): PlannedScope => ({ plan, verdicts, decision }))
  const content = { version: PLAN_FILE_VERSION, createdAt: createdAt.toISOString(), revision, scopes } as const
  return { ...content, digest: digestOfContent(content) }
}

/** The ids of all changes in a plan file: what applying it approves. */
export function approvedIds({ scopes }: PlanFile): ReadonlySet<string> {
  return new Set(scopes.flatMap(({ plan }) => idsOf(plan)))
}

/** Looks whether a plan may be written to a path: nothing is there, or an older plan. Throws a PlanFileError where it is anything else. */
export async function checkPlanFilePath(path: string): Promise<void> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return
    throw new PlanFileError('PlanFileUnreadable', `${path} is there already and cannot be read; name another file`, {
      cause,
    })
  }
  if (VERSION_TEXT.test(text)) return
  const message = `${path} is there already and is no plan file, so it is not replaced; name another file, such as plan.json`
  throw new PlanFileError('PlanFileNotUnderstood', message)
}

/** How every plan file begins, of whatever version. */
const VERSION_TEXT = /^\{\s*"version":\s*"mailkeel\.plan-file\/v\d{1,4}"/

/** Writes a plan file; an older plan is replaced, any other file is refused with a PlanFileError. */
export async function writePlanFile(path: string, file: PlanFile): Promise<void> {
  await checkPlanFilePath(path)
  try {
    await writeFile(path, `${JSON.stringify(file, null, 2)}\n`)
  } catch (cause) {
    throw new PlanFileError('PlanFileUnreadable', `the plan file ${path} cannot be written`, { cause })
  }
}

/** Reads and checks a plan file. Throws a PlanFileError that says what is wrong with it. */
export async function readPlanFile(path: string): Promise<PlanFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new PlanFileError('PlanFileUnreadable', `the plan file ${path} cannot be read`, { cause })
  }
  return parsePlanFile(text, path)
}

/** Checks the text of a plan file; `path` is for messages. */
export function parsePlanFile(text: string, path: string): PlanFile {
  const file = parse(text, path)
  try {
    return check(file, path)
  } catch (cause) {
    if (cause instanceof PlanFileError) throw cause
    throw new PlanFileError('PlanFileNotUnderstood', `${path} is not a plan file that mailkeel wrote`, { cause })
  }
}

function parse(text: string, path: string): PlanFile {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new PlanFileError(
      'PlanFileNotUnderstood',
      `${path} is not JSON; write a plan with mailkeel plan --out plan.json`,
    )
  }
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined
  if (version === PLAN_FILE_VERSION) return parsed as PlanFile
  const told = typeof version === 'string' && /^mailkeel\.plan-file\/v\d{1,4}$/.test(version)
  throw new PlanFileError(
    'PlanFileNotUnderstood',
    told
      ? `${path} is of version ${version}, and this mailkeel knows ${PLAN_FILE_VERSION}; plan again with this one`
      : `${path} is not a plan file; write one with mailkeel plan --out plan.json`,
  )
}

function check(file: PlanFile, path: string): PlanFile {
  if (digestOfContent(file) !== file.digest) throw edited(path, 'its content')
  for (const { plan } of file.scopes) {
    if (plan.version !== PLAN_VERSION) throw edited(path, `the version of the plan of ${plan.scope}`)
    for (const change of plan.steps.flatMap(({ changes }) => changes)) {
      if (changeId({ ...change, scope: plan.scope }) !== change.id) throw edited(path, `the change of ${change.label}`)
    }
    if (digestOf(idsOf(plan)) !== plan.digest) throw edited(path, `the plan of ${plan.scope}`)
  }
  return file
}

function digestOfContent({ version, createdAt, revision, scopes }: Omit<PlanFile, 'digest'>): string {
  return hash('sha256', JSON.stringify([version, createdAt, revision, scopes]), 'hex')
}

function idsOf({ steps }: Plan): readonly string[] {
  return steps.flatMap(({ changes }) => changes.map(({ id }) => id))
}

function edited(path: string, what: string): PlanFileError {
  const message = `${path} was changed after it was written: ${what} does not fit its digest; plan again instead of editing it`
  return new PlanFileError('PlanFileEdited', message)
}
