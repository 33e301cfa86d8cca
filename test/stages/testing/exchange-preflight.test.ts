// Whom mailkeel asks Exchange Online about, what it makes of the answers, and that no answer blocks anything.
import { describe, expect, it } from 'vitest'
import type { AlertRow, MailboxRow } from '../../../src/crm/rows.ts'
import type { MailboxFact } from '../../../src/entra/tenant.ts'
import type { DesiredMailbox } from '../../../src/spec/desired.ts'
import { mailbox, organization, profile, SERVER_SIDE } from '../desired.ts'
import { idOf, memory, peopled, person, profileRow } from '../memory.ts'
import { exceptionsOf, linesOf, plan, STAGES, sentencesOf } from '../pass.ts'
import { BROKEN, surrounded, WORKING } from '../surrounded.ts'

const ANN = 'ann@contoso.com'
const PROFILES = [profileRow(1, 'Exchange Online'), profileRow(2, 'Exchange Server', { serverType: 'ExchangeServer' })]
const WISHED = [
  profile('online', { displayName: 'Exchange Online' }),
  profile('server', { displayName: 'Exchange Server', serverType: 'ExchangeServer' }),
]
const FAILED: Partial<MailboxRow> = {
  status: { incoming: 'Failure', outgoing: 'Success', appointmentsContactsTasks: 'Success' },
  testCompletedOn: '2026-11-20T07:30:00Z',
}
const HERE: MailboxFact = { state: 'Present', primaryAddress: ANN }
const GONE: MailboxFact = { state: 'Absent', why: 'NotInExchangeOnline' }

interface Given {
  readonly row?: Partial<MailboxRow>
  readonly wish?: Partial<DesiredMailbox>
  readonly fact?: MailboxFact
  readonly details?: string
  readonly trust?: typeof WORKING
  readonly fails?: boolean
}

async function planned({ row = {}, wish = {}, fact, details = '(401)', trust = WORKING, fails }: Given) {
  const alert: AlertRow = {
    id: idOf(5, 1),
    regardingId: idOf(1, 1),
    level: 'Error',
    code: 0,
    text: 'x',
    details,
    createdOn: '2026-11-20T07:30:00Z',
    modifiedOn: '2026-11-20T07:30:00Z',
  }
  const rows = { ...peopled(person(1, ANN, { mailbox: row })), profiles: PROFILES, alerts: [alert] }
  const desired = organization(
    [mailbox(ANN, { ...SERVER_SIDE, profile: 'online', testAndEnable: true, ...wish })],
    WISHED,
  )
  const asked: string[] = []
  const exchange = (addresses: readonly string[]) => {
    asked.push(...addresses)
    if (fails) throw new Error('throttled')
    return new Map(fact ? [[ANN, fact]] : [])
  }
  const result = await plan(surrounded(memory(rows), { trust, exchange }), desired)
  const context = { desired, reads: result.reads, projection: result.projection, now: new Date('2026-11-20T08:00:00Z') }
  const links = STAGES.flatMap(({ explain }) => explain?.({ kind: 'Mailbox', key: ANN }, context) ?? [])
  const read = result.reads.get('test-result')
  const ready = read?.complete ? read.rows.get(ANN)?.ready : undefined
  return { ...result, asked, ready, link: links.find(({ name }) => name === 'exchange') }
}

describe('Exchange Online is asked', () => {
  it.each<Given & { reason: string; isAsked: boolean }>([
    { reason: 'a mailbox that works is not', isAsked: false },
    { reason: 'one that fails is', row: FAILED, isAsked: true },
    { reason: 'one that was never tested is', row: { testCompletedOn: null }, isAsked: true },
    {
      reason: 'one that is to begin is',
      row: { incoming: 'None', outgoing: 'None', appointmentsContactsTasks: 'None' },
      isAsked: true,
    },
    { reason: 'one that comes from another kind of server is', row: { profileId: idOf(3, 2) }, isAsked: true },
    {
      reason: 'one that stays there is not',
      row: { ...FAILED, profileId: idOf(3, 2) },
      wish: { profile: 'server' },
      isAsked: false,
    },
    { reason: 'one that CRM has switched off is not', row: { ...FAILED, active: false }, isAsked: false },
  ])('about few: $reason', async ({ isAsked, ...given }) => {
    const { asked } = await planned(given)

    expect(asked).toEqual(isAsked ? [ANN] : [])
  })

  it('about no more than it stands in one pass, those that fail first', async () => {
    const people = Array.from({ length: 800 }, (_, index) =>
      person(index + 1, `p${1000 + index}@contoso.com`, { mailbox: index < 600 ? { testCompletedOn: null } : FAILED }),
    )
    const remote = memory({
      mailboxes: people.map((one) => one.mailbox),
      users: people.map((one) => one.user),
      profiles: PROFILES,
    })
    const desired = organization(
      people.map(({ user }) => mailbox(user.address ?? '', { ...SERVER_SIDE, profile: 'online' })),
      WISHED,
    )
    const calls: (readonly string[])[] = []
    const exchange = (addresses: readonly string[]) => {
      calls.push(addresses)
      return new Map()
    }

    await plan(surrounded(remote, { trust: WORKING, exchange }), desired)

    expect(calls.map(({ length }) => length)).toEqual([500])
    expect(calls[0]?.[0]).toBe('p1600@contoso.com')
  })
})

