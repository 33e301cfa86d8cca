import type { SimulatedTenant } from '../trust/model.ts'

/** Application ids that Microsoft gives in every tenant. */
export const CRM_APP_ID = '00000007-0000-0000-c000-000000000000'
export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000'
export const EXCHANGE_APP_ID = '00000002-0000-0ff1-ce00-000000000000'
export const SHAREPOINT_APP_ID = '00000003-0000-0ff1-ce00-000000000000'
export const ACS_APP_ID = '00000001-0000-0000-c000-000000000000'

/** Where a cloud signs in, and where its Graph is. */
export interface CloudHosts {
  readonly login: string
  readonly graph: string
}

/** The hosts of each cloud (Microsoft, national cloud deployments). */
export const CLOUD_HOSTS: Readonly<Record<SimulatedTenant['cloud'], CloudHosts>> = {
  Global: { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' },
  UsGovHigh: { login: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us' },
  UsGovDoD: { login: 'https://login.microsoftonline.us', graph: 'https://dod-graph.microsoft.us' },
  China: { login: 'https://login.partner.microsoftonline.cn', graph: 'https://microsoftgraph.chinacloudapi.cn' },
}
