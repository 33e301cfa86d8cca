import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AlertRow } from '../../../src/crm/rows.ts'
import { ALERT_TEXTS } from '../../../src/simulator/world/alert-texts.ts'
import { type CauseEntry, causeOf } from '../../../src/stages/testing/test-cause.ts'
import { CAUSES } from '../../../src/stages/testing/test-causes.data.ts'

const UNSEEN = 987_654

function alert(fields: Partial<AlertRow>): AlertRow {
  const at = '2026-11-10T08:00:00Z'
  return { id: 'a', regardingId: 'm', level: 'Error', code: UNSEEN, text: '', createdOn: at, modifiedOn: at, ...fields }
}

const codeOf = (fields: Partial<AlertRow>, names?: readonly string[]) => causeOf(alert(fields), names).code

const TABLE: readonly { reason: string; alert: Partial<AlertRow>; names?: readonly string[]; cause: string }[] = [
  { reason: 'a known code', alert: { code: 202, text: 'メールボックスが見つかりません' }, cause: 'MissingInExchange' },
  {
    reason: 'a status goes before a number, which is provisional',
    alert: { code: 203, details: 'The remote server returned an error: (401) Unauthorized.' },
    cause: 'Unauthorized',
  },
  {
    reason: 'an id goes before a number that says otherwise',
    alert: { code: 212, details: 'ErrorNonExistentMailbox: …' },
    cause: 'MissingInExchange',
  },
  {
    reason: 'an id in the text goes before a number, too',
    alert: { code: 212, text: 'Fehler ErrorServerBusy' },
    cause: 'Transient',
  },
  {
    reason: 'details that fit two causes are not settled by a number',
    alert: { code: 201, details: 'ErrorServerBusy ErrorNonExistentMailbox' },
    cause: 'Unknown',
  },
  {
    reason: 'an address that is not the primary one',
    alert: { details: 'ErrorNonPrimarySmtpAddress' },
    cause: 'AddressMismatch',
  },
  {
    reason: 'no licence for it',
    alert: { details: 'ErrorMailboxNotEnabledForRESTAPI' },
    cause: 'NoLicence',
  },
  {
    reason: 'a certificate Entra refuses',
    alert: { details: 'AADSTS700030: Invalid certificate' },
    cause: 'CertificateInvalid',
  },
  { reason: 'a wrong secret', alert: { details: 'AADSTS7000215' }, cause: 'CredentialsRefused' },
  { reason: 'it may not act for others', alert: { details: 'ErrorImpersonateUserDenied' }, cause: 'Forbidden' },
  { reason: 'an id of Exchange', alert: { details: 'ErrorNonExistentMailbox: …' }, cause: 'MissingInExchange' },
  { reason: 'in whatever case', alert: { details: 'ERRORNONEXISTENTMAILBOX' }, cause: 'MissingInExchange' },
  { reason: 'not within another word', alert: { details: 'ErrorNonExistentMailboxX' }, cause: 'Unknown' },
  { reason: 'an id among parameters alone', alert: { parameters: '<P2>ErrorServerBusy</P2>' }, cause: 'Transient' },
  { reason: 'a mailbox that moves', alert: { details: 'ErrorMailboxMoveInProgress' }, cause: 'MailboxMoving' },
  { reason: 'a certificate that is not there', alert: { details: '0x80092004' }, cause: 'CertificateMissing' },
  { reason: 'a private key out of reach', alert: { details: 'HResult 0x80090016.' }, cause: 'CertificateMissing' },
  { reason: 'an expired certificate', alert: { details: '0x800b0101' }, cause: 'CertificateInvalid' },
  { reason: 'a certificate Entra does not know', alert: { details: 'AADSTS700027: …' }, cause: 'CertificateInvalid' },
  { reason: 'a wrong tenant', alert: { text: 'Fehler AADSTS90002' }, cause: 'TenantWrong' },
  {
    reason: 'tokens refused though they are right: both signs must be there',
    alert: { details: '(401) token_types="app_asserted_user_v1 service_asserted_app_v1", error="invalid_token"' },
    cause: 'TenantNotEnabled',
  },
  {
    reason: 'one of the two signs is a plain 401',
    alert: { details: '(401) token_types="app_asserted_user_v1 service_asserted_app_v1"' },
    cause: 'Unauthorized',
  },
  { reason: 'EWS by name', alert: { details: '(403) EwsAllowedAppIDs' }, cause: 'EwsBlocked' },
  { reason: 'a status in parentheses', alert: { details: 'Der Remoteserver: (403) Unzulässig.' }, cause: 'Forbidden' },
  { reason: 'a status behind HTTP', alert: { text: 'リモート HTTP/1.1 503' }, cause: 'Transient' },
  { reason: 'a number alone is no status', alert: { text: 'Raum 401, Etage 503' }, cause: 'Unknown' },
  { reason: 'sentences in English', alert: { text: 'autodiscover failed, mailbox not found' }, cause: 'Unknown' },
  { reason: 'sentences in German', alert: { text: 'Das Postfach wurde nicht gefunden.' }, cause: 'Unknown' },
  {
    reason: 'sentences in Japanese',
    alert: { text: 'メールボックスの場所を特定できませんでした。' },
    cause: 'Unknown',
  },
  { reason: 'garbage', alert: { text: '\u0000\ud800�{0} %s <x', details: '<<<&&&' }, cause: 'Unknown' },
  { reason: 'nothing at all', alert: { details: null, parameters: null }, cause: 'Unknown' },
  {
    reason: 'details that fit two causes',
    alert: { details: 'ErrorServerBusy ErrorNonExistentMailbox' },
    cause: 'Unknown',
  },
  {
    reason: 'details go before the text',
    alert: { details: 'ErrorServerBusy', text: 'ErrorNonExistentMailbox' },
    cause: 'Transient',
  },
  {
    reason: 'A24: a mailbox whose name is an error id',
    alert: {
      text: 'Das Postfach ErrorNonExistentMailbox (401) geht nicht',
      parameters: '<P0>ErrorNonExistentMailbox (401)</P0>',
    },
    names: ['ErrorNonExistentMailbox (401)'],
    cause: 'Unknown',
  },
  {
    reason: 'A24: an address that holds one',
    alert: { parameters: '<P1>aadsts700027@contoso.com</P1>' },
    cause: 'Unknown',
  },
  {
    reason: 'A24: a name that must be escaped in XML',
    alert: { parameters: '<P0>R&amp;D &lt;0x800B0101&gt;</P0>' },
    names: ['R&D <0x800B0101>'],
    cause: 'Unknown',
  },
  { reason: 'a row that could not be understood', alert: { code: 202, undecodable: 'column level' }, cause: 'Unknown' },
]