describe('what Exchange Online says', () => {
  it.each<Given & { reason: string; code: string; link: unknown }>([
    {
      reason: 'names the cause of what an alert only hints at',
      row: FAILED,
      fact: GONE,
      code: 'MissingInExchange',
      link: { state: 'broken', words: 'there is somebody with this address, but no mailbox in Exchange Online' },
    },
    {
      reason: 'nobody has the address',
      row: FAILED,
      fact: { state: 'Absent', why: 'NoSuchUser' },
      code: 'MissingInExchange',
      link: { state: 'broken', words: 'nobody in the tenant has this address' },
    },
    {
      reason: 'names the other primary address',
      row: FAILED,
      fact: { state: 'Present', primaryAddress: 'ann.smith@contoso.com' },
      code: 'AddressMismatch',
      link: { state: 'broken', words: 'its primary address in Exchange is another one (ann.smith@contoso.com)' },
    },
    {
      reason: 'case makes no other address',
      row: FAILED,
      fact: { state: 'Present', primaryAddress: 'Ann@Contoso.com' },
      code: 'Unauthorized',
      link: { state: 'good', words: 'exists in Exchange Online, same primary address' },
    },
    {
      reason: 'it may be there without telling its address',
      row: FAILED,
      fact: { state: 'Present' },
      code: 'Unauthorized',
      link: { state: 'good', words: 'exists in Exchange Online' },
    },
    {
      reason: 'what could not be told says nothing',
      row: FAILED,
      fact: { state: 'Unknown', why: 'throttled' },
      code: 'Unauthorized',
      link: { state: 'told', words: 'could not be told: throttled' },
    },
    {
      reason: 'a cause that is known is left as it is',
      row: FAILED,
      details: 'ErrorServerBusy',
      fact: GONE,
      code: 'Transient',
      link: { state: 'broken' },
    },
    {
      reason: 'a trust that is broken goes first',
      row: FAILED,
      trust: BROKEN,
      fact: GONE,
      code: 'TrustBroken',
      link: { state: 'broken' },
    },
    { reason: 'a question that failed is no answer', row: FAILED, fails: true, code: 'Unauthorized', link: undefined },
  ])('$reason', async ({ code, link, ...given }) => {
    const result = await planned(given)

    expect(result.ready?.code).toBe(code)
    if (link === undefined) expect(result.link).toBeUndefined()
    else expect(result.link).toMatchObject(link as object)
  })

  it.each<{ reason: string; fact: MailboxFact; said: string | undefined }>([
    { reason: 'it is there', fact: HERE, said: undefined },
    {
      reason: 'it is not',
      fact: GONE,
      said: 'note: ann@contoso.com has no mailbox in Exchange Online, so its test would fail',
    },
    {
      reason: 'it has another address',
      fact: { state: 'Present', primaryAddress: 'a@contoso.com' },
      said: 'note: ann@contoso.com has another primary address in Exchange Online, so its test would fail',
    },
    { reason: 'nobody knows', fact: { state: 'Unknown', why: 'throttled' }, said: undefined },
  ])('is told with a move there, and blocks nothing: $reason', async ({ fact, said }) => {
    const { plan: result } = await planned({ row: { profileId: idOf(3, 2) }, fact })

    expect(exceptionsOf(result)).toEqual([])
    expect(linesOf(result)).toEqual([`mailbox update ${ANN}: profile, test`])
    expect(sentencesOf(result).filter((line) => line.startsWith('note'))).toEqual(said === undefined ? [] : [said])
  })
})
