import type { Kind } from './kinds.ts'

/** One finding of a compiled validator. */
export interface SchemaError {
  /** JSON pointer to the value. */
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

interface Validator {
  (value: unknown): boolean
  errors?: SchemaError[] | null
}

/** One module per kind, so that a run loads what its documents need. */
const VALIDATORS: { readonly [K in Kind]: () => Promise<{ readonly validate: Validator }> } = {
  Tenant: () => import('./generated/tenant.js'),
  Deployment: () => import('./generated/deployment.js'),
  Organization: () => import('./generated/organization.js'),
  EmailServerProfile: () => import('./generated/email-server-profile.js'),
  EmailSettings: () => import('./generated/email-settings.js'),
  MailboxSet: () => import('./generated/mailbox-set.js'),
  Override: () => import('./generated/override.js'),
  Configuration: () => import('./generated/configuration.js'),
}

/**
 * Checks a value against the schema of a kind; no findings means it is one. Fills in the defaults of Tenant, Deployment,
 * Organization and Configuration; for the other kinds absent means "not managed", so nothing is filled in.
 */
export async function validateDocument(kind: Kind, value: unknown): Promise<readonly SchemaError[]> {
  const { validate } = await VALIDATORS[kind]()
  return validate(value) ? [] : (validate.errors ?? [])
}
