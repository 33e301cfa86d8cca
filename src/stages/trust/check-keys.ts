import type { Key } from '../../engine/index.ts'

/** What is checked of a trust. A stage that would fail without names the check among what it needs. */
export type CheckName =
  /** The certificate file of a deployment. */
  | 'certificate'
  /** A server answers. */
  | 'server'
  | 'powershell'
  | 'administrator'
  | 'services'
  | 'clock'
  | 'key-spec'
  /** The deployment tools answer. */
  | 'deployment'
  | 'issuer'
  /** Sign-in and identity of a tenant. */
  | 'tenant'
  | 'roles'
  | 'principal'
  | 'attestation'
  | 'support'

/** Key of a check of something that has this key or name. */
export function checkKey(check: CheckName, of: Key): Key {
  return `${check}/${of}`
}
