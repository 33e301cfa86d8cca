import { describe, expect, it } from 'vitest'
import type { Reason } from '../../../src/engine/index.ts'
import { judgeWave, type Tally } from '../../../src/stages/mailbox/wave-state.ts'
import { stoppedBy, waitsFor } from '../../../src/stages/mailbox/wave-words.ts'

const WAVE = { name: 'wave 1', isCanary: false, members: [] }
const CANARY = { name: 'canary', isCanary: true, members: [] }
const ROLLOUT = { canary: [], waves: [10], maximumFailurePercent: 10 }
const MISSING: Reason = {
  code: 'MissingInExchange',
  message: 'incoming failed 2026-11-20 09:14 UTC: Exchange has no mailbox with this address. Create the mailbox.',
}

function tally(
  counts: Partial<Record<'healthy' | 'running' | 'retesting' | 'pending' | 'unclear' | 'failed', number>>,
): Tally {
  const { healthy = 0, running = 0, retesting = 0, pending = 0, unclear = 0, failed = 0 } = counts
  const members = healthy + running + retesting + pending + unclear + failed
  return {
    members,
    healthy,
    running,
    retesting,
    pending,
    unclear,
    failed: Array.from({ length: failed }, () => MISSING),
  }
}

describe('a wave', () => {
  it.each([
    { reason: 'all healthy', counts: { healthy: 50 }, state: 'finished' },
    { reason: 'a test runs', counts: { healthy: 49, running: 1 }, state: 'under way' },
    { reason: 'a few cannot be told', counts: { healthy: 48, unclear: 2 }, state: 'finished' },
    { reason: 'many cannot be told', counts: { healthy: 40, unclear: 10 }, state: 'under way' },
    { reason: 'nobody can be told', counts: { unclear: 50 }, state: 'under way' },
    { reason: 'a failure is tested again', counts: { healthy: 49, retesting: 1 }, state: 'tested again' },
    { reason: 'too many failed, and some are tested again', counts: { failed: 10, retesting: 40 }, state: 'stopped' },
    { reason: 'as many failed as may', counts: { healthy: 45, failed: 5 }, state: 'finished' },
    { reason: 'one more failed', counts: { healthy: 44, failed: 6 }, state: 'stopped' },
    { reason: 'one of three failed', counts: { healthy: 2, failed: 1 }, state: 'stopped' },
    { reason: 'not begun', counts: { pending: 50 }, state: 'under way' },
    { reason: 'a few cannot be changed', counts: { healthy: 48, pending: 2 }, state: 'finished' },
    {
      reason: 'failed and not changed are too many together',
      counts: { healthy: 44, failed: 3, pending: 3 },
      state: 'under way',
    },
    { reason: 'all of it are held or not in CRM', counts: {}, state: 'finished' },
    {
      reason: 'of a big wave the first results are bad',
      counts: { healthy: 60, failed: 11, pending: 3000 },
      state: 'stopped',
    },
    { reason: 'of a big wave the first results are few', counts: { failed: 2, pending: 3000 }, state: 'under way' },
    { reason: 'it fails while tests still run', counts: { healthy: 10, failed: 20, running: 20 }, state: 'stopped' },
  ])('$reason: $state', ({ counts, state }) => {
    expect(judgeWave(WAVE, tally(counts), ROLLOUT, { openShare: 1, isAllowed: false })).toBe(state)
  })

  it.each([
    { reason: 'works', counts: { healthy: 1 }, state: 'finished' },
    { reason: 'is not changed yet', counts: { pending: 1 }, state: 'under way' },
    { reason: 'failed', counts: { failed: 1 }, state: 'stopped' },
    { reason: 'can be tried by nobody', counts: {}, state: 'stopped' },
  ])('a canary that $reason: $state', ({ counts, state }) => {
    expect(judgeWave(CANARY, tally(counts), ROLLOUT, { openShare: 1, isAllowed: false })).toBe(state)
  })

  it('where few of a set change, those few are waited for', () => {
    const few = tally({ healthy: 46, pending: 4 })

    expect(judgeWave(WAVE, few, ROLLOUT, { openShare: 0.08, isAllowed: false })).toBe('under way')
  })

  it('one failure that will repeat stops everything', () => {
    const one = { ...tally({ healthy: 99, failed: 1 }), repeating: MISSING }

    expect(judgeWave(WAVE, one, ROLLOUT, { openShare: 1, isAllowed: false })).toBe('stopped')
  })

  it.each([
    { reason: 'failures pass', counts: { failed: 5 }, state: 'finished' },
    { reason: 'running tests are waited for', counts: { failed: 5, running: 1 }, state: 'under way' },
    { reason: 'what is not changed is waited for', counts: { failed: 5, pending: 10 }, state: 'under way' },
  ])('where a person allows it, $reason', ({ counts, state }) => {
    expect(judgeWave(CANARY, tally(counts), ROLLOUT, { openShare: 1, isAllowed: true })).toBe(state)
  })
})

describe('what people read', () => {
  it('says what a wave waits for', () => {
    const { code, message } = waitsFor('sales', WAVE, tally({ healthy: 4, running: 12, pending: 3, failed: 1 }))

    expect(code).toBe('WaitsForWave')
    expect(message).toBe(
      'waits for wave 1 of the set "sales" (3 mailboxes to be changed or tested, 12 tests run, 1 failed)',
    )
  })

  it('says how many failed of how many, why, and what to do', () => {
    const { code, message } = stoppedBy('sales', WAVE, tally({ healthy: 30, failed: 20 }), ROLLOUT)

    expect(code).toBe('RolloutStopped')
    expect(message).toBe(
      'stopped at wave 1 of the set "sales": 20 of 50 mailboxes failed (40 %, the limit is 10 %): Exchange has no mailbox with this address. Create the mailbox. Then `mailkeel test --failed --set sales`; or go on all the same with `mailkeel apply --allow rollout`.',
    )
  })

  it('says that a cause will repeat, and that there are others', () => {
    const refused: Reason = {
      code: 'CredentialsRefused',
      message: "Exchange refuses this organization's sign-in. Check it.",
    }
    const failed = { ...tally({ healthy: 48 }), members: 50, failed: [MISSING, refused], repeating: refused }

    expect(stoppedBy('sales', WAVE, failed, ROLLOUT).message).toBe(
      'stopped at wave 1 of the set "sales": 2 of 50 mailboxes failed (4 %), and this cause will fail everywhere: 1 because Exchange refuses this organization\'s sign-in, the others for other causes. Check it. Then `mailkeel test --failed --set sales`; or go on all the same with `mailkeel apply --allow rollout`.',
    )
  })

  it('says that a canary cannot be tried', () => {
    expect(stoppedBy('sales', CANARY, tally({}), ROLLOUT).message).toBe(
      'stopped before the canary of the set "sales": none of it can be tried. Name another canary.',
    )
  })
})
