import { describe, expect, it } from 'vitest'
import { CRM_APP_ID, createExchangeGate, SHAREPOINT_APP_ID, seedTenant } from '../../../src/simulator/entra/index.ts'
import type { SimulatedTenant } from '../../../src/simulator/trust/model.ts'
import { NOW } from './tenant.ts'

interface Row {
  readonly reason: string
  readonly exchange?: Partial<SimulatedTenant['exchange']>
  readonly at?: string
  readonly appId?: string
  readonly verdict: object
}

const OPEN = { state: 'Open' }
const NOT_ENABLED = { state: 'TenantNotEnabled', status: 401 }
const DISABLED = { state: 'EwsBlocked', status: 403, why: 'Disabled' }
const NOT_LISTED = { state: 'EwsBlocked', status: 403, why: 'NotOnAllowList' }
const BEFORE = '2026-09-30T23:59:59Z'

describe('the gates of Exchange Online', () => {
  it.each<Row>([
    { reason: 'a seeded tenant is open', verdict: OPEN },
    { reason: 'Support did not switch it on', exchange: { supportEnabled: false }, verdict: NOT_ENABLED },
    { reason: 'the connector was never ordered', exchange: { hybridConnector: false }, verdict: NOT_ENABLED },
    { reason: 'the organization says no', exchange: { ewsEnabled: false }, verdict: DISABLED },
    { reason: 'undecided, before October 2026', exchange: { ewsEnabled: null }, at: BEFORE, verdict: OPEN },
    { reason: 'undecided, since then', exchange: { ewsEnabled: null }, verdict: DISABLED },
    { reason: 'an empty list', exchange: { allowedAppIds: [] }, verdict: NOT_LISTED },
    { reason: 'a list without CRM', exchange: { allowedAppIds: [SHAREPOINT_APP_ID] }, verdict: NOT_LISTED },
    { reason: 'a list in capitals', exchange: { allowedAppIds: [CRM_APP_ID.toUpperCase()] }, verdict: OPEN },
    { reason: 'another application', appId: SHAREPOINT_APP_ID, verdict: NOT_LISTED },
    { reason: 'the last day', at: '2027-03-31T23:59:59Z', verdict: OPEN },
    { reason: 'the day after', at: '2027-04-01T00:00:00Z', verdict: { state: 'EwsRetired', status: 403 } },
  ])('$reason', ({ exchange, at, appId, verdict }) => {
    const tenant = seedTenant({ now: NOW })
    Object.assign(tenant.exchange, exchange)

    const found = createExchangeGate(tenant, () => new Date(at ?? NOW)).verdict(appId)

    expect(found).toMatchObject(verdict)
  })

  it('without a list everyone passed before October 2026, and nobody since', () => {
    const tenant = seedTenant({ now: NOW })
    delete tenant.exchange.allowedAppIds

    const states = [BEFORE, NOW].map((at) => createExchangeGate(tenant, () => new Date(at)).verdict())

    expect(states).toMatchObject([OPEN, NOT_LISTED])
  })

  it('tells a tenant that was never enabled with the challenge that people report', () => {
    const tenant = seedTenant({ now: NOW })
    tenant.exchange.supportEnabled = false

    const verdict = createExchangeGate(tenant, () => NOW).verdict()

    expect(verdict).toHaveProperty(
      'challenge',
      expect.stringContaining('trusted_issuers="00000001-0000-0000-c000-000000000000@*"'),
    )
    expect(verdict).toHaveProperty('challenge', expect.stringContaining('error="invalid_token"'))
  })
})
