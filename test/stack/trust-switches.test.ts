// Whatever the directory, servers and cmdlets answer to what their documentation leaves open: a trust is connected, signs in, and rotates.
import { afterEach, describe, expect, it } from 'vitest'
import { ENTRA_SWITCH_VALUES, type EntraSwitches } from '../../src/simulator/entra/index.ts'
import type { TrustOptions } from '../../src/simulator/index.ts'
import { SERVER_SWITCH_VALUES, type ServerSwitches } from '../../src/simulator/servers/index.ts'
import { startTrustStack, TRUST_SCOPE, type TrustStack } from './trust.ts'
import { deploymentDocument, organizationDocuments, tenantDocument } from './trust-workspace.ts'

/** Answers under which a trust cannot be connected, each tried by itself below or where it is met. */
const ALONE: ReadonlySet<string> = new Set(['managementPolicy', 'settingsReadable'])

let stack: TrustStack

afterEach(() => stack.close())

/** The answers of one world: of each switch the value at this place, or the last one. */
function column<T>(values: Readonly<Record<string, readonly unknown[]>>, place: number): Partial<T> {
  const chosen = Object.entries(values).map(([name, all]) => [
    name,
    ALONE.has(name) ? undefined : (all[place] ?? all.at(-1)),
  ])
  return Object.fromEntries(chosen.filter(([, value]) => value !== undefined)) as Partial<T>
}

function keys(): readonly string[] {
  return [...stack.simulator.trust.tenant.principals.values()].flatMap((principal) =>
    principal.keys.map(({ key }) => key),
  )
}

// The first answers, which are the defaults, are those of every other test.
describe.each([1, 2])('world %i of all answers', (place) => {
  const switches: TrustOptions['switches'] = {
    entra: column<EntraSwitches>(ENTRA_SWITCH_VALUES, place),
    servers: column<ServerSwitches>(SERVER_SWITCH_VALUES, place),
  }

  it('is connected from nothing, and rotates to another certificate', async () => {
    stack = await startTrustStack({ trust: { switches, tenant: { principal: 'missing' } } })
    const { trust } = stack.simulator
    const next = stack.addCertificate('s2s-2027')
    await stack.configure()

    await stack.settle(await stack.specWith('s2s-2026'))
    const first = { keys: keys(), problem: stack.problem() }
    const passes = await stack.settle(await stack.specWith('s2s-2027'))

    expect(first).toEqual({ keys: [trust.certificate.der], problem: undefined })
    expect(keys()).toEqual([next.der])
    expect(trust.deployment.rows.map(({ data }) => data)).toEqual([next.der])
    expect(stack.problem()).toBeUndefined()
    expect(passes.at(-1)?.get(TRUST_SCOPE)?.plan.exceptions).toEqual([])
  })
})

describe('settings that nobody may read', () => {
  it('are unknown, and neither they nor the row is written', async () => {
    stack = await startTrustStack({ trust: { switches: { servers: { settingsReadable: false } } } })
    const { trust } = stack.simulator

    const results = await stack.pass(await stack.specWith('s2s-2026'))

    const result = results.get(TRUST_SCOPE)
    expect(result?.plan.exceptions.map(({ stage, state }) => `${stage} ${state}`)).toEqual(
      expect.arrayContaining(['server-settings Unknown', 'tenant-id Unknown', 'certificate-switch Blocked']),
    )
    expect(trust.deployment).toMatchObject({ settings: { authorizationServer: null, metadataUrl: null }, rows: [] })
  })

  it('are no obstacle to a rotation where people write them by hand', async () => {
    stack = await startTrustStack({ trust: { connected: true, switches: { servers: { settingsReadable: false } } } })
    const { trust } = stack.simulator
    const next = stack.addCertificate('s2s-2027')
    await stack.configure()
    const spec = await stack.specOf({
      'trust.yaml':
        tenantDocument('contoso', trust.tenant.tenantId) +
        deploymentDocument('crm-farm', 's2s-2027', next).replace('"spec":{', '"spec":{"external":["server-settings"],'),
      'sales/organization.yaml': organizationDocuments('contoso-sales', stack.simulator, { external: ['tenant-id'] }),
    })

    const results = await stack.pass(spec)

    expect(trust.deployment.rows.map(({ data }) => data)).toEqual([next.der])
    expect(results.get(TRUST_SCOPE)?.views?.get('contoso-sales')?.state).toBe('Working')
    expect(stack.problem()).toBeUndefined()
  })
})

describe('a policy of the tenant that limits how long a key lasts', () => {
  it('keeps the credential from being added, says so, and nothing is switched', async () => {
    stack = await startTrustStack({ trust: { switches: { entra: { managementPolicy: true } } } })
    const { trust } = stack.simulator

    const results = await stack.pass(await stack.specWith('s2s-2026'))

    const failed = results.get(TRUST_SCOPE)?.outcomes?.filter(({ result }) => result !== 'Applied') ?? []
    expect(failed.map(({ stage, result }) => `${stage} ${result}`)).toEqual(
      expect.arrayContaining(['credential Failed', 'certificate-switch Blocked']),
    )
    expect(failed.find(({ stage }) => stage === 'credential')?.reason?.message).toMatch(
      /CredentialInvalidLifetimeAsPerAppPolicy/,
    )
    expect([keys(), trust.deployment.rows]).toEqual([[], []])
  })
})
