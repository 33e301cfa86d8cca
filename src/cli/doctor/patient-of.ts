import type { HttpClient } from '../../network/http.ts'
import { organizationEndpoint } from '../../spec/configuration/load.ts'
import { trustOrigins } from '../compose-tenant.ts'
import { httpClientTo } from '../connections.ts'
import type { Machine } from '../machine.ts'
import type { Prepared } from '../session.ts'
import type { Patient } from './patient.ts'

/** The patient of a run, and how to leave it. Nothing is sent here, and what is wrong with the network is told when it is used. */
export function patientOf(prepared: Prepared, machine: Machine): { readonly patient: Patient; close(): Promise<void> } {
  const { configuration, organizations, trusts, stateDirectory, overrides } = prepared
  let http: Promise<HttpClient> | undefined
  const open = async () => {
    const urls = organizations.flatMap(({ name }) => organizationEndpoint(configuration, name)?.url ?? [])
    const origins = urls.map((url) => new URL(url).origin)
    const ofTrusts = trustOrigins(trusts, { configuration, organizations, trusts, machine, writing: false })
    return httpClientTo([...origins, ...ofTrusts], { configuration, machine })
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
        http ??= open()
        return http
      },
    },
    async close() {
      await (await http?.catch(() => undefined))?.close()
    },
  }
}
