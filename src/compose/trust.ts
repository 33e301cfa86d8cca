// The trusts of a run: their clients put together, and what organizations see of them. Loaded only where a configuration says how to reach
// any part of a trust, because what it needs is heavy.
import type { OrganizationClient } from '../crm/index.ts'
import type { HttpClient } from '../network/http.ts'
import type { OrganizationScope, TrustSeen, ViewedTrust } from '../reconcile/contract.ts'
import { surroundedBy } from '../reconcile/surroundings.ts'
import { tenantEndpoint } from '../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredTrust } from '../spec/desired.ts'
import { trustStages } from '../stages/index.ts'
import { testStateOf } from '../stages/testing/test-state.ts'
import { firstConnectionNotes } from '../stages/trust/first-connection.ts'
import { runwayDatesOf } from '../stages/trust/runway-dates.ts'
import { trustViewOf } from '../stages/trust/view.ts'
import type { TrustReader } from '../trust/contract.ts'
import { proofOf } from '../trust/proof.ts'
import { createTrustReader, createTrustWriter, type TrustClients } from '../trust/reader.ts'
import type { KnownEnds } from '../trust/runway.ts'
import { type Carried, openCarried } from './carried.ts'
import { certificatesOf } from './certificates.ts'
import { type ComposeInput, trustScopeOf } from './compose.ts'
import { composeDeployment } from './deployment.ts'
import { composeTenant } from './tenant.ts'

export { trustOrigins } from './tenant.ts'
export { trustSecrets } from './trust-secrets.ts'

/** What trusts are put together with. */
export interface ComposeTrustInput extends ComposeInput {
  readonly http: HttpClient
  /** Of every organization that can be reached, by metadata.name. */
  readonly clients: ReadonlyMap<string, OrganizationClient>
}

/** What deployments are put together with. */
export interface ComposeDeploymentInput extends ComposeTrustInput {
  readonly carried?: Carried
}

/** Trusts with their connections. */
export interface ComposedTrusts {
  readonly scopes: readonly ViewedTrust[]
  readonly carried?: Carried
  /** Makes readers of an organization that can ask whether addresses have a mailbox in Exchange Online, where the configuration lets them. */
  surround(desired: DesiredOrganization, newReader: OrganizationScope['newReader']): OrganizationScope['newReader']
  close(): Promise<void>
}

/** Puts trusts together. Throws UsageError where an identity cannot be used. */
export async function composeTrusts(
  trusts: readonly DesiredTrust[],
  input: ComposeTrustInput,
): Promise<ComposedTrusts> {
  const carried = await openCarried(trusts, input)
  const opened = { ...input, ...(carried ? { carried } : {}) }
  const connected = await Promise.all(trusts.map((trust) => connect(trust, opened)))
  const stages = trustStages()
  const tenants = new Map(connected.flatMap(({ clients }) => [...clients.tenants]))
  return {
    ...(carried ? { carried } : {}),
    scopes: connected.map(({ desired, clients }): ViewedTrust => {
      const scope = {
        scope: trustScopeOf(desired.name),
        desired,
        newReader: (previous?: TrustReader) => createTrustReader(clients, previous),
        stages,
        viewOf: trustViewOf,
        endsOf,
        notesOf: firstConnectionNotes,
      }
      return input.writing ? { ...scope, writer: createTrustWriter(clients) } : scope
    }),
    surround({ tenant = '' }, newReader) {
      const client = tenantEndpoint(input.configuration, tenant)?.preflight === true ? tenants.get(tenant) : undefined
      if (!client) return newReader
      const mailboxesInExchange: ReturnType<typeof newReader>['mailboxesInExchange'] = (addresses, signal) =>
        client.reader().mailboxes(addresses, signal)
      return surroundedBy(newReader, { mailboxesInExchange })
    },
    async close() {
      await Promise.all(connected.flatMap(({ deployments }) => deployments.map((one) => one.close())))
    },
  }
}

/** The clients of one trust: what the configuration does not say how to reach has none. */
async function connect(desired: DesiredTrust, input: ComposeDeploymentInput) {
  const tenants = await Promise.all(
    [...desired.tenants.values()].map(async (tenant) => [tenant.name, await composeTenant(tenant, input)] as const),
  )
  const deployments = [...desired.deployments.keys()].map((name) => [name, composeDeployment(name, input)] as const)
  const clients: TrustClients = {
    tenants: onlyReached(tenants),
    deployments: onlyReached(deployments),
    certificates: certificatesOf(desired, input),
    proof: async (organization, signal) => {
      const client = input.clients.get(organization)
      return client && proofOf(client.reader(), passedOn, signal)
    },
  }
  return { desired, clients, deployments: [...onlyReached(deployments).values()] }
}

function endsOf({ reads, desired, organization }: TrustSeen): KnownEnds {
  const { tenant = '', deployment = '' } = desired.organizations.get(organization) ?? {}
  const { attestations, ...dates } = runwayDatesOf(reads, desired, organization)
  const warnBeforeMs = desired.deployments.get(deployment)?.certificate?.warnBeforeMs
  return {
    ...dates,
    ...(desired.tenants.has(tenant) ? { attestations } : {}),
    ...(warnBeforeMs === undefined ? {} : { warnBeforeMs }),
  }
}

const passedOn: Parameters<typeof proofOf>[1] = (mailbox) => {
  const state = testStateOf(mailbox)
  return state.name === 'Passed' ? state.endedOn : undefined
}

function onlyReached<T>(all: readonly (readonly [string, T | undefined])[]): ReadonlyMap<string, T> {
  return new Map(all.flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const])))
}
