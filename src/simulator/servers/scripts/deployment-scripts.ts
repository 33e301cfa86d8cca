// Scripts about what belongs to all servers of a deployment: two settings, the rows of certificates, the tenant id of each organization.
import type { SimulatedCertificateRow, SimulatedDeployment } from '../../trust/model.ts'
import { certificateFacts } from '../certificate.ts'
import { ISSUER } from '../lookup.ts'
import { needDeploymentAccess, ScriptFailure, type ScriptHandler, type ScriptRun } from '../script-run.ts'

const AUTHORIZATION_SERVER = 'S2SDefaultAuthorizationServerPrincipalId'
const METADATA_URL = 'S2SDefaultAuthorizationServerMetadataUrl'
const TENANT_ID = 'S2STenantId'

/** `read-deployment` */
export const readDeployment: ScriptHandler = (run, input) => {
  needDeploymentAccess(run, input)
  const { settings } = run.deployment
  const asked = Array.isArray(input['organizations']) ? input['organizations'].map(String) : []
  return {
    changed: false,
    result: {
      authorizationServer: rawSetting(run, AUTHORIZATION_SERVER, settings.authorizationServer),
      metadataUrl: rawSetting(run, METADATA_URL, settings.metadataUrl),
      rows: run.names('Get-CrmCertificate') ? run.deployment.rows.map((row) => rawRow(run, row)) : [],
      tenantIds: asked.map((organization) => ({ organization, setting: rawTenantId(run, organization) })),
    },
  }
}

/** `write-server-settings`: what is named and differs. */
export const writeServerSettings: ScriptHandler = (run, input) => {
  needDeploymentAccess(run, input)
  const written = [
    ...writtenSetting(run, METADATA_URL, 'metadataUrl', input['metadataUrl']),
    ...writtenSetting(run, AUTHORIZATION_SERVER, 'authorizationServer', input['authorizationServer']),
  ]
  return { changed: written.length > 0, result: { written } }
}

/** `write-tenant-id` */
export const writeTenantId: ScriptHandler = (run, input) => {
  needDeploymentAccess(run, input)
  const organization = organizationOf(run.deployment, String(input['organization']))
  if (organization === undefined) throw organizationUnknown()
  const tenantId = String(input['tenantId'])
  if (plainId(organization.tenantId ?? '') === plainId(tenantId)) return { changed: false, result: { written: [] } }
  if (run.names('Set-CrmAdvancedSetting')) organization.tenantId = tenantId
  return { changed: true, result: { written: [TENANT_ID] } }
}

/** `switch-certificate`: unsure whether a second row appears beside the first, switch `setCertificate`. */
export const switchCertificate: ScriptHandler = (run, input) => {
  needDeploymentAccess(run, input)
  const data = String(input['certificate'])
  if (certificateFacts(data)?.sha256 !== String(input['sha256']).toLowerCase())
    throw new ScriptFailure('ScriptFailed', 'Cannot find the requested object.')
  const before = issuerRows(run.deployment)
  const isThere = before.length === 1 && before[0]?.data === data
  if (!isThere && run.names('Set-CrmCertificate')) setRow(run, data)
  return { changed: !isThere, result: { rows: issuerRows(run.deployment).map((row) => rawRow(run, row)) } }
}

function setRow(run: ScriptRun, data: string): void {
  const { deployment, switches } = run
  const before = issuerRows(deployment)
  const [first] = before
  const row = {
    id: newId(deployment, data),
    type: ISSUER,
    name: '',
    data,
    storeFindType: 'FindBySubjectDistinguishedName',
  }
  if (first !== undefined && switches.setCertificate === 'update') {
    deployment.rows = deployment.rows.map((one) => (one === first ? { ...row, id: first.id } : one))
    return
  }
  const replaced = before.length === 1 && run.names('Remove-CrmCertificate') ? first : undefined
  deployment.rows = [...deployment.rows.filter((one) => one !== replaced), row]
}

function issuerRows({ rows }: SimulatedDeployment): readonly SimulatedCertificateRow[] {
  return rows.filter(({ type }) => type === ISSUER)
}

/** An id that no row has yet, made of the bytes that it is for. */
function newId({ rows }: SimulatedDeployment, data: string): string {
  const hash = certificateFacts(data)?.sha256 ?? ''
  for (let at = 0; ; at += 1) {
    const hex = `${hash}${hash}`.slice(at, at + 32)
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    if (!rows.some((row) => row.id === id)) return id
  }
}

function writtenSetting(
  run: ScriptRun,
  name: string,
  field: 'authorizationServer' | 'metadataUrl',
  value: unknown,
): readonly string[] {
  const { settings } = run.deployment
  if (typeof value !== 'string' || settings[field]?.trim().toLowerCase() === value.toLowerCase()) return []
  if (run.names('Set-CrmAdvancedSetting')) settings[field] = value
  return [name]
}

function rawTenantId(run: ScriptRun, name: string) {
  const organization = organizationOf(run.deployment, name)
  if (organization !== undefined) return rawSetting(run, TENANT_ID, organization.tenantId)
  const { code, message } = organizationUnknown()
  return { found: false, value: null, error: { code, message, fullyQualifiedErrorId: '' } }
}

/**
 * What Get-CrmAdvancedSetting answers. Unsure what a value that nobody has set looks like, and whether these settings can be read by name at
 * all: switches `unsetSetting` and `settingsReadable`.
 */
function rawSetting(run: ScriptRun, name: string, value: string | null) {
  const { settingsReadable, unsetSetting } = run.switches
  if (!run.names('Get-CrmAdvancedSetting')) return { found: false, value: null, error: null }
  if (!settingsReadable) return failed(`Setting ${name} is not readable.`, 'SettingNotReadable')
  if (value !== null) return { found: true, value: shownId(run, value), error: null }
  if (unsetSetting === 'error') return failed(`Setting ${name} does not exist for the entity.`, 'SettingDoesNotExist')
  return { found: unsetSetting === 'null', value: null, error: null }
}

function failed(message: string, id: string) {
  const fullyQualifiedErrorId = `${id},Microsoft.Crm.PowerShell.GetCrmAdvancedSettingCmdlet`
  return { found: false, value: null, error: { code: 'ScriptFailed', message, fullyQualifiedErrorId } }
}

function rawRow(run: ScriptRun, { id, type, name, data }: SimulatedCertificateRow) {
  return { id: shownId(run, id), type, name, data }
}

/** Unsure how ids come back: switch `ids`. */
function shownId({ switches: { ids } }: ScriptRun, value: string): string {
  if (!/^[0-9a-f-]{36}$/i.test(value)) return value
  if (ids === 'braces') return `{${value}}`
  return ids === 'capitals' ? value.toUpperCase() : value
}

function organizationOf({ organizations }: SimulatedDeployment, name: string) {
  return organizations.get(name.toLowerCase())
}

function organizationUnknown(): ScriptFailure {
  return new ScriptFailure('OrganizationUnknown', 'the deployment has no such organization')
}

function plainId(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^\{(.*)\}$/, '$1')
}
