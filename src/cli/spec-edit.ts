// What `suspend` and `resume` share: find what is meant, edit its file, prove that nothing else changes, show it, write it. Nothing of it
// goes to CRM: the spec is what people commit, and the next pass does what it says.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../compose/usage-error.ts'
import type { Machine } from '../machine.ts'
import { printable } from '../report/hostile-text.ts'
import { SpecCache } from '../spec/cache.ts'
import { directorySource } from '../spec/directory-source.ts'
import { type Asked, type Edit, editFile, proveEdit } from '../spec/edit/edit.ts'
import { EditError } from '../spec/edit/edit-error.ts'
import type { Hunk } from '../spec/edit/hunks.ts'
import { replaceFile } from '../spec/edit/replace-file.ts'
import { findTargets, type Target, targetNames } from '../spec/edit/target.ts'
import { suggestion } from '../spec/explain/did-you-mean.ts'
import { type LoadedSpec, loadSpec } from '../spec/load.ts'
import type { SpecSource } from '../spec/source.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { repeated } from './flags.ts'
import { problemsText } from './problems.ts'
import { type OpenedFolder, openSpecFolder } from './spec-at.ts'
import { type Flag, type Invocation, isGiven, listOf } from './verb.ts'

/** `--dry-run` */
export const DRY_RUN: Flag = { syntax: '--dry-run', describe: 'show what would be written, and write nothing' }

/** What a verb asks of what was found, and how it tells the outcome. */
export interface Editing {
  readonly asked: Asked
  /** Refuses a target for which it makes no sense, by throwing UsageError. */
  check?(target: Target): void
  /** `ann@contoso.com is suspended until …`; `as`: whether that was written, would be, or was so before. */
  tell(target: Target, as: 'written' | 'dry' | 'before'): string
}

/** Edits the spec as asked and says what to do next. Throws UsageError. */
export async function editSpec(invocation: Invocation, machine: Machine, editing: Editing): Promise<ExitCode> {
  const { folder, prefix } = await openSpecFolder(invocation, machine)
  const cache = new SpecCache()
  const loaded = await loadSpec(directorySource(folder), { cache })
  if (!loaded.ok) return refuse(loaded, prefix, machine)
  const target = pick(loaded, invocation)
  editing.check?.(target)
  const path = join(folder, target.document.file)
  const before = await readFile(path)
  const edit = await prepared({ folder, prefix }, before, { loaded, cache, target, asked: editing.asked })
  if (!('bytes' in edit)) return refuse(edit, prefix, machine)
  if (edit.hunks.length > 0) machine.output.write(`${diffText(prefix + target.document.file, edit.hunks)}\n\n`)
  const isDry = isGiven(invocation, 'dryRun')
  if (edit.hunks.length > 0 && !isDry) await replaced({ path, bytes: before }, edit.bytes, machine)
  const as = edit.hunks.length === 0 ? 'before' : isDry ? 'dry' : 'written'
  machine.output.write(`${printable(editing.tell(target, as))}\n`)
  if (edit.hunks.length === 0) return EXIT.inSync
  if (isDry) machine.output.write('Nothing was written.\n')
  else
    machine.output.write(
      `Review and commit this; \`mailkeel plan${repeated(invocation)}\` shows what follows from it.\n`,
    )
  return isDry ? EXIT.changes : EXIT.inSync
}

interface Preparation {
  readonly loaded: Extract<LoadedSpec, { ok: true }>
  readonly cache: SpecCache
  readonly target: Target
  readonly asked: Asked
}

/** The edit, proven on the whole spec as it would be; or what would be wrong with that. */
async function prepared(
  { folder }: OpenedFolder,
  before: Uint8Array,
  { loaded, cache, target, asked }: Preparation,
): Promise<Edit | Extract<LoadedSpec, { ok: false }>> {
  try {
    const edit = editFile(before, target, asked)
    const { document } = target
    const after = await loadSpec(replacing(directorySource(folder), document.file, edit.bytes), { cache })
    if (!after.ok) return after
    const inFile = (spec: typeof loaded.spec) => spec.documents.filter(({ file }) => file === document.file)
    const ordinal = inFile(loaded.spec).indexOf(document)
    proveEdit(target, inFile(after.spec)[ordinal]?.value, asked)
    return edit
  } catch (error) {
    throw asUsage(error, target)
  }
}

async function replaced(
  before: Parameters<typeof replaceFile>[0],
  after: Uint8Array,
  { newId }: Machine,
): Promise<void> {
  await replaceFile(before, after, newId).catch((error: unknown) => {
    throw asUsage(error)
  })
}

function asUsage(error: unknown, target?: Target): unknown {
  if (!(error instanceof EditError)) return error
  const where = target ? `${target.document.file} cannot be edited in place: ` : ''
  return new UsageError(`${where}${error.message}`, { cause: error })
}

function replacing(source: SpecSource, path: string, bytes: Uint8Array): SpecSource {
  return {
    async *list() {
      for await (const file of source.list()) yield file.path === path ? { ...file, read: async () => bytes } : file
    },
  }
}

function refuse(
  { problems, fileCount }: Extract<LoadedSpec, { ok: false }>,
  prefix: string,
  { errors }: Machine,
): ExitCode {
  const placed = problems.map((problem) => ({ ...problem, file: prefix + problem.file }))
  errors.write(problemsText({ problems: placed, files: fileCount }))
  return EXIT.invalid
}

function pick({ spec }: Preparation['loaded'], invocation: Invocation): Target {
  const name = invocation.argument ?? ''
  const organizations = listOf(invocation, 'organization')
  const found = findTargets(spec, name, organizations)
  const [target] = found
  if (!target) {
    const where = organizations.length > 0 ? ` of ${organizations.join(', ')}` : ''
    const names = targetNames(spec)
    throw new UsageError(`"${name}" is no mailbox, set or organization${where} in the spec${suggestion(name, names)}`)
  }
  if (found.length === 1) return target
  const where = found.map(({ organization }) => organization)
  throw new UsageError(`"${name}" is in ${where.join(' and ')}; say which by --organization ${where[0]}`)
}

function diffText(file: string, hunks: readonly Hunk[]): string {
  const lines = hunks.flatMap(({ line, removed, added, before, behind }) => [
    `@@ ${file}:${line}`,
    ...shown(' ', before),
    ...removed.flatMap((text) => shown('-', text)),
    ...added.flatMap((text) => shown('+', text)),
    ...shown(' ', behind),
  ])
  return lines.join('\n')
}

function shown(mark: string, line: string | undefined): readonly string[] {
  return line === undefined ? [] : [`${mark} ${printable(line)}`.trimEnd()]
}
