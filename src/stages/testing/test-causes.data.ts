// Why mailboxes fail: the one list. To teach mailkeel a cause, add an entry here and a row in docs/reference/causes.md; nothing else knows
// causes by name. What an entry must say is described by `CauseEntry` in test-cause.ts.
//
// CRM tells causes by alerts. Their texts are localized and their numbers are not published, so what is matched is, in this order: ids and
// statuses in the details and parameters, which no language touches (Microsoft, EWS ResponseCode; Microsoft Entra authentication error codes;
// Win32 certificate error codes); the same in the text; the number. Sentences are never matched. An alert that fits no entry, or more than
// one, is told in its own words.
//
// PROVISIONAL: the trace codes were not seen on real servers yet; they are those of the simulator, to be confirmed or replaced. A real server
// may use the same number for something else, so a number alone never says that a cause repeats.
import type { CauseEntry } from './test-cause.ts'

const CHECK_ALERTS = 'Look at its alerts in CRM.'

/** Every cause by its code. */
export const CAUSES = {
  NoProfile: {
    words: 'it has no email server profile, so CRM does not process it',
    next: 'Name a profile in its set.',
    again: 'Never',
  },
  ProfileInactive: {
    words: 'its email server profile is inactive, so CRM does not process it',
    next: 'Activate the profile in CRM, or name another one in its set.',
    again: 'Never',
  },
  NotApproved: {
    words: 'its address is not approved',
    next: 'Approve it, or write `approval: Approved` in its set.',
    again: 'Never',
    match: { traceCodes: [103] },
  },
  UserDisabled: {
    words: 'its user is disabled in CRM',
    next: 'Enable the user, or remove the mailbox from the spec.',
    again: 'Never',
    match: { traceCodes: [101] },
  },
  AddressMissing: {
    words: 'it has no address in CRM',
    next: 'Give the user or queue its address.',
    again: 'Never',
    match: { traceCodes: [102], ids: ['ErrorMissingEmailAddress'] },
  },
  DisabledByCrm: {
    words: 'CRM switched it off by itself after its last test',
    next: 'Look at its alerts in CRM, mend the cause, then test it again.',
    again: 'AfterADay',
  },
  ChannelIsRouter: {
    words: 'CRM processes e-mail with the Email Router, so no test ever starts',
    next: 'Set the e-mail settings of CRM to server-side synchronization.',
    again: 'Never',
    repeats: true,
  },
  AsyncServiceOff: {
    words: 'CRM processes no mailbox at all: its asynchronous service or its background operations seem to be off',
    next: 'Start the asynchronous service of CRM, and see that the organization is not in administration mode and background operations are on.',
    again: 'Never',
    repeats: true,
  },
  TestTimedOut: {
    words: 'its test was asked for and did not end in time',
    next: 'Look at system jobs and the asynchronous service of CRM; the test stays scheduled.',
    again: 'Never',
  },
  Transient: {
    words: 'Exchange could not be reached for a while',
    next: 'CRM tries again by itself; if it stays so, check the connection to Exchange.',
    again: 'AfterAnHour',
    match: {
      traceCodes: [201],
      ids: [
        'ErrorServerBusy',
        'ErrorMailboxStoreUnavailable',
        'ErrorInternalServerTransientError',
        'ErrorTimeoutExpired',
        'ErrorConnectionFailed',
        'ErrorConnectionFailedTransientError',
        'ErrorMailboxFailover',
        'ErrorADUnavailable',
        'ErrorExceededConnectionCount',
      ],
      httpStatuses: [429, 500, 502, 503, 504],
    },
  },
  MailboxMoving: {
    words: 'its mailbox is being moved in Exchange',
    next: 'Wait for the move to end, then test it again.',
    again: 'AfterAnHour',
    match: { ids: ['ErrorMailboxMoveInProgress'] },
  },
  MissingInExchange: {
    words: 'Exchange has no mailbox with this address',
    next: 'Create the mailbox in Exchange, correct the address, or stop it in its set (`incoming: None`).',
    again: 'AfterADay',
    match: { traceCodes: [202], ids: ['ErrorNonExistentMailbox', 'ErrorMailRecipientNotFound'] },
  },
  AddressMismatch: {
    words: 'Exchange refuses access, its primary address there may be another one',
    next: 'Compare the address with the primary address in Exchange.',
    again: 'AfterADay',
    match: { traceCodes: [203], ids: ['ErrorNonPrimarySmtpAddress'] },
  },
  NoLicence: {
    words: 'its mailbox in Exchange is not enabled for this',
    next: 'Give the mailbox a licence with Exchange Online, or stop it in its set (`incoming: None`).',
    again: 'AfterADay',
    match: {
      traceCodes: [204],
      ids: ['ErrorMailboxNotEnabled', 'ErrorMailboxNotEnabledForRESTAPI', 'MailboxNotEnabledForRESTAPI'],
    },
  },
  AccountDisabled: {
    words: 'its account is disabled in Exchange',
    next: 'Enable the account, or stop the mailbox in its set.',
    again: 'AfterADay',
    match: { ids: ['ErrorAccountDisabled'] },
  },
  AutodiscoverFailed: {
    words: 'autodiscover did not find its mailbox',
    next: 'Check address and autodiscover of its domain, or give the profile fixed server locations.',
    again: 'AfterADay',
    ofProfile: true,
    match: {
      traceCodes: [205],
      ids: ['AutodiscoverLocalException', 'AutodiscoverRemoteException', 'ErrorAutoDiscoverFailed'],
    },
  },
  TrustBroken: {
    words: 'the trust with Exchange Online is broken',
    next: 'Run `mailkeel explain`, it shows the links of the trust.',
    again: 'Never',
    repeats: true,
    ofTrust: true,
  },
  CertificateMissing: {
    words: 'CRM does not find the certificate it signs in with, or may not read or use its private key',
    next: 'Install the certificate with KeySpec 1 on every server of the asynchronous service, and let its account read the private key.',
    again: 'AfterADay',
    repeats: true,
    ofTrust: true,
    // CRYPT_E_NOT_FOUND, NTE_BAD_KEYSET, NTE_NO_KEY, NTE_BAD_PROV_TYPE
    match: { traceCodes: [211], ids: ['0x80092004', '0x80090016', '0x8009000D', '0x80090014'] },
  },
  CertificateInvalid: {
    words: 'the certificate CRM signs in with is expired, not yet valid, or not the one Entra knows',
    next: 'Compare the certificate of CRM with the credentials of its service principal in Entra.',
    again: 'AfterADay',
    repeats: true,
    ofTrust: true,
    // CERT_E_EXPIRED; the assertion has an invalid signature; it is outside its time; keys expired; its certificate is refused
    match: {
      traceCodes: [212],
      ids: ['0x800B0101', 'AADSTS700027', 'AADSTS700024', 'AADSTS7000222', 'AADSTS50012', 'AADSTS700030'],
    },
  },
  TenantWrong: {
    words: 'Entra does not know the tenant, or not this application in it',
    next: 'Compare the tenant id of the spec, of CRM and of Entra.',
    again: 'AfterADay',
    repeats: true,
    ofTrust: true,
    match: { ids: ['AADSTS90002', 'AADSTS900023', 'AADSTS700016', 'AADSTS500011'] },
  },
  TenantNotEnabled: {
    words:
      'Exchange Online refuses the tokens of CRM: the tenant was probably never enabled for it by Exchange Support',
    next: 'Where it was enabled before 2025-10-01, have Exchange Support look at why it is refused (`attestations.exchangeSupportEnabled`, `attestations.hybridConnector`); Microsoft enables no further tenant since then, so any other needs another way to connect.',
    again: 'AfterADay',
    repeats: true,
    ofTrust: true,
    match: { traceCodes: [213], ids: [['service_asserted_app_v1', 'invalid_token']] },
  },
  EwsBlocked: {
    words: 'Exchange Online lets CRM use no Exchange Web Services: they are off, or CRM is not on the allow list',
    next: 'Check EwsEnabled and EwsAllowedAppIDs of the tenant (`attestations.ewsAllowList`); changes take up to a day. From 2027-04-01 on Exchange Online lets nobody in this way.',
    again: 'AfterADay',
    repeats: true,
    ofTrust: true,
    match: { traceCodes: [214], ids: ['EwsAllowedAppIDs', 'EwsApplicationAccessPolicy'] },
  },
  ProfileRefused: {
    words: "Exchange refuses this organization's sign-in for every mailbox of its profile",
    next: 'Check certificate, tenant and credentials of its profile.',
    again: 'AfterADay',
    repeats: true,
    ofTrust: true,
    match: { regards: 'profile', traceCodes: [401], httpStatuses: [401] },
  },
  CredentialsRefused: {
    words: "Exchange refuses this organization's sign-in",
    next: 'Check certificate, tenant and credentials of its profile.',
    again: 'AfterADay',
    ofProfile: true,
    ofTrust: true,
    // A wrong secret of the application; a wrong name or password
    match: { traceCodes: [206], ids: ['AADSTS7000215', 'AADSTS50126'] },
  },
  SendRefused: {
    words: 'Exchange refuses to send for it',
    next: 'Check the right to send as this mailbox in Exchange.',
    again: 'AfterADay',
    match: { traceCodes: [207], ids: ['ErrorSendAsDenied'] },
  },
  ReceiveRefused: {
    words: 'Exchange refuses to hand over its e-mail',
    next: 'Check the access to this mailbox in Exchange.',
    again: 'AfterADay',
    match: { traceCodes: [208] },
  },
  CalendarRefused: {
    words: 'its calendar, contacts and tasks cannot be reached in Exchange',
    next: 'Check the folders of this mailbox in Exchange.',
    again: 'AfterADay',
    match: { traceCodes: [209], ids: ['ErrorFolderNotFound'] },
  },
  OtherOrganization: {
    words: 'another CRM organization synchronizes its appointments, contacts and tasks',
    next: 'Decide which organization does; `primarySync: Claim` takes it over.',
    again: 'Never',
    match: { traceCodes: [301] },
  },
  Unauthorized: {
    words: 'Exchange answers 401, it refuses the sign-in for this mailbox',
    next: 'Compare its address with the primary address in Exchange; where all mailboxes of the profile fail, check certificate, tenant and credentials.',
    again: 'AfterADay',
    ofProfile: true,
    ofTrust: true,
    match: { httpStatuses: [401] },
  },
  Forbidden: {
    words: 'Exchange refuses access to its mailbox',
    next: 'Check the access to this mailbox; where all mailboxes of the profile fail, check EwsEnabled and EwsAllowedAppIDs of the tenant.',
    again: 'AfterADay',
    ofProfile: true,
    match: {
      httpStatuses: [403],
      ids: ['ErrorAccessDenied', 'ErrorImpersonateUserDenied', 'ErrorImpersonationDenied', 'ErrorImpersonationFailed'],
    },
  },
  Unknown: { words: 'nobody knows why', next: CHECK_ALERTS, again: 'AfterADay' },
} as const satisfies Readonly<Record<string, CauseEntry>>
