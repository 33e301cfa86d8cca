import { type LoadedSpec, type LoadOptions, loadSpec } from '../../src/spec/load.ts'
import type { SpecSource } from '../../src/spec/source.ts'
import type { Spec } from '../../src/spec/spec.ts'

/** Files by path, as a source. */
export function memorySource(files: Readonly<Record<string, string | Uint8Array>>): SpecSource {
  return {
    async *list() {
      for (const [path, content] of Object.entries(files)) {
        yield { path, type: 'file', read: async () => Buffer.from(content) }
      }
    },
  }
}

/** Loads files from memory. */
export function load(files: Readonly<Record<string, string | Uint8Array>>, options?: LoadOptions): Promise<LoadedSpec> {
  return loadSpec(memorySource(files), options)
}

/** The problems of some files as lines, the way `mailkeel validate` begins them. */
export async function problemsOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string[]> {
  const loaded = await load(files)
  return loaded.ok
    ? []
    : loaded.problems.map((problem) => `${problem.file}:${problem.line}:${problem.column} ${problem.message}`)
}

/** The spec of files that have no problems. */
export async function specOf(files: Readonly<Record<string, string>>): Promise<Spec> {
  const loaded = await load(files)
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => problem.message).join('\n'))
  return loaded.spec
}

/** An Organization document. */
export function organization(name = 'sales', fields = ''): string {
  return `apiVersion: mailkeel/v1
kind: Organization
metadata: { name: ${name} }
spec:
  uniqueName: ${name}
  environment: Production
${fields}`
}

/** An EmailServerProfile document; fields are indented by two. */
export function profile(fields = '', name = 'exchange-online', serverType = 'ExchangeOnlineHybrid'): string {
  return `apiVersion: mailkeel/v1
kind: EmailServerProfile
metadata: { name: ${name} }
spec:
  displayName: ${name} profile
  serverType: ${serverType}
${fields}`
}

/** A MailboxSet document; fields are indented by two and begin in line 5. */
export function set(fields: string, name = 'everyone'): string {
  return `apiVersion: mailkeel/v1
kind: MailboxSet
metadata: { name: ${name} }
spec:
${fields}`
}
