import type { Problem } from './diagnosis.ts'

/** What an alert can be about. */
export type AlertTopic = Problem | 'TestPassed' | 'ProfileRefused'

interface AlertText {
  /** Value of tracelog.tracecode; the real values are not documented, these are the simulator's own. */
  readonly code: number
  readonly en: string
  readonly de: string
  /** What the mail server or CRM said, for tracelog.errordetails. */
  readonly details?: string
}

/** Alert texts by topic: `{0}` is the name of the mailbox, `{1}` its address, `{2}` what else matters. */
export const ALERT_TEXTS: Readonly<Record<AlertTopic, AlertText>> = {
  TestPassed: {
    code: 20,
    en: 'The mailbox {0} passed its test. Email, appointments, contacts and tasks are processed as configured.',
    de: 'Das Postfach {0} hat den Test bestanden. E-Mails, Termine, Kontakte und Aufgaben werden wie eingestellt verarbeitet.',
  },
  UserDisabled: {
    code: 101,
    en: 'The mailbox {0} cannot be processed because its user is disabled.',
    de: 'Das Postfach {0} kann nicht verarbeitet werden, weil der Benutzer deaktiviert ist.',
  },
  AddressMissing: {
    code: 102,
    en: 'The mailbox {0} has no email address.',
    de: 'Das Postfach {0} hat keine E-Mail-Adresse.',
  },
  AddressNotApproved: {
    code: 103,
    en: 'Email of the mailbox {0} cannot be processed because the address {1} is not approved. An administrator must approve it.',
    de: 'E-Mails des Postfachs {0} können nicht verarbeitet werden, weil die Adresse {1} nicht genehmigt ist. Ein Administrator muss sie genehmigen.',
  },
  TenantApprovalMissing: {
    code: 104,
    en: 'Email of the mailbox {0} cannot be processed because an Office 365 administrator has not approved the address {1}.',
    de: 'E-Mails des Postfachs {0} können nicht verarbeitet werden, weil kein Office-365-Administrator die Adresse {1} genehmigt hat.',
  },
  ConnectionFailed: {
    code: 201,
    en: 'No secure connection to Microsoft Exchange could be made for the mailbox {0}. It is tried again later.',
    de: 'Für das Postfach {0} konnte keine sichere Verbindung zu Microsoft Exchange hergestellt werden. Der Versuch wird wiederholt.',
    details: 'The remote server returned an error: (503) Server Unavailable.',
  },
  MailboxMissing: {
    code: 202,
    en: 'The mailbox {0} with the address {1} was not found in Microsoft Exchange.',
    de: 'Das Postfach {0} mit der Adresse {1} wurde in Microsoft Exchange nicht gefunden.',
    details: 'ErrorNonExistentMailbox: The SMTP address has no mailbox associated with it.',
  },
  AddressMismatch: {
    code: 203,
    en: 'Exchange refuses access to the mailbox {0}. The address {1} may not be its primary address.',
    de: 'Exchange verweigert den Zugriff auf das Postfach {0}. Die Adresse {1} ist womöglich nicht die primäre.',
    details: 'The remote server returned an error: (401) Unauthorized.',
  },
  LicenceMissing: {
    code: 204,
    en: 'The mailbox {0} is not enabled for this operation in Microsoft Exchange. Check its licence.',
    de: 'Das Postfach {0} ist in Microsoft Exchange nicht für diesen Vorgang aktiviert. Prüfen Sie die Lizenz.',
    details: 'ErrorMailboxNotEnabled: The mailbox is not enabled for REST or EWS access.',
  },
  LocationNotDetermined: {
    code: 205,
    en: 'The location of the mailbox {0} could not be determined while sending or receiving. Check the address {1} and autodiscover.',
    de: 'Der Standort des Postfachs {0} konnte nicht ermittelt werden. Prüfen Sie die Adresse {1} und die AutoErmittlung.',
    details: 'AutodiscoverLocalException: The Autodiscover service could not be located.',
  },
  CredentialsRefused: {
    code: 206,
    en: 'The credentials for the mailbox {0} are wrong or have insufficient permissions.',
    de: 'Die Anmeldeinformationen für das Postfach {0} sind falsch oder haben nicht genügend Rechte.',
    details: 'The remote server returned an error: (401) Unauthorized.',
  },
  CertificateMissing: {
    code: 211,
    en: 'No secure connection to Microsoft Exchange could be made for the mailbox {0}: the certificate of the server could not be used.',
    de: 'Für das Postfach {0} konnte keine sichere Verbindung zu Microsoft Exchange hergestellt werden: Das Zertifikat des Servers konnte nicht verwendet werden.',
    details: 'Failed Authentication. CryptographicException: 0x80092004',
  },
  KeyUnreadable: {
    code: 215,
    en: 'No secure connection to Microsoft Exchange could be made for the mailbox {0}: acquiring a token from ACS has failed.',
    de: 'Für das Postfach {0} konnte keine sichere Verbindung zu Microsoft Exchange hergestellt werden: Der Abruf eines Tokens von ACS ist fehlgeschlagen.',
    details: 'Acquiring the token from ACS has failed. CryptographicException: 0x80090016',
  },
  KeyUnusable: {
    code: 216,
    en: 'No secure connection to Microsoft Exchange could be made for the mailbox {0}: the private key of the server could not be used.',
    de: 'Für das Postfach {0} konnte keine sichere Verbindung zu Microsoft Exchange hergestellt werden: Der private Schlüssel des Servers konnte nicht verwendet werden.',
    details: 'Failed Authentication. CryptographicException: 0x80090014',
  },
  CertificateExpired: {
    code: 217,
    en: 'No secure connection to Microsoft Exchange could be made for the mailbox {0}: the certificate of the server is not within its validity.',
    de: 'Für das Postfach {0} konnte keine sichere Verbindung zu Microsoft Exchange hergestellt werden: Das Zertifikat des Servers ist nicht gültig.',
    details: 'Failed Authentication. CryptographicException: 0x800B0101',
  },
  TokenNotAcquired: {
    code: 218,
    en: 'No secure connection to Microsoft Exchange could be made for the mailbox {0}: acquiring a token from ACS has failed.',
    de: 'Für das Postfach {0} konnte keine sichere Verbindung zu Microsoft Exchange hergestellt werden: Der Abruf eines Tokens von ACS ist fehlgeschlagen.',
    details: 'Acquiring the token from ACS has failed.',
  },
  CertificateInvalid: {
    code: 212,
    en: 'No secure connection to Microsoft Exchange could be made for the mailbox {0}: the sign-in was refused.',
    de: 'Für das Postfach {0} konnte keine sichere Verbindung zu Microsoft Exchange hergestellt werden: Die Anmeldung wurde abgelehnt.',
    details: 'AADSTS700027: Client assertion contains an invalid signature.',
  },
  TenantNotEnabled: {
    code: 213,
    en: 'The mailbox {0} cannot be processed because Microsoft Exchange does not accept the sign-in of this organization.',
    de: 'Das Postfach {0} kann nicht verarbeitet werden, weil Microsoft Exchange die Anmeldung dieser Organisation nicht annimmt.',
    details:
      'The remote server returned an error: (401) Unauthorized. Bearer client_id="00000002-0000-0ff1-ce00-000000000000", token_types="app_asserted_user_v1 service_asserted_app_v1", error="invalid_token"',
  },
  EwsBlocked: {
    code: 214,
    en: 'The mailbox {0} cannot be processed because Microsoft Exchange refuses this application.',
    de: 'Das Postfach {0} kann nicht verarbeitet werden, weil Microsoft Exchange diese Anwendung ablehnt.',
    details: 'The remote server returned an error: (403) Forbidden. The application is not in EwsAllowedAppIDs.',
  },
  SendRefused: {
    code: 207,
    en: 'Email of the mailbox {0} cannot be sent.',
    de: 'E-Mails des Postfachs {0} können nicht gesendet werden.',
    details: 'ErrorSendAsDenied: The user account does not have the right to send mail for the mailbox.',
  },
  ReceiveRefused: {
    code: 208,
    en: 'Email of the mailbox {0} cannot be received.',
    de: 'E-Mails des Postfachs {0} können nicht empfangen werden.',
    details: 'ErrorAccessDenied: Access is denied. Check credentials and try again.',
  },
  CalendarRefused: {
    code: 209,
    en: 'Appointments, contacts and tasks of the mailbox {0} cannot be synchronized.',
    de: 'Termine, Kontakte und Aufgaben des Postfachs {0} können nicht synchronisiert werden.',
    details: 'ErrorFolderNotFound: The specified folder could not be found in the store.',
  },
  ProfileRefused: {
    code: 401,
    en: 'Microsoft Exchange refuses the sign-in of the organization with the email server profile {0}.',
    de: 'Microsoft Exchange verweigert die Anmeldung der Organisation mit dem E-Mail-Serverprofil {0}.',
    details: 'The remote server returned an error: (401) Unauthorized.',
  },
  OtherOrganization: {
    code: 301,
    en: 'Appointments, contacts and tasks of the mailbox {0} are not synchronized because the mailbox belongs to another organization: {2}.',
    de: 'Termine, Kontakte und Aufgaben des Postfachs {0} werden nicht synchronisiert, weil es zu einer anderen Organisation gehört: {2}.',
  },
}
