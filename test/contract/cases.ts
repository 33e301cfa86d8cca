// What the contract suite runs for each stage: a desired state, the ways in which the simulated organization is made to differ from it,
// and what must come of it. Everything else is the same for all stages.
import type { SimulatedWorld } from '../../src/simulator/index.ts'
import type { EntityName, Row } from '../../src/simulator/world.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { settings as emailSettings, mailbox, organization, profile, SERVER_SIDE } from '../stages/desired.ts'

type Tamper = (world: SimulatedWorld) => void

/** Somebody else makes one field differ. */
export interface Drift {
  readonly field: string
  /** Fields the change must have, where they are more than the one. */
  readonly fields?: readonly string[]
  /** Where it is not the key of the case. */
  readonly key?: string
  readonly tamper: Tamper
}

/** One writing stage with an object of its own. */
export interface ContractCase {
  readonly stage: string
  readonly key: string
  /** What is desired of the object. */
  readonly desired: DesiredOrganization
  /** Makes the object be absent; the seeded organization has it otherwise. */
  readonly remove?: (world: SimulatedWorld) => void
  /** What absence means for this stage. */
  readonly absent: 'create' | 'Waiting' | 'never'
  readonly drifts: readonly Drift[]
  /** Two who set one field to different values. */
  readonly rivals: readonly [Tamper, Tamper]
  /** Makes it impossible to tell the object. */
  readonly confuse: (world: SimulatedWorld) => void
  readonly confusion: string
  /** Where it is told of another key than that of the case: of a part of the object. */
  readonly confusedKey?: string
}

/** The one row of a table with this value in this column. */
export function rowWith(
  world: SimulatedWorld,
  entity: EntityName,
  column: string,
  value: string,
): readonly [string, Row] {
  const found = [...world.rows(entity)].filter(([, row]) => row[column] === value)
  const [only] = found
  if (!only || found.length !== 1) throw new Error(`${found.length} rows of ${entity} have ${column} ${value}`)
  return only
}

/** Somebody with all rights changes one row by hand. */
export function edit(world: SimulatedWorld, entity: EntityName, column: string, value: string, columns: Row): void {
  const [id] = rowWith(world, entity, column, value)
  world.update(world.callers.admin, entity, id, columns)
}

const PROFILE_NAME = 'Exchange Online'
const ANN = 'ann@contoso.com'
const INFO = 'info@contoso.com'
const SUPPORT = 'support@contoso.com'

function profileDrift(field: string, columns: Row): Drift {
  return { field, tamper: (world) => edit(world, 'emailserverprofile', 'name', PROFILE_NAME, columns) }
}

const WHOLE_PROFILE = profile('exchange-online', {
  displayName: PROFILE_NAME,
  description: 'Mail of the sales organization',
  owner: { user: 'crm-mail@contoso.com' },
  useDefaultTenantId: true,
  exchangeOnlineTenantId: '5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11',
  autoDiscover: true,
  incomingServerLocation: 'https://mail.contoso.com/EWS/Exchange.asmx',
  outgoingServerLocation: 'https://mail.contoso.com/EWS/Exchange.asmx',
  incomingPort: 443,
  outgoingPort: 444,
  incomingUseSsl: true,
  outgoingUseSsl: true,
  incomingAuthenticationProtocol: 'NTLM',
  outgoingAuthenticationProtocol: 'Basic',
  incomingCredentials: 'Profile',
  outgoingCredentials: 'ServerToServer',
  incomingUserName: 'svc-in',
  outgoingUserName: 'svc-out',
  incomingPassword: { secret: 'mail-in', version: '2026-11' },
  outgoingPassword: { secret: 'mail-out', version: '7' },
  incomingUseImpersonation: true,
  outgoingUseImpersonation: true,
  outgoingAutoGrantDelegateAccess: true,
  useSameSettingsForOutgoing: false,
  exchangeVersion: 'Exchange2013',
  processEmailFrom: '2026-11-01T00:00:00Z',
  minimumPollingIntervalMinutes: 10,
  maximumConcurrentConnections: 20,
  moveFailedEmailsToUndeliverableFolder: true,
  sendAlertEmails: true,
  timeoutMailboxConnection: true,
  timeoutMailboxConnectionAfterMs: 30_000,
  encodingCodePage: 'utf-8',
})

const MARKERS = '[mailkeel: incoming password "2026-11", outgoing password "7"]'

