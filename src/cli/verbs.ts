import type { VerbName } from './exit-codes.ts'
import type { Verb } from './verb.ts'

/** A verb by name, and how to load it. Loading one verb loads no other. */
export interface VerbEntry {
  readonly name: VerbName
  readonly summary: string
  load(): Promise<Verb>
}

/** All verbs, in the order help lists them. */
export const VERBS: readonly VerbEntry[] = [
  entry('init', 'write a first spec and configuration', async () => (await import('./verbs/init.ts')).init),
  entry(
    'validate',
    'check the spec without touching anything',
    async () => (await import('./verbs/validate.ts')).validate,
  ),
  entry('plan', 'show what would change, and why', async () => (await import('./verbs/plan.ts')).plan),
  entry('apply', 'bring the organizations to the spec', async () => (await import('./verbs/apply.ts')).apply),
  entry(
    'run',
    'stay running: follow the spec, keep everything as it says, report',
    async () => (await import('./verbs/run.ts')).run,
  ),
  entry('status', 'show what works, what fails and why', async () => (await import('./verbs/status.ts')).status),
  entry(
    'suspend',
    'write into the spec that mailboxes are not written for a while',
    async () => (await import('./verbs/suspend.ts')).suspend,
  ),
  entry(
    'resume',
    'take a suspension, or the pause of a rollout, out of the spec',
    async () => (await import('./verbs/resume.ts')).resume,
  ),
  entry(
    'explain',
    'say why something does not work, and what to do',
    async () => (await import('./verbs/explain.ts')).explain,
  ),
  entry(
    'test',
    'ask CRM to test mailboxes now, and change nothing else',
    async () => (await import('./verbs/test.ts')).test,
  ),
  entry(
    'history',
    'show what mailkeel did, from its journal',
    async () => (await import('./verbs/history.ts')).history,
  ),
  entry(
    'doctor',
    'check every connection, right and secret, and say exactly what is missing',
    async () => (await import('./verbs/doctor.ts')).doctor,
  ),
  entry(
    'cert',
    'inspect the certificate CRM signs in with, or create one for evaluation',
    async () => (await import('./verbs/cert.ts')).cert,
  ),
  entry('schema', 'print the JSON Schema of a kind', async () => (await import('./verbs/schema.ts')).schema),
  entry(
    'simulate',
    'run a simulated CRM organization to practise on',
    async () => (await import('./verbs/simulate.ts')).simulate,
  ),
  entry('demo', 'watch the whole thing work against the simulator', async () => (await import('./verbs/demo.ts')).demo),
  entry(
    'completion',
    'print a completion script for a shell',
    async () => (await import('./verbs/completion.ts')).completion,
  ),
  entry('version', 'print the version', async () => (await import('./verbs/version.ts')).version),
]

function entry(name: VerbName, summary: string, load: () => Promise<Verb>): VerbEntry {
  return { name, summary, load }
}

/** Loads every verb, for completion and the reference. */
export async function loadVerbs(): Promise<readonly Verb[]> {
  return await Promise.all(VERBS.map(({ load }) => load()))
}
