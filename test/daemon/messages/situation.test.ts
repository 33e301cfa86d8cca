import { describe, expect, test } from 'vitest'
import { createBoard, type ScopeStanding, type SourceStanding } from '../../../src/daemon/board.ts'
import { createSituationReader } from '../../../src/daemon/messages/situation.ts'
import type { RunwayItem } from '../../../src/trust/runway.ts'
import { failing, reportOf, standingOf } from './standings.ts'

const REVISION = { id: '3f2a91c0000000', seenAt: '2026-11-23T08:00:00Z' }
const SOURCE: SourceStanding = {
  kind: 'git',
  place: 'https://git.contoso.com/mail (main)',
  enforced: REVISION,
  lookedAt: '2026-11-23T08:00:00Z',
}
const END: RunwayItem = {
  kind: 'Certificate',
  label: 'certificate 9F2C',
  on: '2026-12-07T00:00:00Z',
  daysLeft: 14,
  severity: 'Warning',
  step: 14,
  source: 'the certificate',
  confidence: 'Certain',
  endsConnection: true,
}

function read(standings: readonly ScopeStanding[], source: SourceStanding = SOURCE) {
  const board = createBoard(source, '2026-11-23T08:00:00Z')
  for (const standing of standings) board.setScope(standing)
  return createSituationReader(board)()
}

describe('what is wrong', () => {
  test('B22: 5,000 mailboxes that fail for one cause are one incident, with the cause and a few names', () => {
    const { incidents } = read([standingOf('sales', { report: reportOf('sales', { conditions: failing(5000) }) })])

    expect(incidents).toHaveLength(1)
    expect(incidents[0]).toMatchObject({
      key: 'Failed organization/sales',
      size: 5000,
      title: 'sales: 5000 mailboxes do not work',
      lines: [
        '5000 × TrustBroken: Exchange refuses the sign-in (m0@contoso.com, m1@contoso.com, m2@contoso.com and 4997 more)',
      ],
    })
  })

  test.each([
    {
      reason: 'passes that do not come to an end',
      standing: { failure: { reason: { code: 'Unreachable', message: 'no answer' }, since: 'then', attempts: 4 } },
      expected: { topic: 'Failed', patience: 'None', title: 'sales cannot be reconciled: no answer' },
    },
    {
      reason: 'a first failure may pass',
      standing: { failure: { reason: { code: 'Unreachable', message: 'no answer' }, since: 'then', attempts: 1 } },
      expected: { topic: 'Failed', patience: 'Passing' },
    },
    {
      reason: 'a guard',
      standing: { held: { code: 'OverrideNeeded', message: '12 mailboxes would stop' } },
      expected: { topic: 'Blocked', title: 'sales is not written to: 12 mailboxes would stop' },
    },
    {
      reason: 'a guard, which a running process passes by what is committed',
      standing: {
        held: { code: 'OverrideNeeded', message: 'the limit is 30 %; if that is meant, say --allow change' },
      },
      expected: { title: 'sales is not written to: the limit is 30 %; if that is meant, commit an Override for it' },
    },
    {
      reason: 'a CRM that cannot be read',
      standing: { report: reportOf('sales', { unread: ['mailbox', 'approval'] }) },
      expected: {
        key: 'Failed organization/sales unread',
        topic: 'Failed',
        patience: 'Passing',
        title: 'sales cannot be read: the host does not accept connections',
        lines: ['Not read to the end: mailbox, approval. What depends on it is unknown, and not written.'],
      },
    },
    {
      reason: 'somebody who changes it back',
      standing: {
        report: reportOf('sales', {
          fights: [
            { stage: 'mailbox', kind: 'mailbox', key: 'a', label: 'ann', reversals: 3, since: 'then', by: 'bob' },
          ],
        }),
      },
      expected: { topic: 'Fight', title: 'sales: somebody keeps changing back 1 mailbox' },
    },
    {
      reason: 'an end that comes near',
      standing: { report: reportOf('sales', { runway: [END] }) },
      expected: { topic: 'Expiring', version: '14', title: 'certificate 9F2C ends on 2026-12-07, in 14 days' },
    },
  ] as const)('is told: $reason', ({ standing, expected }) => {
    const { incidents } = read([standingOf('sales', standing)])

    expect(incidents).toEqual([expect.objectContaining(expected)])
  })

  test.each([
    { reason: 'nothing', standing: { report: reportOf('sales') } },
    { reason: 'held by the spec', standing: { held: { code: 'Suspended', message: 'until Monday' } } },
    { reason: 'no change window', standing: { held: { code: 'NoChangeWindow', message: 'opens at 22:00' } } },
    { reason: 'an end far away', standing: { report: reportOf('sales', { runway: [{ ...END, severity: 'Calm' }] }) } },
    {
      reason: 'another replica works on it, and tells',
      standing: { phase: 'Elsewhere', report: reportOf('sales', { conditions: failing(9) }) },
    },
  ] as const)('is not: $reason', ({ standing }) => {
    expect(read([standingOf('sales', standing)]).incidents).toEqual([])
  })

  test('the same certificate of many organizations ends once', () => {
    const standings = ['a', 'b', 'c', 'd'].map((name) =>
      standingOf(name, { report: reportOf(name, { runway: [END] }) }),
    )

    const { incidents } = read(standings)

    expect(incidents).toHaveLength(1)
    expect(incidents[0]?.lines[0]).toBe('Concerns a, b, c and 1 more.')
    expect(incidents[0]?.organizations).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a revision that is not taken is told with its places', () => {
    const reason = { code: 'Invalid', message: 'it has 1 problem' }
    const problems = [{ file: 'sales.yaml', line: 14, column: 5, message: 'unknown field `incomming`' }]
    const { incidents } = read([], { ...SOURCE, refused: { revision: { ...REVISION, id: 'bad' }, problems, reason } })

    expect(incidents).toMatchObject([{ topic: 'InvalidRevision', version: 'bad' }])
    expect(incidents[0]?.lines).toContain('sales.yaml:14: unknown field `incomming`')
    expect(incidents[0]?.lines.at(-1)).toBe('Revision 3f2a91c00000 stays in force.')
  })
})