const emailServerProfile: ContractCase = {
  stage: 'email-server-profile',
  key: 'exchange-online',
  desired: organization([], [WHOLE_PROFILE]),
  remove(world) {
    world.update(world.callers.admin, 'organization', world.organizationId, { defaultemailserverprofileid: null })
    world.remove(
      world.callers.admin,
      'emailserverprofile',
      rowWith(world, 'emailserverprofile', 'name', PROFILE_NAME)[0],
    )
  },
  absent: 'create',
  drifts: [
    profileDrift('serverType', { servertype: 2 }),
    profileDrift('description', { description: `Somebody else's words\r\n${MARKERS}` }),
    {
      field: 'owner',
      tamper: (world) =>
        edit(world, 'emailserverprofile', 'name', PROFILE_NAME, {
          ownerid: { entity: 'systemuser', id: rowWith(world, 'systemuser', 'internalemailaddress', ANN)[0] },
        }),
    },
    profileDrift('useDefaultTenantId', { usedefaulttenantid: false }),
    profileDrift('exchangeOnlineTenantId', { exchangeonlinetenantid: '00000000-8c1b-4e0e-9a55-0f2f6f1f7a11' }),
    profileDrift('autoDiscover', { useautodiscover: false }),
    profileDrift('incomingServerLocation', { incomingserverlocation: 'https://other.contoso.com/' }),
    profileDrift('outgoingServerLocation', { outgoingserverlocation: null }),
    profileDrift('incomingPort', { incomingportnumber: 995 }),
    profileDrift('outgoingPort', { outgoingportnumber: null }),
    profileDrift('incomingUseSsl', { incomingusessl: false }),
    profileDrift('outgoingUseSsl', { outgoingusessl: false }),
    profileDrift('incomingAuthenticationProtocol', { incomingauthenticationprotocol: 0 }),
    profileDrift('outgoingAuthenticationProtocol', { outgoingauthenticationprotocol: 1 }),
    profileDrift('incomingCredentials', { incomingcredentialretrieval: 0 }),
    profileDrift('outgoingCredentials', { outgoingcredentialretrieval: 4 }),
    profileDrift('incomingUserName', { incomingusername: 'root' }),
    profileDrift('outgoingUserName', { outgoingusername: null }),
    profileDrift('incomingPassword', {
      description: `Mail of the sales organization\n${MARKERS.replace('2026-11', '2026-10')}`,
    }),
    profileDrift('outgoingPassword', { outgoingpassword: null }),
    profileDrift('incomingUseImpersonation', { incominguseimpersonation: false }),
    profileDrift('outgoingUseImpersonation', { outgoinguseimpersonation: false }),
    profileDrift('outgoingAutoGrantDelegateAccess', { outgoingautograntdelegateaccess: false }),
    profileDrift('useSameSettingsForOutgoing', { usesamesettingsforoutgoingconnections: true }),
    profileDrift('exchangeVersion', { exchangeversion: 2 }),
    profileDrift('processEmailFrom', { processemailsreceivedafter: '2026-11-01T00:00:01Z' }),
    profileDrift('minimumPollingIntervalMinutes', { minpollingintervalinminutes: 5 }),
    profileDrift('maximumConcurrentConnections', { maxconcurrentconnections: 1 }),
    profileDrift('moveFailedEmailsToUndeliverableFolder', { moveundeliveredemails: false }),
    profileDrift('sendAlertEmails', { sendemailalert: false }),
    profileDrift('timeoutMailboxConnection', { timeoutmailboxconnection: false }),
    profileDrift('timeoutMailboxConnectionAfterMs', { timeoutmailboxconnectionafteramount: 1000 }),
    profileDrift('encodingCodePage', { encodingcodepage: 'ascii' }),
    profileDrift('displayName', { name: PROFILE_NAME.toUpperCase() }),
  ],
  rivals: [
    (world) => edit(world, 'emailserverprofile', 'name', PROFILE_NAME, { minpollingintervalinminutes: 5 }),
    (world) => edit(world, 'emailserverprofile', 'name', PROFILE_NAME, { minpollingintervalinminutes: 7 }),
  ],
  confuse(world) {
    world.create(world.callers.admin, 'emailserverprofile', {
      name: PROFILE_NAME,
      servertype: 3,
      useautodiscover: true,
    })
  },
  confusion: 'AmbiguousProfile',
}

