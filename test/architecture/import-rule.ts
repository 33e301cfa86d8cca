// The import rule, as tables. Whoever needs a new row writes down why.
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { type Import, importsOf } from './imports-of.ts'

/** What the files of one folder of src/ (or one file) may import beside their own folder. A row for a file wins over its folder's. */
export interface Room {
  readonly folder: string
  /** Folders and files; `*` is everything. */
  readonly may: readonly string[]
  /** Folders and files of which only types may be imported. */
  readonly mayTypes?: readonly string[]
  readonly reason: string
}

export const ROOMS: readonly Room[] = [
  { folder: 'engine', may: [], reason: 'it compares plain data and knows no stage, no client and no YAML' },
  { folder: 'spec', may: [], reason: 'what people write must be checkable without anything else of ours' },
  { folder: 'network', may: [], reason: 'it carries bytes and knows nothing of who sends them' },
  { folder: 'simulator', may: [], reason: 'a double that shared our code would share our mistakes' },
  {
    folder: 'crm',
    may: ['network'],
    mayTypes: ['engine'],
    reason: 'a client of one remote system over the one HTTP stack',
  },
  { folder: 'certificate', may: [], reason: 'it reads files of keys and knows nothing of who uses them' },
  { folder: 'entra', may: ['network'], reason: 'a client of one remote system over the one HTTP stack' },
  { folder: 'crm-server', may: [], reason: 'a client of one remote system over its own channel' },
  {
    folder: 'trust',
    may: ['engine', 'certificate', 'crm-server', 'entra'],
    mayTypes: ['crm', 'spec'],
    reason: 'the clients of what belongs together, as one',
  },
  {
    folder: 'stages',
    may: ['engine', 'spec/address.ts'],
    mayTypes: ['certificate', 'crm', 'crm-server', 'entra', 'spec', 'trust'],
    reason:
      'a stage sees the outside only through the clients it is given; what the same address is, both sides must agree on',
  },
  {
    folder: 'stages/index.ts',
    may: ['engine'],
    mayTypes: ['reconcile'],
    reason: 'the list of the stages has the type that a pass asks for',
  },
  {
    folder: 'reconcile',
    may: ['engine', 'spec'],
    mayTypes: ['crm', 'trust'],
    reason: 'a pass runs whatever stages and clients it is given, for the command line and the daemon alike',
  },
  {
    folder: 'report',
    may: ['engine'],
    mayTypes: ['certificate', 'reconcile', 'spec', 'trust'],
    reason: 'it turns results into words and can do nothing else',
  },
  {
    folder: 'machine.ts',
    may: [],
    reason: 'clock, randomness and streams are given to everybody, so they can depend on nobody',
  },
  {
    folder: 'compose',
    may: [
      'certificate',
      'crm',
      'crm-server',
      'engine',
      'entra',
      'machine.ts',
      'network',
      'reconcile',
      'report',
      'spec',
      'stages',
      'trust',
    ],
    reason: 'it puts scopes together for the command line and the daemon alike, and knows neither',
  },
  {
    folder: 'git',
    may: ['spec', 'network/redact.ts'],
    mayTypes: ['network'],
    reason:
      'a source of the spec: commits and their files, whoever wants them; what a server says through git is made harmless by the one redaction',
  },
  {
    folder: 'notify',
    may: ['network'],
    mayTypes: ['report'],
    reason: 'it carries messages to people, whatever they are about',
  },
  {
    folder: 'web',
    may: [],
    mayTypes: ['daemon/api/shapes.ts'],
    reason: 'it runs in a browser and knows the server by its addresses and the shapes of its answers only',
  },
  { folder: 'cli', may: ['*'], reason: 'it puts the parts together' },
  { folder: 'daemon', may: ['*'], reason: 'it puts the parts together' },
  { folder: 'main.ts', may: ['*'], reason: 'the composition root' },
]

