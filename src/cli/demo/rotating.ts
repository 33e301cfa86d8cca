// The second half of the story: the certificate ends one day, and another one follows without anybody noticing.
import { EXIT } from '../exit-codes.ts'
import type { Lab } from './lab.ts'
import { failedSince, failingAddresses, sha256Of, wrongInTenant } from './looks.ts'
import { nothingLeft, toMake } from './steps.ts'
import type { Step, Teller } from './story.ts'
import { KEEP_PREVIOUS_SECONDS, TRUST_FILE } from './trust-files.ts'

/** How a certificate is renewed. */
export function rotating(teller: Teller, lab: Lab): readonly Step[] {
  const { simulator } = lab
  const { first, next } = lab.certificates
  let begun = teller.now()
  let failing: readonly string[] = []
  /** Nobody who worked before may have noticed. */
  const noticed = () =>
    failedSince(simulator, begun)
      .filter((address) => !failing.includes(address))
      .map((address) => `a test of ${address} failed meanwhile`)
  return [
    {
      before: 'One day a certificate ends, or nobody knows any more who has its key. There is a new one:',
      words: toMake(next),
      expected: EXIT.inSync,
      after: async () => {
        const reviewed = await lab.certificate(next)
        const before = await lab.use([first, next], reviewed)
        teller.say(
          `The whole change that people review is this, in ${TRUST_FILE}:\n\n${changedLines(before, await lab.trustFile())}`,
        )
        return []
      },
    },
    {
      before: 'What follows from it?',
      words: ['plan'],
      expected: EXIT.changes,
    },
    {
      before:
        'Apply, and let somebody add a key to the same service principal right before we write it. Afterwards a few mailboxes prove\n' +
        'that the new certificate works.',
      first: () => {
        begun = teller.now()
        failing = failingAddresses(simulator)
        others(lab)
      },
      words: ['apply', '--yes', '--wait', '120s'],
      expected: EXIT.partly,
      after: noticed,
    },
    {
      before: `The previous credential stays for ${KEEP_PREVIOUS_SECONDS} seconds here, for three days in real life, so that there is a way back. Then it goes.`,
      first: () => teller.pause(KEEP_PREVIOUS_SECONDS * 1000),
      words: ['apply', '--yes', '--wait', '60s'],
      expected: EXIT.partly,
      after: async () => {
        const wrong = [...wrongInTenant(lab, [(await lab.certificate(next)).sha256]), ...noticed()]
        if (wrong.length === 0) teller.say(theEnd(lab))
        return wrong
      },
    },
    nothingLeft(teller, lab, 'And now?'),
  ]
}

/** Somebody else works in the tenant at the worst moment. */
function others({ simulator: { trust }, foreign }: Lab): void {
  trust.entra.foreign.before({ method: 'GET', path: 'servicePrincipals', operation: 'part' }, () => {
    foreign.certificates.push(sha256Of(trust.entra.foreign.addKey({ displayName: 'CN=payroll' }).key))
    trust.entra.foreign.addName('https://payroll.contoso.com')
    foreign.names.push('https://payroll.contoso.com')
  })
}

function theEnd({ foreign }: Lab): string {
  return `Entra ID knows CRM by the new certificate only. All ${foreign.certificates.length} keys and ${foreign.names.length} names of others are still there, the key that came at the
worst moment among them. No test of a mailbox that worked has failed on the way; the others fail for reasons of their own, as before.`
}

/** Lines that differ, as a diff shows them, with the line of context above. */
function changedLines(before = '', after: string): string {
  const [from, to] = [before.split('\n'), after.split('\n')]
  const changed = to.flatMap((line, index) => (line === from[index] ? [] : [index]))
  const at = changed[0] ?? 0
  const lines = [
    `   ${to[at - 1] ?? ''}`,
    ...changed.map((index) => `  -${from[index] ?? ''}`),
    ...changed.map((index) => `  +${to[index] ?? ''}`),
  ]
  return lines.join('\n')
}