const identity: ContractCase = {
  stage: 'mailbox-identity',
  key: INFO,
  desired: organization([
    mailbox(INFO, { type: 'Forward', name: 'Contoso information', owner: { team: 'Mail Administrators' } }),
    mailbox(ANN),
  ]),
  remove() {},
  absent: 'create',
  drifts: [
    { field: 'name', tamper: (world) => edit(world, 'mailbox', 'emailaddress', INFO, { name: 'Something else' }) },
    {
      field: 'owner',
      tamper: (world) =>
        edit(world, 'mailbox', 'emailaddress', INFO, {
          ownerid: { entity: 'systemuser', id: rowWith(world, 'systemuser', 'internalemailaddress', ANN)[0] },
        }),
    },
    {
      field: 'address',
      tamper: (world) => edit(world, 'mailbox', 'emailaddress', INFO, { emailaddress: 'other@contoso.com' }),
    },
  ],
  rivals: [
    (world) => edit(world, 'mailbox', 'emailaddress', INFO, { name: 'One name' }),
    (world) => edit(world, 'mailbox', 'emailaddress', INFO, { name: 'Another name' }),
  ],
  confuse(world) {
    for (const name of ['one', 'two']) world.create(world.callers.admin, 'mailbox', { name, emailaddress: INFO })
  },
  confusion: 'AmbiguousAddress',
}

function twin(world: SimulatedWorld): void {
  world.create(world.callers.admin, 'mailbox', { name: 'a twin of Ann', emailaddress: 'Ann@Contoso.com' })
}

/** The address is given to somebody CRM does not know. */
function rename(world: SimulatedWorld): void {
  edit(world, 'systemuser', 'internalemailaddress', ANN, { internalemailaddress: 'elsewhere@contoso.com' })
}

function approve(state: number): Tamper {
  return (world) => edit(world, 'systemuser', 'internalemailaddress', ANN, { emailrouteraccessapproval: state })
}

const approval: ContractCase = {
  stage: 'approval',
  key: ANN,
  desired: organization([mailbox(ANN, { approval: 'Approved' })]),
  remove: rename,
  absent: 'Waiting',
  drifts: [2, 3, 0].map((state) => ({ field: 'approval', tamper: approve(state) })),
  rivals: [approve(2), approve(3)],
  confuse: twin,
  confusion: 'AmbiguousAddress',
}

function mailboxDrift(field: string, columns: Row, fields = [field, 'test']): Drift {
  return { field, fields, tamper: (world) => edit(world, 'mailbox', 'emailaddress', ANN, columns) }
}

const mailboxSettings: ContractCase = {
  stage: 'mailbox',
  key: ANN,
  desired: organization(
    [
      mailbox(ANN, {
        profile: 'exchange-online',
        ...SERVER_SIDE,
        primarySync: 'Claim',
        processEmailFrom: '2026-11-01',
        testAndEnable: true,
      }),
      mailbox(SUPPORT, { type: 'Queue', processAndDelete: true }),
    ],
    [profile('exchange-online', { displayName: PROFILE_NAME })],
  ),
  remove: rename,
  absent: 'Waiting',
  drifts: [
    mailboxDrift('profile', { emailserverprofile: null }),
    {
      field: 'profile',
      fields: ['profile', 'test'],
      tamper: (world) =>
        edit(world, 'mailbox', 'emailaddress', ANN, {
          emailserverprofile: {
            entity: 'emailserverprofile',
            id: rowWith(world, 'emailserverprofile', 'name', 'Old Exchange')[0],
          },
        }),
    },
    mailboxDrift('incoming', { incomingemaildeliverymethod: 0 }),
    mailboxDrift('outgoing', { outgoingemaildeliverymethod: 1 }),
    mailboxDrift('appointmentsContactsTasks', { actdeliverymethod: 2 }),
    mailboxDrift('primarySync', { orgmarkedasprimaryforexchangesync: false }),
    mailboxDrift('processEmailFrom', { processemailreceivedafter: '2026-11-02T00:00:00Z' }, ['processEmailFrom']),
    {
      field: 'processAndDelete',
      key: SUPPORT,
      tamper: (world) => edit(world, 'mailbox', 'emailaddress', SUPPORT, { processanddeleteemails: false }),
    },
    mailboxDrift('test', { testmailboxaccesscompletedon: '1900-01-01T00:00:00Z' }, ['test']),
  ],
  rivals: [
    (world) => edit(world, 'mailbox', 'emailaddress', ANN, { incomingemaildeliverymethod: 0 }),
    (world) => edit(world, 'mailbox', 'emailaddress', ANN, { incomingemaildeliverymethod: 1 }),
  ],
  confuse: twin,
  confusion: 'AmbiguousAddress',
}

function tune(columns: Row): Tamper {
  return (world) => world.update(world.callers.admin, 'organization', world.organizationId, columns)
}

