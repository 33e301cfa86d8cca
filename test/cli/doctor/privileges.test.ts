import { describe, expect, it } from 'vitest'
import type { Purpose } from '../../../src/cli/doctor/as-identity.ts'
import { grantFindings, grantsOf } from '../../../src/cli/doctor/grants.ts'
import { inWords, privilegeFindings } from '../../../src/cli/doctor/privileges.ts'
import { EVERYTHING, ORGANIZATION, organizationOf, PROFILE, setOf } from '../../stack/spec.ts'

const READS = [
  'prvReadMailbox',
  'prvReadEmailServerProfile',
  'prvReadOrganization',
  'prvReadUser',
  'prvReadQueue',
  'prvReadTraceLog',
]
const question = (check: string) => ({ subject: 'organization', check, tried: 'asking' })

async function excess(purpose: Purpose, more: readonly string[]) {
  const desired = await organizationOf({
    's.yaml': ORGANIZATION + PROFILE + setOf('sales', ['ann@contoso.com'], EVERYTHING),
  })
  const held = new Set([...READS, ...more])
  const all = privilegeFindings(question, { desired, held, role: { purpose, identity: 'crm' }, userId: 'u' })
  return all.find(({ check }) => check === 'least privilege')?.code
}

describe('privileges beyond the need', () => {
  it.each([
    { purpose: 'reading', more: [], code: 'InOrder', reason: 'who reads may read' },
    { purpose: 'reading', more: ['prvWriteMailbox'], code: 'ReaderMayWrite', reason: 'who reads may not write' },
    { purpose: 'writing', more: ['prvWriteMailbox'], code: 'InOrder', reason: 'who writes may write' },
    {
      purpose: 'writing',
      more: ['prvWriteMailbox', 'prvAssignRole'],
      code: 'Administrator',
      reason: 'who gives roles has all',
    },
    { purpose: 'reading', more: ['prvWriteRole'], code: 'Administrator', reason: 'also where it only reads' },
    {
      purpose: 'both',
      more: ['prvWriteMailbox'],
      code: 'ReadsAndWrites',
      reason: 'one for both holds more than a plan needs',
    },
    { purpose: 'both', more: [], code: 'InOrder', reason: 'one that cannot write is no danger' },
  ] as const)('$purpose with $more: $reason', async ({ purpose, more, code }) => {
    const told = await excess(purpose, more)

    expect(told).toBe(code)
  })

  it.each([
    ['prvAppendToEmailServerProfile', 'prvAppendToEmailServerProfile (Append To on Email Server Profile)'],
    ['prvReadMailbox', 'prvReadMailbox (Read on Mailbox)'],
    [
      'prvApproveRejectEmailAddress',
      'prvApproveRejectEmailAddress ("Approve Email Addresses for Users or Queues", tab Business Management)',
    ],
  ])('%s is told as people find it in a role', (name, told) => {
    const words = inWords(name)

    expect(words).toBe(told)
  })
})

describe('permissions of Microsoft Graph', () => {
  const input = {
    role: { purpose: 'reading', identity: 'a' },
    preflight: false,
    writes: true,
    clientId: 'c',
    consentUrl: 'https://x',
  } as const

  it.each([
    { purpose: 'reading', preflight: false, writes: true, needed: ['Application.Read.All', 'Organization.Read.All'] },
    {
      purpose: 'reading',
      preflight: true,
      writes: true,
      needed: ['Application.Read.All', 'Organization.Read.All', 'User.Read.All', 'MailboxSettings.Read'],
    },
    {
      purpose: 'writing',
      preflight: true,
      writes: true,
      needed: ['Application.Read.All', 'Organization.Read.All', 'Application.ReadWrite.All'],
    },
    { purpose: 'both', preflight: false, writes: false, needed: ['Application.Read.All', 'Organization.Read.All'] },
  ] as const)('$purpose, preflight $preflight, writing $writes', ({ purpose, preflight, writes, needed }) => {
    const grants = grantsOf({ role: { purpose, identity: 'a' }, preflight, writes })

    expect(grants.map(({ permission }) => permission)).toEqual(needed)
  })

  it('a broader one is enough, and told as more than needed', () => {
    const [held, beyond] = grantFindings(question, { ...input, roles: new Set(['Directory.Read.All']) })

    expect(held?.verdict).toBe('Good')
    expect(beyond).toMatchObject({
      verdict: 'Excess',
      code: 'MoreThanNeeded',
      evidence: 'not needed: Directory.Read.All',
    })
  })

  it('OwnedBy is not enough to write', () => {
    const roles = new Set(['Application.Read.All', 'Organization.Read.All', 'Application.ReadWrite.OwnedBy'])
    const [held] = grantFindings(question, { ...input, role: { purpose: 'writing', identity: 'a' }, roles })

    expect(held).toMatchObject({ verdict: 'Broken', evidence: 'the application lacks Application.ReadWrite.All' })
  })
})