/** Where a package of others may be imported: each has one folder that wraps it. */
export const PACKAGE_HOMES: readonly {
  readonly package: string
  readonly folders: readonly string[]
  readonly reason: string
}[] = [
  { package: 'undici', folders: ['network'], reason: 'the one HTTP stack' },
  { package: 'yaml', folders: ['spec'], reason: 'nobody else reads or edits what people write' },
  { package: 'commander', folders: ['cli'], reason: 'arguments are a matter of the command line' },
  { package: '@azure/msal-node', folders: ['entra'], reason: 'signing in to Entra ID' },
  {
    package: 'node-forge',
    folders: ['certificate', 'simulator'],
    reason: 'files of keys; a simulated server imports them too',
  },
  { package: 'simple-git', folders: ['git'], reason: 'the one place where git runs' },
  { package: 'chokidar', folders: ['daemon'], reason: 'a directory that is watched is a matter of who stays running' },
  { package: 'croner', folders: ['spec'], reason: 'when windows open is checked where the configuration is' },
  { package: 'fastify', folders: ['daemon'], reason: 'the one HTTP server of the program' },
  { package: '@fastify/rate-limit', folders: ['daemon'], reason: 'a part of that server' },
  { package: 'prom-client', folders: ['daemon'], reason: 'metrics are of who stays running' },
  { package: 'pino', folders: ['daemon'], reason: 'the log of who stays running' },
  { package: '@kubernetes/client-node', folders: ['daemon'], reason: 'leases' },
  { package: 'nodemailer', folders: ['notify'], reason: 'mail to people' },
  { package: 'preact', folders: ['web'], reason: 'the status page' },
  { package: 'ssh2', folders: ['crm-server', 'simulator'], reason: 'the channel to a server, and its other end' },
]

/** Modules of Node that are not free for all. What is not named here is. */
export const BUILTIN_HOMES: readonly {
  readonly module: string
  readonly folders: readonly string[]
  readonly reason: string
}[] = [
  {
    module: 'child_process',
    folders: ['cli/demo', 'compose/committed.ts', 'git'],
    reason:
      'no input can become a command where none is ever run; the demo runs our own program with words of its own, and only git can tell what is committed',
  },
  { module: 'vm', folders: [], reason: 'text from outside is data, never code' },
  { module: 'inspector', folders: [], reason: 'it opens the process to others' },
  { module: 'cluster', folders: [], reason: 'one process, one writer' },
  { module: 'net', folders: ['network', 'simulator'], reason: 'connections go through the one HTTP stack' },
  {
    module: 'tls',
    folders: ['network', 'certificate'],
    reason: 'verification is decided in one place; Node opens PFX files and names its authorities only there',
  },
  { module: 'dns', folders: ['network'], reason: 'resolved addresses are judged in one place' },
  { module: 'http', folders: ['simulator', 'daemon'], reason: 'these serve; whoever asks uses the one HTTP stack' },
  {
    module: 'https',
    folders: ['cli/demo'],
    reason: 'whoever asks uses the one HTTP stack; the demo serves its repository',
  },
  { module: 'http2', folders: [], reason: 'whoever asks uses the one HTTP stack' },
  { module: 'dgram', folders: [], reason: 'nothing here speaks UDP' },
]

/** A file of src/, by its path there, with forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly source: string
}

/** Everything in these files that breaks the rule, as `path:line what`. */
export function violationsIn(files: readonly SourceFile[]): readonly string[] {
  const imports = files.map((file) => ({ ...file, imports: importsOf(file.path, file.source) }))
  const stages = stagesOf(imports)
  return imports.flatMap(({ path, imports: found }) =>
    found.flatMap((one) => {
      const complaint = complaintAbout(path, one, stages)
      return complaint === undefined ? [] : [`${path}:${one.line} ${complaint}`]
    }),
  )
}

interface Parsed extends SourceFile {
  readonly imports: readonly Import[]
}

