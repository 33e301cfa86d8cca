import type { DeploymentState, Setting } from '../../crm-server/deployment.ts'
import type { DesiredTenant } from '../../spec/desired.ts'

/** What ServerSettings must hold. */
export interface S2sValues {
  readonly authorizationServer: string
  readonly metadataUrl: string
}

/** Principal of the Access Control Service, the same in every cloud that is documented. */
const AUTHORIZATION_SERVER = '00000001-0000-0000-c000-000000000000'

const METADATA: { readonly [Cloud in DesiredTenant['cloud']]?: string } = {
  Global: 'https://accounts.accesscontrol.windows.net/metadata/json/1',
  UsGovHigh: 'https://login.microsoftonline.us/metadata/json/1',
}

/**
 * What must CRM be told to trust Exchange Online of a cloud? Known for the global cloud and GCC High only (Microsoft, connect Dynamics 365
 * (on-premises) to Exchange Online); undefined for others.
 */
export function s2sValuesOf(cloud: DesiredTenant['cloud']): S2sValues | undefined {
  const metadataUrl = METADATA[cloud]
  return metadataUrl === undefined ? undefined : { authorizationServer: AUTHORIZATION_SERVER, metadataUrl }
}

/** A setting as a value: null where it is not set, undefined where it could not be told. */
export function settingValue(setting: Setting): string | null | undefined {
  if (setting.state === 'Unknown') return undefined
  return setting.state === 'Set' ? setting.value : null
}

/** Why the S2S values of a deployment cannot be told, where one cannot. */
export function unreadSetting({
  authorizationServer,
  metadataUrl,
}: Pick<DeploymentState, 'authorizationServer' | 'metadataUrl'>): string | undefined {
  return [authorizationServer, metadataUrl].flatMap((one) => (one.state === 'Unknown' ? one.why : []))[0]
}

/** True where two values of a setting are the same to CRM. */
export function isSameSetting(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && a.trim().toLowerCase() === b.trim().toLowerCase())
}
