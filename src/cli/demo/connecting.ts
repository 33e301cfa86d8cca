// The first half of the story: from nothing to mailboxes that work.
import { EXIT } from '../exit-codes.ts'
import type { Lab } from './lab.ts'
import { failingAddresses, trafficOf, wrongInTenant } from './looks.ts'
import { nothingLeft, toMake, whoAllowed } from './steps.ts'
import type { Step, Teller } from './story.ts'
import { TRUST_FILE } from './trust-files.ts'

/** How a link is made. */
export function connecting(teller: Teller, lab: Lab): readonly Step[] {
  const { simulator } = lab
  const { first } = lab.certificates
  return [
    {
      before: 'First CRM needs a certificate to sign in with. In real life somebody issues one; a lab makes its own.',
      words: toMake(first),
      expected: EXIT.inSync,
      after: async () => {
        await lab.use([first], await lab.certificate(first))
        teller.say(
          `Both are in the files now: mailkeel.yaml says where it is, and ${TRUST_FILE}, which people review, says which one it is.`,
        )
        return []
      },
    },
    {
      before:
        'The spec says how it should be: tenant, servers, one profile, one set per team, the queues. Is it valid?',
      words: ['validate'],
      expected: EXIT.inSync,
    },
    {
      before: 'What would change? Planning only reads.',
      words: ['plan'],
      expected: EXIT.override,
      after: () => {
        teller.say(GUARDS)
        return wroteNothing(lab)
      },
    },
    {
      before: 'What if somebody passes the second one and not the first?',
      words: ['apply', '--yes', '--allow', 'change'],
      expected: EXIT.override,
      after: () => {
        teller.say(NOT_BEFORE)
        return wroteNoTrust(lab)
      },
    },
    {
      before:
        'Now both by name. One command takes the whole road, and waits until every mailbox has been tested (here a hundred times\n' +
        'faster than in real life).',
      words: ['apply', '--yes', '--allow', 'tenant-id', '--allow', 'change', '--wait', '120s'],
      expected: EXIT.partly,
      after: async () => [
        ...(await whoAllowed(teller, ['tenant-id', 'change'])),
        ...wrongInTenant(lab, [(await lab.certificate(first)).sha256]),
      ],
    },
    {
      before: 'Exit code 6: everything was applied, but some mailboxes do not work. Which, and why?',
      words: ['status'],
      expected: EXIT.partly,
      after: () => (failingAddresses(simulator).length > 0 ? [] : ['no mailbox failed its test, though some should']),
    },
    {
      before: 'These need a person, in Exchange or in the spec. One of them, link by link:',
      words: () => ['explain', failingAddresses(simulator)[0] ?? ''],
      expected: EXIT.partly,
    },
    nothingLeft(teller, lab, 'For mailkeel there is nothing left to do. Is that so?'),
  ]
}

const GUARDS = `The plan is fine, and two guards ask a person (exit code 3). "tenant-id": a wrong tenant id shows only when mail stops, so
people look at it. "change": so many mailboxes at once, and a slip in a set would look the same.`

const NOT_BEFORE = `The trust stays as it is, and no mailbox is started or tested before it works. What does not depend on it is done: the profile
and the approvals.`

function wroteNothing({ simulator }: Lab): readonly string[] {
  return trafficOf(simulator).writes === 0 ? [] : ['planning wrote something']
}

function wroteNoTrust({ simulator }: Lab): readonly string[] {
  const { writes } = trafficOf(simulator)
  const isTested = Object.values(simulator.world.tests()).some((count) => count > 0)
  return [
    ...(writes > simulator.requests().writes ? ['the trust was written although nobody allowed it'] : []),
    ...(isTested ? ['mailboxes are tested although the trust does not work'] : []),
  ]
}
