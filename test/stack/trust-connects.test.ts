// A rotation as people see it: nothing of it stops mail, and it needs one reviewed change.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrustStack, type TrustStack } from './trust.ts'
import { sha256Of } from './trust-workspace.ts'

let stack: TrustStack

beforeEach(async () => {
  stack = await startTrustStack()
})

afterEach(() => stack.close())

describe('a trust over the whole stack', () => {
  it('is connected, proven, rotated and proven again, and then nothing is left to do', async () => {
    const next = stack.addCertificate('s2s-2027')
    await stack.configure()

    await stack.settle(await stack.specWith('s2s-2026'))
    const connected = stack.problem()
    await stack.settle(await stack.specWith('s2s-2027'))

    expect(connected).toBeUndefined()
    expect(stack.problem()).toBeUndefined()
    expect(stack.simulator.trust.deployment.rows.map(({ data }) => sha256Of({ der: data }))).toEqual([sha256Of(next)])
  })
})
