import type { Effect, FieldRule, FieldValue, Phrase } from '../../engine/index.ts'
import { METHOD_WORDS } from '../mailboxes/method-words.ts'
import type { SettingsShape } from './shape.ts'

type SettingsRules = { readonly [K in keyof Required<SettingsShape>]: FieldRule<Required<SettingsShape>[K]> }

/** The label of the settings: a plural, so that every sentence has its verb in the plural. */
export const LABEL = 'e-mail settings'

/** How each field of the settings is weighed and told. */
export const SETTINGS_RULES: SettingsRules = {
  processEmailsUsing: {
    effect: (_from, to) => (to === 'EmailRouter' ? 'stop' : 'start'),
    words: (from, to) =>
      to === 'EmailRouter'
        ? phrase('stop', 'hand e-mail to the Email Router: server-side synchronization stops for every mailbox')
        : phrase(
            'start',
            `turn server-side synchronization on${from === 'EmailRouter' ? ' instead of the Email Router' : ''}`,
          ),
  },
  defaultProfile: {
    effect: () => 'default',
    words: (from, to) =>
      phrase(
        'default',
        `give new mailboxes the profile "${to ?? ''}"${insteadOf(from, quoted)}; existing ones keep theirs`,
      ),
  },
  incoming: methodRule('let new mailboxes receive', 'let new mailboxes receive nothing'),
  outgoing: methodRule('let new mailboxes send', 'let new mailboxes send nothing'),
  appointmentsContactsTasks: methodRule(
    'synchronize appointments, contacts and tasks of new mailboxes',
    'do not synchronize appointments, contacts and tasks of new mailboxes',
  ),
  'requireApproval.users': approvalRule('users'),
  'requireApproval.queues': approvalRule('queues'),
  'alerts.errors': toggle('generate alerts for errors', 'generate no alerts for errors'),
  'alerts.warnings': toggle('generate alerts for warnings', 'generate no alerts for warnings'),
  'alerts.information': toggle('generate alerts for information', 'generate no alerts for information'),
  notifyMailboxOwner: toggle(
    'tell mailbox owners about alerts of the profile too',
    'tell only the owner of the profile about its alerts',
  ),
  'tracking.correlation': toggle(
    'recognize answers by the headers of the e-mail',
    'do not recognize answers by the headers of the e-mail',
  ),
  'tracking.smartMatching': toggle(
    'compare subjects and recipients to recognize answers',
    'do not compare subjects and recipients',
  ),
  'tracking.internalEmail': toggle(
    'track e-mail between two users as two activities',
    'do not track e-mail between two users',
  ),
  'tracking.folderLevel': toggle('let users track by Exchange folders', 'do not let users track by Exchange folders'),
  'tracking.maximumFolderMappings': numberRule((to) => `let a user map at most ${to} folders`),
  'tracking.token.prefix': {
    effect: adjust,
    words: (from, to) => settings(`begin the tracking token with "${to ?? ''}"${insteadOf(from, quoted)}`),
  },
  'tracking.token.base': numberRule((to) => `begin the number of the tracking token with ${to}`),
  'tracking.token.digits': numberRule((to) => `give the user number of the tracking token ${to} digits`),
  'tracking.token.maximumNumber': numberRule((to) =>
    to === 0 ? 'use no tracking tokens' : `count tracking tokens up to ${to}`,
  ),
  secureIframe: toggle('show e-mail in a secure frame', 'show e-mail without a secure frame'),
  allowUnresolvedRecipients: toggle(
    'allow e-mail to recipients that are no record',
    'allow no e-mail to recipients that are no record',
  ),
  unresolveWhenSeveralMatch: toggle(
    'leave a recipient unresolved where several records match',
    'take one record where several match a recipient',
  ),
  resolveSimilarAddresses: toggle(
    'resolve similar recipients once one was resolved by hand',
    'do not resolve similar recipients by themselves',
  ),
  maximumAttachmentKilobytes: numberRule((to) => `allow attachments of at most ${to} KB`),
}

function adjust(): Effect {
  return 'adjust'
}

/** There is one such object: the plural of the sentence is the sentence. */
function phrase(group: string, one: string): Phrase {
  return { group, one, many: one }
}

/** A sentence of the group `settings`. */
export function settings(one: string): Phrase {
  return phrase('settings', one)
}

function toggle(on: string, off: string): FieldRule<boolean> {
  return { effect: adjust, words: (_from, to) => settings(to ? on : off) }
}

function numberRule(told: (to: FieldValue) => string): FieldRule<number | null> {
  return { effect: adjust, words: (from, to) => settings(`${told(to)}${insteadOf(from, String)}`) }
}

function insteadOf(from: FieldValue | undefined, tell: (value: FieldValue) => string): string {
  return from === undefined || from === null ? '' : ` instead of ${tell(from)}`
}

/** In quotation marks. */
export function quoted(value: FieldValue): string {
  return `"${String(value)}"`
}

function methodRule(verb: string, none: string): FieldRule<string | null> {
  return {
    effect: adjust,
    words(from, to) {
      const way = to === 'None' || to === null ? none : `${verb} ${methodInWords(to)}`
      return settings(`${way}${insteadOf(from, methodInWords)}; existing ones stay as they are`)
    },
  }
}

function methodInWords(method: FieldValue): string {
  return METHOD_WORDS[String(method)] ?? 'in a way this version does not know'
}

function approvalRule(whose: string): FieldRule<boolean> {
  return {
    effect: (_from, to) => (to ? 'adjust' : 'start'),
    words: (_from, to) =>
      settings(
        to
          ? `process e-mail of ${whose} only where the address is approved`
          : `process e-mail of ${whose} whether the address is approved or not`,
      ),
  }
}
