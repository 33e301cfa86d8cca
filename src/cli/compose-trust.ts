// The trusts of a run: their clients put together, and what organizations see of them. Loaded only where a configuration says how to reach
// any part of a trust, because what it needs is heavy.
import type { OrganizationClient } from '../crm/index.ts'
import type { HttpClient } from '../network/http.ts'
import type { OrganizationScope, ViewedTrust } from '../reconcile/contract.ts'
import type { DesiredOrganization, DesiredTrust } from '../spec/desired.ts'
import type { ComposeInput } from './compose.ts'
import type { NeededSecret } from './secrets.ts'

/** What trusts are put together with. */
export interface ComposeTrustInput extends ComposeInput {
  readonly http: HttpClient
  /** Of every organization that can be reached, by metadata.name. */
  readonly clients: ReadonlyMap<string, OrganizationClient>
}

/** Trusts with their connections. */
export interface ComposedTrusts {
  readonly scopes: readonly ViewedTrust[]
  /** Readers of an organization that know what its tenant tells of its mailboxes, where that may be asked. */
  surroundings(desired: DesiredOrganization, newReader: OrganizationScope['newReader']): OrganizationScope['newReader']
  close(): Promise<void>
}

/** The secrets that these trusts need. */
export function trustSecrets(_trusts: readonly DesiredTrust[], _input: ComposeInput): readonly NeededSecret[] {
  return []
}

/** What the HTTP client must be allowed to speak to for these trusts. */
export function trustOrigins(_trusts: readonly DesiredTrust[], _input: ComposeInput): readonly string[] {
  return []
}

/** Puts trusts together. Throws UsageError where an identity cannot be used. */
export async function composeTrusts(
  _trusts: readonly DesiredTrust[],
  _input: ComposeTrustInput,
): Promise<ComposedTrusts> {
  return { scopes: [], surroundings: (_desired, newReader) => newReader, close: async () => {} }
}