describe('the cause an alert tells of', () => {
  it.each(TABLE)('$reason', ({ alert: fields, names, cause }) => {
    expect(codeOf(fields, names)).toBe(cause)
  })

  it('is never a wrong one, whatever text comes with a code nobody has seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ maxLength: 300 }), (text, details) => {
        expect(codeOf({ text, details })).toBe('Unknown')
      }),
    )
  })

  it.each([211, 212, 213, 214])('B22: the number %i alone never says that it meets all', (code) => {
    expect(causeOf(alert({ code })).code).not.toBe('Unknown')
    expect(causeOf(alert({ code })).repeats).toBeUndefined()
    expect(causeOf(alert({ code }), [], 'profile').repeats, 'the alert of a profile does').toBe(true)
  })

  it('of a profile is that of all its mailboxes', () => {
    const refused = alert({ details: 'The remote server returned an error: (401) Unauthorized.' })

    expect(causeOf(refused, [], 'profile')).toMatchObject({ code: 'ProfileRefused', repeats: true })
    expect(causeOf(alert({ code: 401 }), [], 'mailbox').code).toBe('Unknown')
  })

  it('of an unknown code keeps the words and the code of CRM', () => {
    const { words } = causeOf(alert({ text: 'Etwas ging schief' }))

    expect(words).toBe('CRM says (alert 987654): "Etwas ging schief"')
  })
})

/** What may be said of each alert of the simulator when its code is one nobody has seen: less, and never something else. */
const WITHOUT_CODE: Readonly<Record<string, string>> = {
  ConnectionFailed: 'Transient',
  MailboxMissing: 'MissingInExchange',
  AddressMismatch: 'Unauthorized',
  LocationNotDetermined: 'AutodiscoverFailed',
  CredentialsRefused: 'Unauthorized',
  ProfileRefused: 'Unauthorized',
  CertificateMissing: 'CertificateMissing',
  KeyUnreadable: 'CertificateMissing',
  KeyUnusable: 'CertificateMissing',
  CertificateExpired: 'CertificateInvalid',
  CertificateInvalid: 'CertificateInvalid',
  TenantNotEnabled: 'TenantNotEnabled',
  EwsBlocked: 'EwsBlocked',
  LicenceMissing: 'NoLicence',
  CalendarRefused: 'CalendarRefused',
  SendRefused: 'SendRefused',
  ReceiveRefused: 'Forbidden',
}

describe('alerts as CRM logs them', () => {
  it.each(Object.entries(ALERT_TEXTS))('%s is told truly without its code, in both languages', (topic, texts) => {
    for (const text of [texts.en, texts.de]) {
      const filled = text.replace(/\{\d\}/g, 'Ann')

      expect(codeOf({ text: filled, details: texts.details ?? null })).toBe(WITHOUT_CODE[topic] ?? 'Unknown')
      expect(codeOf({ text: filled }), 'words are no evidence').toBe('Unknown')
    }
  })
})

describe('the list of causes', () => {
  const entries: readonly (readonly [string, CauseEntry])[] = Object.entries(CAUSES)

  it('gives no code, id or status to two causes', () => {
    const claimed = entries.flatMap(([, { match }]) => [
      ...(match?.traceCodes ?? []),
      ...(match?.httpStatuses ?? []).map((status) => `${match?.regards ?? ''} HTTP ${status}`),
      ...(match?.ids ?? []).map((id) => JSON.stringify(id).toLowerCase()),
    ])

    expect(claimed.length).toBeGreaterThan(40)
    expect(claimed).toEqual([...new Set(claimed)])
  })

  it('is the one the reference shows, with what repeats and when it is tried again', async () => {
    const page = await readFile(new URL('../../../docs/reference/causes.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `(\w+)`\s*\|[^|]*\|\s*(yes)?\s*\|\s*([^|]*?)\s*\|$/gm)]
    const pause = { AfterAnHour: 'an hour', AfterADay: 'a day', Never: 'never' }

    expect(rows.map(([, code, repeats, again]) => [code, repeats, again])).toEqual(
      entries.map(([code, { repeats, again }]) => [
        code,
        repeats ? 'yes' : undefined,
        code === 'NotApproved' ? 'when it is approved' : pause[again],
      ]),
    )
  })

  it('what repeats is never told by a status alone, unless the alert is one of a profile', () => {
    for (const [code, { repeats, match }] of entries) {
      if (repeats && match?.regards !== 'profile') expect(match?.httpStatuses, code).toBeUndefined()
    }
  })
})
