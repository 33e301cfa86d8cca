import { describe, expect, it } from 'vitest'
import { inState, type Selection } from '../../src/cli/test-selection.ts'
import { untestedIn } from '../../src/cli/untested.ts'
import type { ObjectConditions } from '../../src/engine/index.ts'
import { passResult, plan } from '../report/samples.ts'

const ANN = 'ann@contoso.com'

function conditions(code: string, status: 'True' | 'False' | 'Unknown' = 'Unknown'): ObjectConditions {
  const synced = { type: 'Synced', status: 'True', code: 'InSync', message: '', revision: 'r1' } as const
  return { kind: 'Mailbox', key: ANN, label: ANN, synced, ready: { ...synced, type: 'Ready', status, code } }
}

describe('who is not tested although nothing excepts him', () => {
  it.each([
    { reason: 'a test is scheduled', code: 'TestScheduled', says: 'a test is on its way already' },
    { reason: 'one runs', code: 'TestRunning', says: 'a test is on its way already' },
    { reason: 'one is tried again', code: 'TestRetrying', says: 'a test is on its way already' },
    { reason: 'one that does not end', code: 'TestTimedOut', says: 'CRM takes no second one' },
    { reason: 'nothing ends at all', code: 'AsyncServiceOff', says: 'CRM takes no second one' },
    { reason: 'something else is wrong while one is scheduled', code: 'NotApproved', says: 'on its way already' },
    { reason: 'it does not synchronize', code: 'NotUsed', says: 'nothing to test' },
    { reason: 'it does not synchronize yet', code: 'NotBegun', says: '`mailkeel apply` comes first' },
  ])('$reason', ({ code, says }) => {
    const [[words, labels] = []] = [...untestedIn(passResult({ plan: plan([]) }), [conditions(code)])]

    expect(words).toContain(says)
    expect(labels).toEqual([ANN])
  })

  it('is nobody while it is not known, because mailboxes could not be read', () => {
    const incomplete = { code: 'Unreachable', message: 'x' }
    const stage = { stage: 'mailbox', kind: 'Mailbox', mode: 'writes', desired: 1, inSync: 0 } as const
    const stages = [{ ...stage, changes: 0, exceptions: 0, unmanaged: 0, incomplete }]

    const told = untestedIn(passResult({ plan: { ...plan([]), stages } }), [conditions('Unknown')])

    expect([...told]).toEqual([])
  })
})

describe('--stale and --failed', () => {
  const NOTHING: Selection = { addresses: [], sets: [], profiles: [], failed: false, stale: false }
  const STALE = { ...NOTHING, stale: true }
  const FAILED = { ...NOTHING, failed: true }

  it.each([
    { reason: 'never tested', ready: conditions('TestNotRun'), of: STALE, isMeant: true },
    { reason: 'changed since', ready: conditions('TestStale'), of: STALE, isMeant: true },
    { reason: 'a test that does not end', ready: conditions('TestTimedOut', 'False'), of: STALE, isMeant: true },
    { reason: 'a test that runs', ready: conditions('TestRunning'), of: STALE, isMeant: false },
    { reason: 'works', ready: conditions('Healthy', 'True'), of: STALE, isMeant: false },
    {
      reason: 'fails, and only stale ones are meant',
      ready: conditions('Autodiscover', 'False'),
      of: STALE,
      isMeant: false,
    },
    { reason: 'fails', ready: conditions('Autodiscover', 'False'), of: FAILED, isMeant: true },
    { reason: 'stale, and only failing ones are meant', ready: conditions('TestStale'), of: FAILED, isMeant: false },
  ])('$reason', ({ ready, of, isMeant }) => {
    expect(inState(of, new Set([ANN]), [ready]).has(ANN)).toBe(isMeant)
  })
})
