// The client of the Dynamics 365 CRM Web API. Option numbers, column names and navigation properties end in this folder.
export { type Authenticator, bearer, none } from './authentication.ts'
export { createOrganizationClient, type OrganizationClientOptions } from './client.ts'
export type { CrmEvent, OnEvent } from './events.ts'
export {
  CrmError,
  type CrmFailure,
  type MailboxPatch,
  type OrganizationClient,
  type OrganizationPatch,
  type OrganizationReader,
  type OrganizationWriter,
  type Probe,
  type ProfilePatch,
  type WriteOperation,
  type WriteResult,
} from './organization.ts'
export { isParked } from './read/values.ts'
export type * from './rows.ts'
