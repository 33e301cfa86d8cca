// From a source of files to a spec: every file is parsed once per content, checked against the schema of its kind, then all
// documents are checked together. Problems of all files come back in one list; a spec comes back only without any.
import { type ParsedFile, SpecCache } from './cache.ts'
import { checkSpec } from './check/index.ts'
import { type ParsedDocument, SpecDocument } from './document.ts'
import type { SpecKind } from './kinds.ts'
import { parseFile } from './parse-file.ts'
import { compareText, type Problem, problemAt, sortProblems } from './problem.ts'
import type { SpecFile, SpecSource } from './source.ts'
import type { Spec } from './spec.ts'
import { holdsPrivateKey, KEY_ADVICE, sha256Of } from './text.ts'
import { DEFAULT_LIMITS, type ParseLimits } from './yaml/limits.ts'

export interface LoadOptions {
  /** Keeps what was parsed for the next load. */
  readonly cache?: SpecCache
  readonly limits?: Partial<ParseLimits>
  readonly maximumFiles?: number
  readonly signal?: AbortSignal
}

/** A spec that may be compiled, or what is wrong with it. */
export type LoadedSpec =
  | { readonly ok: true; readonly spec: Spec; readonly fileCount: number }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly fileCount: number }

/** The runtime configuration may lie beside the spec it points to; it is no part of it. */
const CONFIGURATION_FILE = /(^|\/)mailkeel\.ya?ml$/
const SPEC_FILE = /\.ya?ml$/i

/** True for a path that the loader reads as a file of the spec. */
export function isSpecFile(path: string): boolean {
  return SPEC_FILE.test(path) && !path.split('/').some((name) => name.startsWith('.'))
}

/** True for a path at which the runtime configuration may lie beside the spec. */
export function isConfigurationFile(path: string): boolean {
  return CONFIGURATION_FILE.test(path)
}

const KEY_FILE = /\.(pfx|p12)$/i
/** Files that may hold a private key beside or instead of what everybody may have. */
const PERHAPS_KEY_FILE = /\.(pem|key|crt|cer|der|pvk|ppk)$/i
const LONGEST_KEY_FILE = 256 * 1024
const MAXIMUM_FILES = 10_000
const PARALLEL_READS = 8

/**
 * Loads and checks the spec of a source. Never throws because of what a file holds; throws where the source itself fails (a folder
 * that cannot be read, an aborted signal).
 */
export async function loadSpec(source: SpecSource, options: LoadOptions = {}): Promise<LoadedSpec> {
  const cache = options.cache ?? new SpecCache()
  const listed = await listFiles(source, options)
  const problems: Problem[] = [...listed.problems]
  const parsed = await parseFiles(listed.files, cache, options)
  cache.endLoad()

  const documents: SpecDocument[] = []
  for (const [index, { path }] of listed.files.entries()) {
    const file = parsed[index] ?? { documents: [], problems: [] }
    for (const problem of file.problems)
      problems.push(problemAt({ file: path, ...problem }, problem.message, problem.hint))
    for (const document of file.documents) addDocument(path, document, documents, problems)
  }
  const spec: Spec = { documents, files: listed.files.map(({ path }) => path) }
  problems.push(...checkSpec(spec, problems.length === 0))
  const fileCount = listed.files.length
  return problems.length === 0
    ? { ok: true, spec, fileCount }
    : { ok: false, problems: sortProblems(problems), fileCount }
}

interface Listing {
  readonly files: readonly SpecFile[]
  readonly problems: readonly Problem[]
}

/** The spec files of a source by path, and what must not lie beside them. */
async function listFiles(source: SpecSource, options: LoadOptions): Promise<Listing> {
  const files: SpecFile[] = []
  const problems: Problem[] = []
  const maximumFiles = options.maximumFiles ?? MAXIMUM_FILES
  for await (const file of source.list()) {
    options.signal?.throwIfAborted()
    if (file.path.split('/').some((name) => name.startsWith('.'))) continue
    const refusal = refusalOf(file) ?? (await keyRefusal(file))
    if (refusal !== undefined) problems.push(problemAt(startOf(file), ...refusal))
    else if (SPEC_FILE.test(file.path)) files.push(file)
    if (files.length > maximumFiles) {
      problems.push(problemAt(startOf(file), `the spec has more than ${maximumFiles} files`))
      break
    }
  }
  files.sort((a, b) => compareText(a.path, b.path))
  return { files, problems }
}

async function keyRefusal(file: SpecFile): Promise<[string, string] | undefined> {
  if (file.type !== 'file' || !PERHAPS_KEY_FILE.test(file.path)) return undefined
  return holdsPrivateKey(await file.read(LONGEST_KEY_FILE))
    ? ['a private key does not belong into git', KEY_ADVICE]
    : undefined
}

function refusalOf({ path, type }: SpecFile): [string, string?] | undefined {
  if (type === 'symlink') {
    // A link without an ending may lead to a folder of spec files.
    if (!SPEC_FILE.test(path) && /\.[^/]*$/.test(path)) return undefined
    return ['this is a symbolic link, which could lead out of the spec; put the file itself here']
  }
  if (KEY_FILE.test(path)) {
    return [
      'a certificate with its private key does not belong into git',
      'Whoever can read the repository has it now: revoke the certificate, make a new one, and give it to mailkeel through the runtime configuration',
    ]
  }
  if (type === 'other' && SPEC_FILE.test(path)) return ['this is no regular file; remove it']
  return undefined
}

function startOf({ path }: SpecFile): { file: string; line: number; column: number } {
  return { file: path, line: 1, column: 1 }
}

/** Parses the files a few at a time; the answers are in the order of the files. */
async function parseFiles(files: readonly SpecFile[], cache: SpecCache, options: LoadOptions): Promise<ParsedFile[]> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const parsed: ParsedFile[] = []
  let next = 0
  const work = async () => {
    for (let index = next++; index < files.length; index = next++) {
      options.signal?.throwIfAborted()
      const file = files[index]
      if (file !== undefined) parsed[index] = await parseCached(file, cache, limits)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_READS }, work))
  return parsed
}

async function parseCached(file: SpecFile, cache: SpecCache, limits: ParseLimits): Promise<ParsedFile> {
  const known = file.contentId === undefined ? undefined : cache.getByContentId(file.contentId)
  if (known) return known
  const bytes = await file.read(limits.maximumBytes)
  const sha256 = sha256Of(bytes)
  const parsed = cache.get(sha256) ?? (await parseFile(bytes, limits, 'spec'))
  cache.set(sha256, parsed, file.contentId)
  return parsed
}

function addDocument(path: string, document: ParsedDocument, documents: SpecDocument[], problems: Problem[]): void {
  if (document.kind !== 'Configuration') {
    documents.push(new SpecDocument(path, document as ParsedDocument<SpecKind>))
  } else if (!CONFIGURATION_FILE.test(path)) {
    const place = document.positions.place(document.positions.offsetOf(document.value, ['kind']))
    const hint =
      'It says whom mailkeel may be and how far it may go, which nobody may change by a pull request. Mount it and pass it with --config'
    problems.push(problemAt({ file: path, ...place }, 'a Configuration does not belong into the spec', hint))
  }
}
