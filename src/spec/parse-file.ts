import type { ParsedFile } from './cache.ts'
import type { ParsedDocument } from './document.ts'
import { type Explanation, explainErrors } from './explain/explain.ts'
import { readHeader } from './explain/header.ts'
import type { Documents } from './generated/types.ts'
import type { Kind } from './kinds.ts'
import type { FileProblem } from './problem.ts'
import { readSchema } from './schemas.ts'
import { decodeText } from './text.ts'
import { validateDocument } from './validate.ts'
import type { ParseLimits } from './yaml/limits.ts'
import { parseYaml, type YamlDocument } from './yaml/parse.ts'

/**
 * Decodes, parses and validates some bytes. Either every document in them is valid, or there are problems; beside them stand the valid
 * documents, and mailbox sets of which only members are wrong, so that what else is wrong can be told at once. Part of a spec, a
 * Configuration is only recognized and not validated: it does not belong there, and its validator is the largest.
 */
export async function parseFile(
  bytes: Uint8Array,
  limits: ParseLimits,
  purpose: 'spec' | 'configuration',
): Promise<ParsedFile> {
  if (bytes.length > limits.maximumBytes) {
    const megabytes = Math.floor(limits.maximumBytes / 1024 / 1024)
    return refused({
      line: 1,
      column: 1,
      message: `the file is larger than ${megabytes} MiB; split it into several files`,
    })
  }
  const decoded = decodeText(bytes)
  if (!decoded.ok) return refused(decoded.problem)
  const parsed = parseYaml(decoded.text, limits)
  if (parsed.problems.length > 0) return { documents: [], problems: capped(parsed.problems, limits) }

  const documents: ParsedDocument[] = []
  const problems: FileProblem[] = []
  for (const yaml of parsed.documents) {
    const checked = await checkDocument(yaml, limits, purpose)
    if (checked.document) documents.push(checked.document)
    problems.push(...checked.problems)
  }
  return { documents, problems: capped(problems, limits) }
}

async function checkDocument(
  yaml: YamlDocument,
  limits: ParseLimits,
  purpose: 'spec' | 'configuration',
): Promise<Checked> {
  const header = readHeader(yaml.value)
  if (!header.ok) return { problems: [problemOf(yaml, header.explanation)] }
  if (purpose === 'spec' && header.kind === 'Configuration') return sound(header.kind, yaml)
  const errors = await validateDocument(header.kind, yaml.value)
  if (errors.length === 0) return sound(header.kind, yaml)
  const schema = await readSchema(header.kind)
  const explanations = explainErrors(errors, yaml.value, schema, limits.maximumProblems + 1)
  const problems = explanations.map((explanation) => problemOf(yaml, explanation))
  const wrong = explanations.length > limits.maximumProblems ? undefined : wrongMembers(header.kind, explanations)
  return wrong ? { document: { ...parsedDocument(header.kind, yaml), wrong }, problems } : { problems }
}

interface Checked {
  readonly document?: ParsedDocument
  readonly problems: readonly FileProblem[]
}

function sound(kind: Kind, yaml: YamlDocument): Checked {
  return { document: parsedDocument(kind, yaml), problems: [] }
}

/** The members of a set that are wrong, where nothing else of it is. */
function wrongMembers(kind: Kind, explanations: readonly Explanation[]): ReadonlySet<number> | undefined {
  if (kind !== 'MailboxSet') return undefined
  const indices = new Set<number>()
  for (const { path } of explanations) {
    const [spec, mailboxes, index] = path
    if (spec !== 'spec' || mailboxes !== 'mailboxes' || typeof index !== 'number') return undefined
    indices.add(index)
  }
  return indices
}

function parsedDocument<K extends Kind>(kind: K, { value, positions }: YamlDocument): ParsedDocument<K> {
  return { kind, value: value as Documents[K], positions }
}

function problemOf({ value, positions }: YamlDocument, { path, part, message }: Explanation): FileProblem {
  return { ...positions.place(positions.offsetOf(value, path, part)), message }
}

function refused(problem: FileProblem): ParsedFile {
  return { documents: [], problems: [problem] }
}

/** The first problems of a file; a last one counts the others. */
function capped(problems: readonly FileProblem[], { maximumProblems }: ParseLimits): readonly FileProblem[] {
  if (problems.length <= maximumProblems) return problems
  const shown = problems.slice(0, maximumProblems)
  const last = shown.at(-1) ?? { line: 1, column: 1 }
  return [...shown, { line: last.line, column: last.column, message: 'and more problems in this file' }]
}
