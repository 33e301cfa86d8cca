// Steps that both halves of the story take.
import { EXIT } from '../exit-codes.ts'
import type { Lab } from './lab.ts'
import { trafficOf } from './looks.ts'
import type { Step, Teller } from './story.ts'
import { PFX_PASSWORD_FILE, pfxFile } from './trust-files.ts'

/** The command that makes a certificate. */
export function toMake(name: string): readonly string[] {
  const out = pfxFile({ name })
  return ['cert', 'create', '--subject', `CN=${name}`, '--out', out, '--password-file', PFX_PASSWORD_FILE]
}

/** Plans once more, and counts what that asked and wrote. */
export function nothingLeft({ say }: Teller, { simulator }: Lab, before: string): Step {
  let earlier = { requests: 0, writes: 0 }
  return {
    before,
    first: () => {
      earlier = trafficOf(simulator)
    },
    words: ['plan'],
    expected: EXIT.inSync,
    after: () => {
      const { requests, writes } = trafficOf(simulator)
      say(
        `Nothing to do: exit code 0, ${requests - earlier.requests} requests to CRM, Entra ID and the servers, ${writes - earlier.writes} writes.`,
      )
      return writes === earlier.writes ? [] : ['a plan wrote something']
    },
  }
}

/** Tells what the journal says of guards, and which of them it misses. */
export async function whoAllowed({ allowed, say }: Teller, guards: readonly string[]): Promise<readonly string[]> {
  const records = await allowed()
  const found = guards.flatMap((guard) => records.find((record) => record.guard === guard) ?? [])
  say(['The journal says:', ...found.map(({ at, by, guard }) => `  ${at}  ${by} allowed ${guard}`)].join('\n'))
  const missing = guards.filter((guard) => !records.some((record) => record.guard === guard))
  return missing.map((guard) => `the journal does not record who allowed ${guard}`)
}
