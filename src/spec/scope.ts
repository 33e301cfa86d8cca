// Which organization a document belongs to: the one it names, or the one whose document lies in its folder, or in the nearest folder
// above. So test and production are two folders, and a file moves between them without being edited.
import { isOfKind, placeName, type SpecDocument } from './document.ts'
import { suggestion } from './explain/did-you-mean.ts'
import type { Documents } from './generated/types.ts'
import { ORGANIZATION_KINDS, type OrganizationKind } from './kinds.ts'
import type { Problem } from './problem.ts'
import { documentsOf, type Spec } from './spec.ts'

/** One organization with the documents that belong to it, in the order of files and documents. */
export interface OrganizationScope {
  readonly name: string
  readonly document: SpecDocument<'Organization'>
  readonly profiles: readonly SpecDocument<'EmailServerProfile'>[]
  readonly settings: readonly SpecDocument<'EmailSettings'>[]
  readonly sets: readonly SpecDocument<'MailboxSet'>[]
  readonly overrides: readonly SpecDocument<'Override'>[]
}

export interface Scopes {
  /** By metadata.name; of two documents with one name the first. */
  readonly organizations: ReadonlyMap<string, OrganizationScope>
  readonly problems: readonly Problem[]
}

type Found = { readonly organization: string } | { readonly problem: Problem }

/** Sorts the documents of a spec into organizations. */
export function scopeSpec(spec: Spec): Scopes {
  const documents = documentsOf(spec, 'Organization')
  const byFolder = groupByFolder(documents)
  const names = new Set(documents.map((document) => document.value.metadata.name))
  const members = new Map<string, SpecDocument<OrganizationKind>[]>([...names].map((name) => [name, []]))
  const problems: Problem[] = []
  for (const document of spec.documents) {
    if (!isOrganizationDocument(document)) continue
    const found = findOrganization(document, names, byFolder)
    if ('problem' in found) problems.push(found.problem)
    else members.get(found.organization)?.push(document)
  }
  const organizations = new Map<string, OrganizationScope>()
  for (const document of documents) {
    const { name } = document.value.metadata
    if (!organizations.has(name)) organizations.set(name, scopeOf(name, document, members.get(name) ?? []))
  }
  return { organizations, problems }
}

function groupByFolder(
  documents: readonly SpecDocument<'Organization'>[],
): Map<string, SpecDocument<'Organization'>[]> {
  const byFolder = new Map<string, SpecDocument<'Organization'>[]>()
  for (const document of documents) {
    const folder = folderOf(document.file)
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), document])
  }
  return byFolder
}

function scopeOf(
  name: string,
  document: SpecDocument<'Organization'>,
  members: readonly SpecDocument[],
): OrganizationScope {
  return {
    name,
    document,
    profiles: members.filter((member) => isOfKind(member, 'EmailServerProfile')),
    settings: members.filter((member) => isOfKind(member, 'EmailSettings')),
    sets: members.filter((member) => isOfKind(member, 'MailboxSet')),
    overrides: members.filter((member) => isOfKind(member, 'Override')),
  }
}

function isOrganizationDocument(document: SpecDocument): document is SpecDocument<OrganizationKind> {
  return (ORGANIZATION_KINDS as readonly string[]).includes(document.kind)
}

function findOrganization(
  document: SpecDocument<OrganizationKind>,
  names: ReadonlySet<string>,
  byFolder: ReadonlyMap<string, readonly SpecDocument<'Organization'>[]>,
): Found {
  const metadata: Documents['EmailSettings']['metadata'] = document.value.metadata
  const named = metadata?.organization
  if (named !== undefined) {
    if (names.has(named)) return { organization: named }
    const message = `there is no Organization \`${named}\`${suggestion(named, names)}`
    return { problem: document.problem(['metadata', 'organization'], message, { part: 'value' }) }
  }
  for (const folder of foldersAbove(document.file)) {
    const [first, second] = byFolder.get(folder) ?? []
    if (first === undefined) continue
    if (second === undefined) return { organization: first.value.metadata.name }
    const places = `${placeName(first.origin())} and ${placeName(second.origin())}`
    const message = `two Organizations could be meant (${places}); say which by \`metadata.organization\``
    return { problem: document.problem(['kind'], message) }
  }
  const message = `no Organization in this folder or above it; add one, or name one by \`metadata.organization\``
  return { problem: document.problem(['kind'], message) }
}

/** The folder of a file and every folder above it, nearest first; the root is the empty text. */
function foldersAbove(file: string): string[] {
  const folders: string[] = []
  for (let folder = folderOf(file); ; folder = folderOf(folder)) {
    folders.push(folder)
    if (folder === '') return folders
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