describe('what can be told', () => {
  test.each([
    { standing: {}, isKnown: false, reason: 'it was not looked at since the start' },
    { standing: { report: reportOf('sales') }, isKnown: true, reason: 'it was' },
    { standing: { phase: 'Elsewhere', report: reportOf('sales') }, isKnown: false, reason: 'another replica knows' },
  ] as const)('of an organization: $reason', ({ standing, isKnown }) => {
    expect(read([standingOf('sales', standing)]).isKnown('Failed organization/sales')).toBe(isKnown)
  })

  test.each([
    { key: 'Failed organization/sales', isKnown: false },
    { key: 'Blocked organization/sales', isKnown: false },
    { key: 'Drift organization/sales', isKnown: false },
    { key: 'Fight organization/sales', isKnown: false },
    { key: 'Expiring Certificate/s2s/2026-12-07', isKnown: false },
    { key: 'Failed organization/sales pass', isKnown: true },
    { key: 'Failed organization/sales unread', isKnown: true },
  ])('while CRM cannot be read nothing of it is over: $key', ({ key, isKnown }) => {
    const unread = standingOf('sales', { report: reportOf('sales', { unread: ['mailbox'] }) })

    expect(read([unread]).isKnown(key)).toBe(isKnown)
  })

  test('of an organization that is no longer in the spec, once all others were looked at', () => {
    const gone = 'Failed organization/gone'

    expect(read([], { kind: 'git', place: '' }).isKnown(gone)).toBe(false)
    expect(read([standingOf('sales')]).isKnown(gone)).toBe(false)
    expect(read([standingOf('sales', { report: reportOf('sales') })]).isKnown(gone)).toBe(true)
  })
})
