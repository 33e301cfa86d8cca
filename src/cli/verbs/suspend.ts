import { UsageError } from '../../compose/usage-error.ts'
import { CONFIG, ORGANIZATION, SPEC } from '../flags.ts'
import { DRY_RUN } from '../spec-edit.ts'
import { type Invocation, textOf, type Verb } from '../verb.ts'

const LONGEST = { reason: 500, owner: 200 }

/** `mailkeel suspend` */
export const suspend: Verb = {
  name: 'suspend',
  summary: 'write into the spec that mailboxes are not written for a while',
  argument: { syntax: '<name>', describe: 'an address, a set or an organization of the spec' },
  flags: [
    { syntax: '--reason <text>', describe: 'why, for the people who read the report' },
    { syntax: '--until <end>', describe: 'a day (2026-12-01), a time (2026-12-01T06:00:00Z), or from now on: 8h, 3d' },
    { syntax: '--owner <name>', describe: 'whom to ask (who runs this)' },
    CONFIG,
    SPEC,
    ORGANIZATION,
    DRY_RUN,
  ],
  examples: [
    {
      command: 'mailkeel suspend ann@contoso.com --reason "moves house" --until 3d',
      does: 'one mailbox for three days',
    },
    {
      command: 'mailkeel suspend sales --reason "mail server is replaced" --until 2026-12-01 --owner mail-team',
      does: 'a set',
    },
  ],
  async run(invocation, machine) {
    const [{ editSpec }, { endOf }] = await Promise.all([import('../spec-edit.ts'), import('../until.ts')])
    const suspension = {
      owner: owner(textOf(invocation, 'owner') ?? (await machine.user())),
      reason: readable('reason', needed(invocation, 'reason')),
      until: endOf(needed(invocation, 'until'), machine.now()),
    }
    const { until, reason } = suspension
    return editSpec(invocation, machine, {
      asked: suspension,
      tell: ({ label }, as) => `${label} ${IS[as]} suspended until ${until} by ${suspension.owner}: ${reason}`,
    })
  },
}

const IS = { written: 'is', dry: 'would be', before: 'is already' }

function needed(invocation: Invocation, name: 'reason' | 'until'): string {
  const text = textOf(invocation, name)?.trim()
  if (text) return text
  throw new UsageError(`a suspension needs --${name}: whoever finds it must know ${KNOWS[name]}`)
}

const KNOWS = { reason: 'why it is there', until: 'when it ends' }

function owner(text: string): string {
  if (text.trim() === '') throw new UsageError('--owner is empty; name a person or a team')
  return readable('owner', text.trim())
}

/** What goes into a file that people review is readable there, on one line. */
function readable(name: 'reason' | 'owner', text: string): string {
  const odd = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}]/u.test(text)
  if (odd) throw new UsageError(`--${name} holds a character that cannot be seen; write it on one line of plain text`)
  if (text.length <= LONGEST[name]) return text
  throw new UsageError(`--${name} has ${text.length} characters; at most ${LONGEST[name]} fit`)
}