function methods(incoming: string, outgoing: string, act: string): Row {
  return {
    defaultemailsettings: `<EmailSettings><IncomingEmailDeliveryMethod>${incoming}</IncomingEmailDeliveryMethod><Other kept="yes"/><OutgoingEmailDeliveryMethod>${outgoing}</OutgoingEmailDeliveryMethod><ACTDeliveryMethod>${act}</ACTDeliveryMethod></EmailSettings>`,
  }
}

function settingsDrift(field: string, columns: Row): Drift {
  return { field, tamper: tune(columns) }
}

const organizationSettings: ContractCase = {
  stage: 'email-settings',
  key: 'email-settings',
  desired: organization(
    [],
    [profile('exchange-online', { displayName: PROFILE_NAME })],
    emailSettings({
      processEmailsUsing: 'ServerSideSync',
      defaultProfile: 'exchange-online',
      ...SERVER_SIDE,
      requireApproval: { users: true, queues: true },
      alerts: { errors: true, warnings: true, information: false },
      notifyMailboxOwner: false,
      tracking: {
        correlation: true,
        smartMatching: true,
        internalEmail: false,
        folderLevel: true,
        maximumFolderMappings: 5,
        token: { prefix: 'SALES:', base: 2, digits: 4, maximumNumber: 99_999 },
      },
      secureIframe: true,
      allowUnresolvedRecipients: true,
      unresolveWhenSeveralMatch: true,
      resolveSimilarAddresses: false,
      maximumAttachmentKilobytes: 10_240,
    }),
  ),
  absent: 'never',
  drifts: [
    settingsDrift('incoming', methods('0', '2', '1')),
    settingsDrift('outgoing', methods('2', '1', '1')),
    settingsDrift('appointmentsContactsTasks', methods('2', '2', '2')),
    settingsDrift('appointmentsContactsTasks', methods('2', '2', '')),
    settingsDrift('processEmailsUsing', { emailconnectionchannel: 1 }),
    {
      field: 'defaultProfile',
      tamper: (world) => {
        const [id] = rowWith(world, 'emailserverprofile', 'name', 'Old Exchange')
        tune({ defaultemailserverprofileid: { entity: 'emailserverprofile', id } })(world)
      },
    },
    settingsDrift('defaultProfile', { defaultemailserverprofileid: null }),
    settingsDrift('requireApproval.users', { requireapprovalforuseremail: false }),
    settingsDrift('requireApproval.queues', { requireapprovalforqueueemail: false }),
    settingsDrift('alerts.errors', { generatealertsforerrors: false }),
    settingsDrift('alerts.warnings', { generatealertsforwarnings: false }),
    settingsDrift('alerts.information', { generatealertsforinformation: true }),
    settingsDrift('notifyMailboxOwner', { notifymailboxownerofemailserverlevelalerts: true }),
    settingsDrift('tracking.correlation', { emailcorrelationenabled: false }),
    settingsDrift('tracking.smartMatching', { enablesmartmatching: null }),
    settingsDrift('tracking.internalEmail', { ignoreinternalemail: false }),
    settingsDrift('tracking.folderLevel', { isfolderbasedtrackingenabled: false }),
    settingsDrift('tracking.maximumFolderMappings', { maxfolderbasedtrackingmappings: 25 }),
    settingsDrift('tracking.token.prefix', { trackingprefix: null }),
    settingsDrift('tracking.token.base', { trackingtokenidbase: 1 }),
    settingsDrift('tracking.token.digits', { trackingtokeniddigits: null }),
    settingsDrift('tracking.token.maximumNumber', { maximumtrackingnumber: 0 }),
    settingsDrift('secureIframe', { rendersecureiframeforemail: false }),
    settingsDrift('allowUnresolvedRecipients', { allowunresolvedpartiesonemailsend: false }),
    settingsDrift('unresolveWhenSeveralMatch', { unresolveemailaddressifmultiplematch: false }),
    settingsDrift('resolveSimilarAddresses', { resolvesimilarunresolvedemailaddress: true }),
    settingsDrift('maximumAttachmentKilobytes', { maxuploadfilesize: 10_240 }),
    settingsDrift('maximumAttachmentKilobytes', { maxuploadfilesize: 10_485_761 }),
  ],
  rivals: [tune(methods('0', '2', '1')), tune(methods('1', '2', '1'))],
  confuse: tune({ defaultemailsettings: '<!DOCTYPE x><EmailSettings/>' }),
  confusion: 'DefaultMethodsNotUnderstood',
  confusedKey: 'default-methods',
}

/** One case per stage that writes. */
export const CONTRACT_CASES: readonly ContractCase[] = [
  emailServerProfile,
  organizationSettings,
  identity,
  approval,
  mailboxSettings,
]
