// A spec written as files and taken the whole way: read, validated, checked, compiled.
import { compile } from '../../src/spec/compile/compile.ts'
import type { DesiredOrganization, DesiredOverride } from '../../src/spec/desired.ts'
import { type LoadedSpec, type LoadOptions, loadSpec } from '../../src/spec/load.ts'
import type { SpecFile } from '../../src/spec/source.ts'

/** What a file holds, or a link in its place. */
export type Content = string | Uint8Array | { readonly symlink: true }

/** Loads files that lie in memory. */
export function loadFiles(files: Readonly<Record<string, Content>>, options?: LoadOptions): Promise<LoadedSpec> {
  async function* list(): AsyncGenerator<SpecFile> {
    for (const [path, content] of Object.entries(files)) {
      if (typeof content === 'object' && 'symlink' in content) {
        yield { path, type: 'symlink', read: () => Promise.reject(new Error('a link was read')) }
      } else {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content
        yield { path, type: 'file', read: async (maximumBytes) => bytes.subarray(0, maximumBytes + 1) }
      }
    }
  }
  return loadSpec({ list }, options)
}

/** The problems of files as people read them. */
export async function problemsOf(files: Readonly<Record<string, Content>>, options?: LoadOptions): Promise<string[]> {
  const loaded = await loadFiles(files, options)
  if (loaded.ok) return []
  return loaded.problems.map(({ file, line, column, message, hint }) =>
    [`${file}:${line}:${column}`, message, hint].filter((part) => part !== undefined).join(' '),
  )
}

/** The organization of a spec that has one. Throws where the spec has problems. */
export async function organizationOf(files: Readonly<Record<string, Content>>): Promise<DesiredOrganization> {
  return (await stateOf(files)).organization
}

/** The organization of a spec that has one, with its overrides. Throws where the spec has problems. */
export async function stateOf(
  files: Readonly<Record<string, Content>>,
): Promise<{ readonly organization: DesiredOrganization; readonly overrides: readonly DesiredOverride[] }> {
  const loaded = await loadFiles(files)
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'))
  const { organizations, overrides } = compile(loaded.spec)
  const [organization] = organizations.values()
  if (!organization) throw new Error('the spec has no organization')
  return { organization, overrides }
}

/** A document of a kind; JSON is YAML too. */
export function documentOf(kind: string, name: string | undefined, spec: object): string {
  const metadata = name === undefined ? {} : { metadata: { name } }
  return `---\n${JSON.stringify({ apiVersion: 'mailkeel/v1', kind, ...metadata, spec })}\n`
}

/** The Organization that every test has. */
export const ORGANIZATION = documentOf('Organization', 'contoso-sales', {
  uniqueName: 'contoso-sales',
  environment: 'Production',
})

/** The profile that the usual disorder lacks. */
export const PROFILE = documentOf('EmailServerProfile', 'exchange-online', {
  displayName: 'Exchange Online',
  serverType: 'ExchangeOnlineHybrid',
  owner: { user: 'crm-mail@contoso.com' },
  useDefaultTenantId: true,
  autoDiscover: true,
  minimumPollingIntervalMinutes: 10,
})

/** What a set asks for where a test does not say otherwise. */
export const EVERYTHING = {
  profile: 'exchange-online',
  incoming: 'ServerSideSync',
  outgoing: 'ServerSideSync',
  appointmentsContactsTasks: 'ServerSideSync',
  approval: 'Approved',
  testAndEnable: true,
} as const

/** A member of a set: an address, or an address with its own fields. */
export type Member = string | ({ readonly address: string } & Readonly<Record<string, unknown>>)

/** A MailboxSet. */
export function setOf(name: string, members: readonly Member[], fields: object = EVERYTHING): string {
  return documentOf('MailboxSet', name, { ...fields, mailboxes: members })
}