/** A stage is what stages/index.ts lists, a file or a folder; whatever else is there is what stages share. */
function stagesOf(files: readonly Parsed[]): (path: string) => string | undefined {
  const index = files.find(({ path }) => path === 'stages/index.ts')
  const listed = new Set(index?.imports.map(({ specifier = '' }) => posix.join('stages', specifier)))
  const folders = new Set([...listed].flatMap((path) => (path.split('/').length > 2 ? [path.split('/')[1]] : [])))
  return (path) => {
    const [folder, first, ...rest] = path.split('/')
    if (folder !== 'stages' || first === undefined || path === 'stages/index.ts') return undefined
    const isListed = rest.length === 0 ? listed.has(path) : folders.has(first)
    return isListed ? first : undefined
  }
}

function complaintAbout(
  path: string,
  found: Import,
  stageOf: (path: string) => string | undefined,
): string | undefined {
  const { specifier } = found
  if (specifier === undefined) return 'imports what is only known at run time'
  if (specifier.startsWith('.'))
    return complaintAboutOurs(path, posix.join(posix.dirname(path), specifier), found, stageOf)
  if (isBuiltin(specifier)) return complaintAboutBuiltin(path, specifier)
  return complaintAboutPackage(path, specifier)
}

function complaintAboutOurs(
  path: string,
  target: string,
  { isTypeOnly }: Import,
  stageOf: (path: string) => string | undefined,
): string | undefined {
  if (target.startsWith('..')) return `reaches out of src to ${target}`
  const from = folderOf(path)
  const to = folderOf(target)
  if (from === to) return complaintAboutStages(path, target, stageOf)
  const room = ROOMS.find(({ folder }) => folder === path) ?? ROOMS.find(({ folder }) => folder === from)
  if (!room) return `is in ${from}, for which the rule has no row`
  if (room.may.includes('*') || isWithin(target, room.may)) return undefined
  if (isWithin(target, room.mayTypes))
    return isTypeOnly ? undefined : `imports more than types of ${to} (${room.reason})`
  return `imports ${to} (${room.reason})`
}

function complaintAboutStages(
  path: string,
  target: string,
  stageOf: (path: string) => string | undefined,
): string | undefined {
  const to = stageOf(target)
  if (to === undefined || to === stageOf(path) || path === 'stages/index.ts') return undefined
  return `imports the stage ${to} (stages know each other only by the order in stages/index.ts)`
}

function complaintAboutBuiltin(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('node:')) return `imports ${specifier} without node:`
  const home = BUILTIN_HOMES.find(({ module }) => module === specifier.slice('node:'.length).split('/')[0])
  if (!home || isWithin(path, home.folders)) return undefined
  return `imports ${specifier} (${home.reason})`
}

function complaintAboutPackage(path: string, specifier: string): string | undefined {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const home = PACKAGE_HOMES.find((row) => row.package === name)
  if (!home) return `imports ${name}, for which the rule has no row`
  return home.folders.includes(folderOf(path))
    ? undefined
    : `imports ${name}, which belongs to ${home.folders.join(' and ')} (${home.reason})`
}

/** Circles among the folders, types included, each written as `a > b > a`. */
export function circlesIn(files: readonly SourceFile[]): readonly string[] {
  const edges = new Map<string, Set<string>>()
  for (const { path, source } of files) {
    for (const { specifier } of importsOf(path, source)) {
      if (!specifier?.startsWith('.')) continue
      const from = folderOf(path)
      const to = folderOf(posix.join(posix.dirname(path), specifier))
      if (from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to))
    }
  }
  const circles = new Set<string>()
  const walk = (folder: string, trail: readonly string[]) => {
    const at = trail.indexOf(folder)
    if (at >= 0) {
      circles.add([...trail.slice(at), folder].join(' > '))
      return
    }
    for (const next of edges.get(folder) ?? []) walk(next, [...trail, folder])
  }
  for (const folder of [...edges.keys()].sort()) walk(folder, [])
  return [...circles]
}

/** Whether the path is one of these files or in one of these folders. */
function isWithin(path: string, places: readonly string[] = []): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`))
}

/** The first part of a path in src/. */
export function folderOf(path: string): string {
  return path.split('/')[0] ?? ''
}
