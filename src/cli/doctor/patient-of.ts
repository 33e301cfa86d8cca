import { httpClientTo } from '../../compose/connections.ts'
import { trustOrigins } from '../../compose/tenant.ts'
import type { Machine } from '../../machine.ts'
import type { HttpClient } from '../../network/http.ts'
import { organizationEndpoint, tenantEndpoint } from '../../spec/configuration/load.ts'
import { s2sValuesOf } from '../../stages/trust/s2s-values.ts'
import type { Prepared } from '../session.ts'
import type { Patient } from './patient.ts'

/** The patient of a run, and how to leave it. Nothing is sent here, and what is wrong with the network is told when it is used. */
export function patientOf(
  prepared: Prepared,
  machine: Machine,
  { withMetadata = false }: { readonly withMetadata?: boolean } = {},
): { readonly patient: Patient; close(): Promise<void> } {
  const { configuration, organizations, trusts, stateDirectory, overrides } = prepared
  let http: Promise<HttpClient> | undefined
  const open = async () => {
    const urls = organizations.flatMap(({ name }) => organizationEndpoint(configuration, name)?.url ?? [])
    const origins = urls.map((url) => new URL(url).origin)
    const ofTrusts = trustOrigins(trusts, { configuration, organizations, trusts, machine, writing: false })
    const metadata = withMetadata ? metadataOrigins(prepared) : []
    return httpClientTo([...origins, ...ofTrusts, ...metadata], { configuration, machine })
  }
  return {
    patient: {
      configuration,
      organizations,
      trusts,
      stateDirectory,
      overrides,
      machine,
      http() {
        http ??= open().catch((cause: unknown) => {
          throw new NetworkUnusable(cause)
        })
        return http
      },
    },
    async close() {
      await (await http?.catch(() => undefined))?.close()
    },
  }
}

/** What is wrong with it has a finding of its own. */
class NetworkUnusable extends Error {
  readonly code = 'NetworkUnusable'

  constructor(cause: unknown) {
    super('not tried, because `network` of the configuration cannot be used; correct what is told of this machine', {
      cause,
    })
    this.name = 'NetworkUnusable'
  }
}

/** Where token issuers tell their metadata to everybody; a simulated tenant has no such address. */
function metadataOrigins({ trusts, configuration }: Pick<Prepared, 'trusts' | 'configuration'>): readonly string[] {
  return trusts.flatMap(({ tenants }) =>
    [...tenants.values()].flatMap(({ name, cloud }) => {
      const endpoint = tenantEndpoint(configuration, name)
      const values = endpoint?.endpoints === undefined ? s2sValuesOf(cloud) : undefined
      return endpoint && values ? [new URL(values.metadataUrl).origin] : []
    }),
  )
}
