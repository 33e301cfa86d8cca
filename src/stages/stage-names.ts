/** Names of the stages that others speak of: in what they need, in what they block, in what they look at before planning themselves. */
export const STAGE_NAMES = {
  prerequisites: 'prerequisites',
  emailServerProfile: 'email-server-profile',
  emailSettings: 'email-settings',
  mailboxIdentity: 'mailbox-identity',
  approval: 'approval',
  mailbox: 'mailbox',
  testResult: 'test-result',
  trustPrerequisites: 'trust-prerequisites',
  certificateStore: 'certificate-store',
  credential: 'credential',
  servicePrincipalNames: 'service-principal-names',
  serverSettings: 'server-settings',
  tenantId: 'tenant-id',
  certificateSwitch: 'certificate-switch',
  serviceRestart: 'service-restart',
  credentialRetire: 'credential-retire',
} as const

/** The key of the one object of stage email-settings. */
export const SETTINGS_KEY = 'email-settings'
