import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { deploymentStateFrom, serverStateFrom } from '../../src/crm-server/answers.ts'
import type { ReadDeploymentResult, ReadServerResult } from '../../src/crm-server/script-contract.ts'
import { CERTIFICATE_BASE64 } from './certificate.ts'

const AT = '2026-11-23T08:00:00.000Z'
const TENANT = '11111111-2222-3333-4444-555555555555'

const SERVER: ReadServerResult = {
  now: '2026-11-23T08:00:02.500Z',
  computerName: 'CRM-1',
  powershellVersion: '5.1.17763.6414',
  hasSnapIn: true,
  isLocalAdministrator: true,
  version: '9.1.4.8',
  roles: ['Front End, Back End', 'Deployment'],
  services: [
    { name: 'MSCRMAsyncService', account: 'CONTOSO\\svc', isRunning: true, startedAt: '2026-11-01T00:00:00Z' },
    { name: 'MSCRMAsyncService$maintenance', account: 'CONTOSO\\svc', isRunning: false, startedAt: null },
  ],
  certificates: [
    {
      sha256: 'AB'.repeat(32),
      thumbprint: 'cd'.repeat(20),
      subject: 'CN=crm-s2s, O=Contoso',
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: '2027-01-01T00:00:00.000Z',
      hasPrivateKey: true,
      keySpec: 1,
      readers: ['BUILTIN\\Administrators'],
    },
  ],
  marker: { sha256: 'EF'.repeat(32), at: '2026-11-02T00:00:00.000Z' },
}

const set = (value: string | null) => ({ found: true, value, error: null })
const error = (message: string, code = 'ScriptFailed') => ({
  found: false,
  value: null,
  error: { code, message, fullyQualifiedErrorId: 'x' },
})
const DEPLOYMENT: ReadDeploymentResult = {
  authorizationServer: set('{00000001-0000-0000-C000-000000000000}'),
  metadataUrl: set(' https://accounts.accesscontrol.windows.net/metadata/json/1 '),
  rows: [{ id: `{${TENANT.toUpperCase()}}`, type: 'S2STokenIssuer', name: null, data: CERTIFICATE_BASE64 }],
  tenantIds: [{ organization: 'Contoso', setting: set(TENANT.toUpperCase()) }],
}

describe('the state of a server', () => {
  test('is what its script said, in our forms', () => {
    const state = serverStateFrom(SERVER, AT)

    expect(state).toEqual({
      clockSkewMs: 2500,
      powershellVersion: '5.1.17763.6414',
      hasSnapIn: true,
      isLocalAdministrator: true,
      version: '9.1.4.8',
      roles: ['Front End', 'Back End', 'Deployment'],
      services: [
        { name: 'MSCRMAsyncService', account: 'CONTOSO\\svc', isRunning: true, startedAt: '2026-11-01T00:00:00Z' },
        { name: 'MSCRMAsyncService$maintenance', account: 'CONTOSO\\svc', isRunning: false },
      ],
      certificates: [{ ...SERVER.certificates[0], sha256: 'ab'.repeat(32), thumbprint: 'CD'.repeat(20) }],
      marker: { sha256: 'ef'.repeat(32), at: '2026-11-02T00:00:00.000Z' },
    })
  })

  test('leaves out what the server could not tell', () => {
    const [certificate] = SERVER.certificates
    const untold = { ...SERVER, version: null, roles: null, marker: null }

    const state = serverStateFrom({ ...untold, certificates: [{ ...certificate, keySpec: null, readers: null }] }, AT)

    expect(Object.keys(state)).not.toContain('version')
    expect(Object.keys(state)).not.toContain('roles')
    expect(Object.keys(state)).not.toContain('marker')
    expect(Object.keys(state.certificates[0] ?? {})).not.toContain('keySpec')
    expect(Object.keys(state.certificates[0] ?? {})).not.toContain('readers')
  })

  test.each([
    [{ services: {} }, 'result.services is not a list', 'a single service may not come unrolled'],
    [{ now: '23.11.2026' }, 'result.now is not a time in UTC', 'a culture slipped in'],
    [{ hasSnapIn: 'True' }, 'result.hasSnapIn is not true or false', 'a text is no truth'],
    [
      { marker: { sha256: 'ab', at: AT } },
      'result.marker.sha256 is not a hash of 64 digits',
      'a marker is never guessed',
    ],
    [{ version: undefined }, 'result.version is not a text', 'absent is not null'],
    [{ certificates: [{}] }, 'result.certificates[0].keySpec is not a whole number', 'the place is named'],
  ])('is refused with %j', (part, message, _reason) => {
    expect(() => serverStateFrom({ ...SERVER, ...part }, AT)).toThrow(message)
  })

  test.each([[null], ['x'], [[SERVER]]])('is refused as %j', (result) => {
    expect(() => serverStateFrom(result, AT)).toThrow('result is not an object')
  })
})

describe('the state of a deployment', () => {
  test('is what its script said, in our forms', () => {
    const state = deploymentStateFrom(DEPLOYMENT, 'crm-1', ['contoso'])

    expect(state).toEqual({
      through: 'crm-1',
      authorizationServer: { state: 'Set', value: '00000001-0000-0000-c000-000000000000' },
      metadataUrl: { state: 'Set', value: 'https://accounts.accesscontrol.windows.net/metadata/json/1' },
      rows: [
        {
          id: TENANT,
          type: 'S2STokenIssuer',
          sha256: createHash('sha256').update(Buffer.from(CERTIFICATE_BASE64, 'base64')).digest('hex'),
        },
      ],
      tenantIds: new Map([['contoso', { state: 'Set', value: TENANT }]]),
    })
  })

  test.each([
    [set(null), 'Unset', 'null is one way to be unset'],
    [set('  '), 'Unset', 'blanks are no value'],
    [{ found: false, value: null, error: null }, 'Unset', 'a missing pair is another'],
    [error('Setting S2STenantId does not exist for the entity.'), 'Unset', 'an error of its own is a third'],
    [error('Setting S2STenantId is not readable.'), 'Unknown', 'it may well be set'],
    [error('The organization was not found.'), 'Unknown', 'it names something else'],
    [error('The operation has timed out.'), 'Unknown', 'nothing was learned'],
    [error('no', 'OrganizationUnknown'), 'Unknown', 'there is nowhere to write it'],
  ])('takes %j as %s', (setting, expected, _reason) => {
    const result = { ...DEPLOYMENT, tenantIds: [{ organization: 'contoso', setting }] }

    const state = deploymentStateFrom(result, 'crm-1', ['contoso'])

    expect(state.tenantIds.get('contoso')?.state).toBe(expected)
  })

  test('does not know the tenant id of an organization that is not named', () => {
    const state = deploymentStateFrom({ ...DEPLOYMENT, tenantIds: [] }, 'crm-1', ['Contoso'])

    expect(state.tenantIds.get('contoso')).toMatchObject({ state: 'Unknown' })
  })

  test.each([[null], [''], ['AAAA'], ['no base64!']])('has no hash for a row that holds %j', (data) => {
    const rows = [{ id: 'a', type: 'S2STokenIssuer', name: 'n', data }]

    const state = deploymentStateFrom({ ...DEPLOYMENT, rows }, 'crm-1', [])

    expect(state.rows).toEqual([{ id: 'a', type: 'S2STokenIssuer', name: 'n' }])
  })
})
