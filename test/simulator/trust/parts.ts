// A deployment and a tenant that fit together, to be spoilt one thing at a time.

import { CRM_APP_ID } from '../../../src/simulator/entra/index.ts'
import { connect, makeDeploymentCertificate, seedDeployment } from '../../../src/simulator/servers/index.ts'
import type { SimulatedDeployment, SimulatedTenant } from '../../../src/simulator/trust/model.ts'
import type { TrustParts } from '../../../src/simulator/trust/trust-problem.ts'

export const NOW_MS = Date.parse('2026-11-23T08:00:00Z')
export const TENANT_ID = 'b0000000-0000-4000-8000-00000000000b'
export const MADE = makeDeploymentCertificate(NOW_MS)
export const NEXT = makeDeploymentCertificate(NOW_MS, 'crm-s2s-2027')
export const TWIN = makeDeploymentCertificate(NOW_MS)

export function tenantOf(): SimulatedTenant {
  const principal = {
    id: 'p',
    appId: CRM_APP_ID,
    displayName: 'CRM',
    names: [CRM_APP_ID.toUpperCase()],
    keys: [],
  }
  return {
    tenantId: TENANT_ID,
    displayName: 'Contoso',
    domains: [],
    cloud: 'Global',
    applications: new Map(),
    principals: new Map([[CRM_APP_ID, principal]]),
    users: new Map(),
    exchange: { hybridConnector: true, supportEnabled: true, ewsEnabled: true, allowedAppIds: [CRM_APP_ID] },
  }
}

export interface Fitting extends TrustParts {
  readonly tenant: SimulatedTenant
  readonly deployment: SimulatedDeployment
}

/** All of it fits together. */
export function fitting(): Fitting {
  const organizations = [{ id: 'a', uniqueName: 'Contoso' }]
  const deployment = seedDeployment({ nowMs: NOW_MS, organizations })
  const tenant = tenantOf()
  connect(deployment, tenant, MADE, NOW_MS)
  return { tenant, deployment, organization: 'contoso', nowMs: NOW_MS }
}
