import type { Documents } from './generated/types.ts'

/** Version of the file formats that this mailkeel reads. */
export const API_VERSION = 'mailkeel/v1'

/** Every kind of document, in the order in which people meet them. */
export const KINDS = [
  'Tenant',
  'Deployment',
  'Organization',
  'EmailServerProfile',
  'EmailSettings',
  'MailboxSet',
  'Override',
  'Configuration',
] as const satisfies readonly (keyof Documents)[]

export type Kind = (typeof KINDS)[number]

/** Kinds that belong into git: all but the runtime configuration. */
export type SpecKind = Exclude<Kind, 'Configuration'>

/** Kinds that belong to one organization. */
export const ORGANIZATION_KINDS = ['EmailServerProfile', 'EmailSettings', 'MailboxSet', 'Override'] as const

export type OrganizationKind = (typeof ORGANIZATION_KINDS)[number]

/** Tells whether a text names a kind. */
export function isKind(text: unknown): text is Kind {
  return KINDS.includes(text as Kind)
}

/** File of a kind's schema and, with another ending, of its validator: `MailboxSet` is in `mailbox-set`. */
export function kindFile(kind: Kind): string {
  return kind.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase()
}
