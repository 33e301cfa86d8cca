// The client of Entra ID and Microsoft Graph. Tokens, addresses and the directory's own words end in this folder.
export { createTenantClient, type TenantClient, type TenantClientOptions } from './client.ts'
export { type Cloud, endpointsOf, type LoopbackEndpoints, type TenantEndpoints } from './clouds.ts'
export type { Credential } from './credential.ts'
export {
  createPeopleSignIn,
  newSignInAttempt,
  type PeopleSignIn,
  type PeopleSignInOptions,
  type Person,
  type SignInAttempt,
} from './sign-in.ts'
export {
  EntraError,
  type EntraFault,
  type KeyChange,
  type KeyCredential,
  type MailboxFact,
  type NewKey,
  type OwnAccess,
  type ServicePrincipal,
  type TenantFacts,
  type TenantReader,
  type TenantWriter,
} from './tenant.ts'
export { createTokenSource, type Token, type TokenSource, type TokenSourceOptions } from './token.ts'
