// What a trust in order costs the systems in each pass: it is looked at every few minutes, for years.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTrustStack, type TrustStack } from './trust.ts'

let stack: TrustStack
const sent: string[] = []
const scripts: string[] = []

beforeAll(async () => {
  stack = await startTrustStack({
    beforeSend: ({ method, url }) => void sent.push(`${method} ${new URL(url).pathname}`),
    beforeScript(_server, script) {
      if (script !== undefined) scripts.push(script)
      return []
    },
  })
  await stack.configure()
  await stack.settle(await stack.specWith('s2s-2026'))
})

afterAll(() => stack.close())

describe('a pass over a trust in order', () => {
  it('asks the tenant a handful of questions, each server one and the deployment one, and writes nothing', async () => {
    sent.length = 0
    scripts.length = 0

    const results = await stack.pass(await stack.specWith('s2s-2026'))

    const toTenant = sent.filter((one) => one.includes('/graph/') || one.includes('/oauth2/'))
    expect([...results.values()].flatMap(({ plan }) => plan.steps)).toEqual([])
    expect(toTenant.filter((one) => !one.startsWith('GET ')).every((one) => one.includes('/oauth2/'))).toBe(true)
    expect(toTenant.length).toBeLessThanOrEqual(6)
    expect(scripts.sort()).toEqual(['read-deployment', 'read-server', 'read-server'])
  })
})
