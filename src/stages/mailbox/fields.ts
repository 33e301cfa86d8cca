import type { IncomingMethod, OutgoingMethod, SynchronizationMethod } from '../../crm/rows.ts'
import type { Effect, FieldRule, FieldValue, Phrase } from '../../engine/index.ts'
import { METHOD_WORDS } from '../mailboxes/method-words.ts'
import { RETEST_WORDS, type RetestReason } from '../testing/retest.ts'
import { retestReasonOf, satisfiesTest, tookEffect } from './test-due.ts'

/** A mailbox in comparable form. A field is absent where it is not known yet: in a mailbox that an earlier change creates. */
export type MailboxFields = {
  /** The profile as people call it, see `ProfileDirectory`; null for none. */
  readonly profile?: string | null
  readonly incoming?: IncomingMethod
  readonly outgoing?: OutgoingMethod
  readonly appointmentsContactsTasks?: SynchronizationMethod
  readonly primarySync?: boolean
  /** A day: the column holds no time. */
  readonly processEmailFrom?: string | null
  readonly processAndDelete?: boolean
  /** See `TestSummary` and `WishedTest`. */
  readonly test?: string
}

const TESTED: Phrase = { group: 'test', one: 'is tested', many: 'are tested' }

type MailboxRules = { readonly [K in keyof Required<MailboxFields>]: FieldRule<Required<MailboxFields>[K]> }

/** How each field of a mailbox is compared and told. */
export const MAILBOX_RULES: MailboxRules = {
  profile: profileRule(),
  incoming: methodRule({
    ServerSideSync: ['receives by server-side synchronization', 'receive by server-side synchronization'],
    ForwardMailbox: ['receives through a forward mailbox', 'receive through a forward mailbox'],
    Outlook: ['receives through Outlook', 'receive through Outlook'],
    None: ['stops receiving e-mail', 'stop receiving e-mail'],
    Never: ['receives no e-mail', 'receive no e-mail'],
  }),
  outgoing: methodRule({
    ServerSideSync: ['sends by server-side synchronization', 'send by server-side synchronization'],
    Outlook: ['sends through Outlook', 'send through Outlook'],
    None: ['stops sending e-mail', 'stop sending e-mail'],
    Never: ['sends no e-mail', 'send no e-mail'],
  }),
  appointmentsContactsTasks: methodRule({
    ServerSideSync: [
      'synchronizes appointments, contacts and tasks on the server',
      'synchronize appointments, contacts and tasks on the server',
    ],
    Outlook: [
      'synchronizes appointments, contacts and tasks through Outlook',
      'synchronize appointments, contacts and tasks through Outlook',
    ],
    None: [
      'stops synchronizing appointments, contacts and tasks',
      'stop synchronizing appointments, contacts and tasks',
    ],
    Never: ['synchronizes no appointments, contacts and tasks', 'synchronize no appointments, contacts and tasks'],
  }),
  primarySync: claimRule(),
  processEmailFrom: {
    keepsProof: true,
    effect: () => 'adjust',
    words: (from, to) => startOfMail(from, to),
  },
  processAndDelete: {
    keepsProof: true,
    effect: (_from, to) => (to ? 'delete-mail' : 'adjust'),
    words: (_from, to) =>
      to
        ? phrase('delete', 'deletes e-mail in Exchange once CRM has it', 'delete e-mail in Exchange once CRM has it')
        : phrase('adjust', 'keeps e-mail in Exchange', 'keep e-mail in Exchange'),
  },
  test: {
    volatile: true,
    satisfied: satisfiesTest,
    effective: (_to, before, after) => tookEffect(before, after),
    effect: () => 'test',
    words: (_from, to) => testedWords(to),
  },
}

function testedWords(wished: string): Phrase {
  const reason = retestReasonOf(wished)
  const why = reason === undefined ? undefined : RETEST_WORDS[reason as RetestReason]
  return why === undefined ? TESTED : phrase('test', `is tested again: ${why}`, `are tested again: ${why}`)
}

function phrase(group: string, one: string, many: string): Phrase {
  return { group, one, many }
}

function profileRule(): FieldRule<string | null> {
  return {
    effect: (from, to) => (to === null ? 'stop' : (from ?? null) === null ? 'start' : 'move'),
    words(from, to) {
      if (to === null) return phrase('stop', `leaves the profile "${from}"`, `leave the profile "${from}"`)
      if ((from ?? null) === null) return phrase('start', `gets the profile "${to}"`, `get the profile "${to}"`)
      return phrase('move', `goes from "${from}" to "${to}"`, `go from "${from}" to "${to}"`)
    },
  }
}

/** How each method is told, for one and for many; `Never`: a new mailbox that begins without. */
type MethodWords = Readonly<Record<string, Told>> & { readonly Never: Told }
type Told = readonly [one: string, many: string]

/** Methods that the server itself works with. */
export const WORKS_ON_SERVER: ReadonlySet<FieldValue> = new Set(['ServerSideSync', 'ForwardMailbox'])

function methodRule(told: MethodWords): FieldRule<never> & FieldRule<IncomingMethod> {
  return {
    effect: methodEffect,
    words(from, to) {
      if (to === 'None' && from === undefined) return phrase('adjust', ...told.Never)
      const [one, many] = told[to] ?? [`changes to ${to}`, `change to ${to}`]
      const effect = methodEffect(from, to)
      const instead = effect === 'adjust' && from ? ` instead of ${METHOD_WORDS[from] ?? from}` : ''
      return phrase(effect, one + instead, many + instead)
    },
  }
}

/** Starting is what begins to work on the server, stopping is what works nowhere afterwards; a mailbox that is not there yet stops nothing. */
function methodEffect(from: string | undefined, to: string): Effect {
  if (to === 'None') return from === undefined ? 'adjust' : 'stop'
  const fromNothing = from === undefined || from === 'None'
  return fromNothing && WORKS_ON_SERVER.has(to) ? 'start' : 'adjust'
}

function claimRule(): FieldRule<boolean> {
  return {
    effect: (_from, to) => (to ? 'claim' : 'release'),
    words: (_from, to) =>
      to
        ? phrase(
            'claim',
            'is claimed: appointments, contacts and tasks synchronize with this organization only',
            'are claimed: appointments, contacts and tasks synchronize with this organization only',
          )
        : phrase('release', 'is no longer claimed by this organization', 'are no longer claimed by this organization'),
  }
}

function startOfMail(from: string | null | undefined, to: string | null): Phrase {
  if (to === null) return phrase('adjust', 'reads e-mail of any age', 'read e-mail of any age')
  const back = from && to < from ? `, which is further back than ${from}` : ''
  return phrase('adjust', `reads e-mail received since ${to}${back}`, `read e-mail received since ${to}${back}`)
}
