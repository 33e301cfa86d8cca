// Settings that stop mail of the whole organization are one change of one object. They always need a second yes.
import { afterEach, describe, expect, it } from 'vitest'
import { permitsOf } from '../../src/reconcile/permits.ts'
import type { DesiredOrganization, DesiredOverride } from '../../src/spec/desired.ts'
import { documentOf, ORGANIZATION, stateOf } from './spec.ts'
import { type Stack, startStack } from './stack.ts'
import { plainAddresses, rowWith } from './world.ts'

let stack: Stack
afterEach(() => stack.close())

const ROUTER = { processEmailsUsing: 'EmailRouter' }
const APPROVAL = { requireApproval: { users: true } }
const AGREED = documentOf('Override', 'agreed', {
  guard: 'stop-all',
  limit: 1,
  reason: 'the mail server is moved tonight',
  expires: '2030-01-01T00:00:00Z',
})

/** An organization that asks for no approval, in which one user without approval synchronizes; nothing is managed but settings. */
async function start(settings: object, more = '') {
  let state: { organization: DesiredOrganization; overrides: readonly DesiredOverride[] } | undefined
  stack = await startStack({
    mailboxes: 4,
    queues: 0,
    mess: ['none'],
    environment: (usual) => ({
      ...usual,
      permits: (_scope, now) => (state ? permitsOf(state.organization, state.overrides, new Map())(now) : []),
    }),
  })
  const { world } = stack.simulator
  const [id] = rowWith(world, 'systemuser', 'internalemailaddress', plainAddresses(world, 'systemuser')[0] ?? '')
  world.update(world.callers.admin, 'systemuser', id, { emailrouteraccessapproval: 3 })
  world.update(world.callers.admin, 'organization', world.organizationId, { requireapprovalforuseremail: false })
  state = await stateOf({ 'a.yaml': ORGANIZATION + documentOf('EmailSettings', undefined, settings) + more })
  stack.simulator.resetRequests()
  return state.organization
}

describe('settings that stop mail beyond the mailboxes of a plan', () => {
  it.each([
    { settings: ROUTER, reason: 'server-side synchronization ends for everybody' },
    { settings: APPROVAL, reason: 'whoever is not approved is silenced' },
  ])('wait for a second yes: $reason', async ({ settings }) => {
    const desired = await start(settings)

    const refused = await stack.pass(desired, { allow: new Set(['stop', 'change']) })
    const { writes } = stack.simulator.requests()
    const allowed = await stack.pass(desired, { allow: new Set(['stop-all']) })

    expect([refused.decision, writes]).toEqual(['override', 0])
    expect(refused.verdicts.find(({ guard }) => guard === 'stop-all')?.message).toBe(
      '1 organization stops mail by its settings: that always needs a second yes; if that is meant, say --allow stop-all',
    )
    expect(allowed.outcomes?.map(({ result }) => result)).toEqual(['Applied'])
  })

  it('pass by an override that is for them', async () => {
    const desired = await start(ROUTER, AGREED)

    const { outcomes } = await stack.pass(desired, { allow: new Set() })

    expect(outcomes?.map(({ result }) => result)).toEqual(['Applied'])
  })

  it('need nobody where nobody is silenced', async () => {
    const desired = await start({ ...APPROVAL, requireApproval: { queues: true } })

    const { decision } = await stack.pass(desired, { allow: new Set() })

    expect(decision).toBe('allow')
  })
})
