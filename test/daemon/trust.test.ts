// A trust and the organizations that depend on it, under loops of their own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FIRST_ORGANIZATION, startTrustStack, TENANT, TRUST_SCOPE, type TrustStack } from '../stack/trust.ts'
import { deploymentDocument, organizationDocuments, tenantDocument } from '../stack/trust-workspace.ts'
import { type Files, type Harness, type HarnessOptions, startHarness } from './harness.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

async function start(
  options: Partial<HarnessOptions> = {},
): Promise<{ stack: TrustStack; harness: Harness; files: Files }> {
  const stack = await startTrustStack()
  onTestFinished(() => stack.close())
  const { simulator } = stack
  const harness = await startHarness({
    systems: stack,
    simulated: { now: () => simulator.world.now(), advance: (ms) => void simulator.advance(ms) },
    // A first connection asks whether ids may be written; that is not what these tests are about.
    configure: (text) =>
      text.replace('"spec":{', '"spec":{"guards":{"tenant-id":{"maximum":9},"credential-retire":{"maximum":9}},'),
    ...options,
  })
  onTestFinished(() => harness.close())
  const made = simulator.trust.certificate
  const files = {
    'trust.yaml':
      tenantDocument(TENANT, simulator.trust.tenant.tenantId) + deploymentDocument('crm-farm', 's2s-2026', made),
    'sales/organization.yaml': organizationDocuments(FIRST_ORGANIZATION, simulator),
  }
  return { stack, harness, files }
}

const passesOf = ({ events }: Harness) => events.flatMap((event) => (event.type === 'pass' ? [event.scope] : []))

describe('a trust and its organizations', () => {
  it('are connected, the trust first, and come to rest', async () => {
    const { stack, harness, files } = await start()

    await harness.push(files)
    await harness.advance(HOUR_MS)

    expect(passesOf(harness)[0]).toBe(TRUST_SCOPE)
    expect(stack.problem()).toBeUndefined()
    expect(harness.standing(TRUST_SCOPE)).toMatchObject({ kind: 'trust', phase: 'Idle' })
    expect(harness.standing(FIRST_ORGANIZATION)).toMatchObject({ phase: 'Idle', inSyncSince: expect.any(String) })
  })

  it('a trust that changed wakes its organizations', async () => {
    const { harness, files } = await start()
    await harness.push(files)

    const order = passesOf(harness)

    expect(order.indexOf(`organization/${FIRST_ORGANIZATION}`)).toBeGreaterThan(order.indexOf(TRUST_SCOPE))
    expect(harness.standing(TRUST_SCOPE).report?.result.outcomes?.length).toBeGreaterThan(0)
  })

  it('a trust that cannot be put together leaves its organizations unknown, and not without a word', async () => {
    const { harness, files } = await start({ configure: (text) => text.replace('PFX_S2S_2026', 'NOT_THERE') })

    await harness.push(files)
    await harness.advance(10 * MINUTE_MS)

    const checks = harness.standing(FIRST_ORGANIZATION).report?.conditions.filter(({ key }) => key === 'trust')
    expect(harness.standing(TRUST_SCOPE).failure?.reason.message).toMatch(/NOT_THERE/)
    expect(harness.standing(FIRST_ORGANIZATION).failure).toBeUndefined()
    expect(checks?.map(({ ready }) => ready.status)).toEqual(['Unknown'])
  })

  it('a trust that nobody could look at for too long is unknown', async () => {
    let isDown = false
    const { harness, files, stack } = await start({
      compose: async (input) => {
        if (isDown && input.trusts.length > 0) throw new Error('the trust cannot be reached')
        const { compose } = await import('../../src/compose/compose.ts')
        return compose(input)
      },
    })
    await harness.push(files)
    await harness.advance(HOUR_MS)
    const trustOf = () =>
      harness.standing(FIRST_ORGANIZATION).report?.conditions.find(({ key }) => key === 'trust')?.ready.status
    const before = trustOf()

    isDown = true
    await stack.configure()
    await harness.push({
      ...files,
      'trust.yaml': `${files['trust.yaml']}`.replace('"keepPreviousFor":"1h"', '"keepPreviousFor":"2h"'),
    })
    await harness.advance(2 * HOUR_MS)

    expect([before, trustOf()]).toEqual(['True', 'Unknown'])
  })

  it('a secret that was replaced is used in the pass after the next one, without a new start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mailkeel-run-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'secret')
    await writeFile(file, 'expired')
    const inFile = (text: string) => text.replaceAll(/\{"env":"SECRET_[^}]*\}/g, '{"file":"secret"}')
    const { harness, files, stack } = await start({ folder, configure: inFile })
    await harness.push(files)
    const unknown = () => {
      const { plan } = harness.standing(TRUST_SCOPE).report?.result ?? {}
      return plan?.exceptions.filter(({ state }) => state === 'Unknown').length
    }
    const before = unknown()

    const [application] = stack.simulator.trust.tenant.applications.values()
    await writeFile(file, application?.secrets[0]?.value ?? '')
    await harness.advance(HOUR_MS)

    expect([before, unknown()]).toEqual([expect.any(Number), 0])
    expect(before).toBeGreaterThan(0)
  })
})
