import { describe, expect, test } from 'vitest'
import type { MailboxPatch, OrganizationPatch, ProfilePatch, WriteOperation } from '../../src/crm/index.ts'
import type { ServerFacts } from '../../src/crm/probe.ts'
import { encode, isRefused } from '../../src/crm/write/encode.ts'
import { COLUMNS, id } from '../wire/crm-fixtures.ts'

/** Everything a patch can hold; `Required` makes the compiler complain when a new field is forgotten here. */
const MAILBOX: Required<MailboxPatch> = {
  name: 'n',
  address: 'a@contoso.com',
  owner: { type: 'User', id: id('user', 1) },
  profileId: id('prof', 1),
  incoming: 'ServerSideSync',
  outgoing: 'ServerSideSync',
  appointmentsContactsTasks: 'ServerSideSync',
  approval: 'Approved',
  primarySync: true,
  processEmailFrom: '2026-01-01T00:00:00Z',
  processAndDelete: true,
  requestTest: true,
}
const PROFILE: Required<ProfilePatch> = {
  displayName: 'n',
  description: 'd',
  serverType: 'ExchangeOnlineHybrid',
  useDefaultTenantId: true,
  exchangeOnlineTenantId: 't',
  autoDiscover: true,
  incomingServerLocation: 'l',
  outgoingServerLocation: 'l',
  incomingPort: 1,
  outgoingPort: 1,
  incomingUseSsl: true,
  outgoingUseSsl: true,
  incomingAuthenticationProtocol: 'Basic',
  outgoingAuthenticationProtocol: 'NTLM',
  incomingCredentials: 'Profile',
  outgoingCredentials: 'Anonymous',
  incomingUserName: 'u',
  outgoingUserName: 'u',
  incomingUseImpersonation: true,
  outgoingUseImpersonation: true,
  outgoingAutoGrantDelegateAccess: true,
  useSameSettingsForOutgoing: true,
  exchangeVersion: 'Exchange2013',
  processEmailFrom: '2026-01-01T00:00:00Z',
  minimumPollingIntervalMinutes: 1,
  maximumConcurrentConnections: 1,
  moveFailedEmailsToUndeliverableFolder: true,
  sendAlertEmails: true,
  timeoutMailboxConnection: true,
  timeoutMailboxConnectionAfterMs: 1,
  encodingCodePage: 'e',
  active: true,
  owner: { type: 'Team', id: id('team', 1) },
  incomingPassword: 'p',
  outgoingPassword: 'p',
}

const ORGANIZATION: Required<OrganizationPatch> = {
  connectionChannel: 'ServerSideSync',
  defaultProfileId: id('prof', 1),
  requireApproval: { users: true, queues: true },
  defaultMethods: {
    text: null,
    methods: { incoming: 'ServerSideSync', outgoing: 'ServerSideSync', appointmentsContactsTasks: 'ServerSideSync' },
  },
  alertsForErrors: true,
  alertsForWarnings: true,
  alertsForInformation: true,
  notifyMailboxOwner: true,
  correlation: true,
  smartMatching: true,
  internalEmail: true,
  folderLevelTracking: true,
  maximumFolderMappings: 1,
  tokenPrefix: 'p',
  tokenBase: 1,
  tokenDigits: 1,
  tokenMaximumNumber: 1,
  secureIframe: true,
  allowUnresolvedRecipients: true,
  unresolveWhenSeveralMatch: true,
  resolveSimilarAddresses: true,
  maximumAttachmentKilobytes: 1,
}

/** A server that allows everything, so that only the client stands between a patch and a column. */
const ANYTHING: ServerFacts = {
  segment: 'v9.1',
  version: '9.1.0.0',
  online: false,
  tables: new Map(
    ['mailbox', 'emailserverprofile', 'systemuser', 'queue', 'organization'].map((table) => {
      const all = { has: () => true } as unknown as ReadonlySet<string>
      return [table, { readable: all, creatable: all, updatable: all }]
    }),
  ),
}

const OPERATIONS: readonly WriteOperation[] = [
  { ref: '1', kind: 'create-mailbox', id: id('mbox', 1), patch: MAILBOX },
  { ref: '2', kind: 'update-mailbox', id: id('mbox', 1), patch: MAILBOX },
  { ref: '3', kind: 'update-mailbox', id: id('mbox', 1), patch: { profileId: null } },
  { ref: '4', kind: 'update-user', id: id('user', 1), patch: { address: 'a@contoso.com', approval: 'Approved' } },
  { ref: '5', kind: 'update-queue', id: id('queu', 1), patch: { address: 'a@contoso.com', approval: 'Rejected' } },
  { ref: '6', kind: 'create-profile', id: id('prof', 1), patch: PROFILE },
  { ref: '7', kind: 'create-profile', id: id('prof', 1), patch: { ...PROFILE, active: false } },
  { ref: '8', kind: 'update-profile', id: id('prof', 1), patch: PROFILE },
  { ref: '9', kind: 'delete-profile', id: id('prof', 1) },
  { ref: '10', kind: 'update-organization', id: id('orgz', 1), patch: ORGANIZATION },
]

function partsOf(operation: WriteOperation) {
  const encoded = encode(operation, ANYTHING)
  if (isRefused(encoded)) throw new Error(encoded.message)
  return encoded.parts
}

function columnsTo(set: string): readonly string[] {
  const bodies = OPERATIONS.flatMap(partsOf)
    .filter(({ path }) => path.startsWith(set))
    .map(({ body }) => Object.keys(JSON.parse(body ?? '{}')))
  return [...new Set(bodies.flat())].sort()
}

describe('the columns that can ever go out', () => {
  test('of mailboxes', () => {
    expect(columnsTo('mailboxes')).toEqual([
      'actdeliverymethod',
      'emailaddress',
      'emailrouteraccessapproval',
      'emailserverprofile@odata.bind',
      'incomingemaildeliverymethod',
      'mailboxid',
      'name',
      'orgmarkedasprimaryforexchangesync',
      'outgoingemaildeliverymethod',
      'ownerid@odata.bind',
      'processanddeleteemails',
      'processemailreceivedafter',
      'testemailconfigurationscheduled',
    ])
  })

  test('of users and queues', () => {
    expect(columnsTo('systemusers')).toEqual(['emailrouteraccessapproval', 'internalemailaddress'])
    expect(columnsTo('queues')).toEqual(['emailaddress', 'emailrouteraccessapproval'])
  })

  test('of profiles hold no result of a test and nothing the server fills in', () => {
    const columns = columnsTo('emailserverprofiles')

    expect(columns).toHaveLength(37)
    expect(
      columns.filter((name) => /^last|owneremail|partner|^is.*passwordset|defaultserverlocation|typename/.test(name)),
    ).toEqual([])
  })
})

describe('the columns of the organization that can ever go out', () => {
  test('are those of System Settings > Email, and no other setting', () => {
    expect(columnsTo('organizations')).toEqual([
      'allowunresolvedpartiesonemailsend',
      'defaultemailserverprofileid@odata.bind',
      'defaultemailsettings',
      'emailconnectionchannel',
      'emailcorrelationenabled',
      'enablesmartmatching',
      'generatealertsforerrors',
      'generatealertsforinformation',
      'generatealertsforwarnings',
      'ignoreinternalemail',
      'isfolderbasedtrackingenabled',
      'maxfolderbasedtrackingmappings',
      'maximumtrackingnumber',
      'maxuploadfilesize',
      'notifymailboxownerofemailserverlevelalerts',
      'rendersecureiframeforemail',
      'requireapprovalforqueueemail',
      'requireapprovalforuseremail',
      'resolvesimilarunresolvedemailaddress',
      'trackingprefix',
      'trackingtokenidbase',
      'trackingtokeniddigits',
      'unresolveemailaddressifmultiplematch',
    ])
  })
})

describe('every request that writes', () => {
  test('of an update carries If-Match, so that it never creates', () => {
    const patches = OPERATIONS.flatMap(partsOf).filter(({ method }) => method === 'PATCH')

    expect(patches.length).toBeGreaterThan(6)
    expect(patches.map(({ headers }) => headers?.['If-Match'])).toEqual(patches.map(() => '*'))
  })

  test('holds only ASCII', () => {
    const [part] = partsOf({ ref: 'a', kind: 'update-mailbox', id: id('mbox', 1), patch: { name: 'Zoë 😀 \u2028' } })

    expect(part?.body).toBe('{"name":"Zo\\u00eb \\ud83d\\ude00 \\u2028"}')
    expect(JSON.parse(part?.body ?? '')).toEqual({ name: 'Zoë 😀 \u2028' })
  })

  test('is allowed by the documented flags', () => {
    const flags = (set: readonly string[] | undefined, flag: string) =>
      new Set((set ?? []).flatMap((line) => (line.split(' ')[0]?.includes(flag) ? line.split(' ').slice(1) : [])))
    const tables = new Map(
      Object.entries(COLUMNS).map(([table, lines]) => [
        table,
        { readable: flags(lines, 'R'), creatable: flags(lines, 'C'), updatable: flags(lines, 'U') },
      ]),
    )

    for (const operation of OPERATIONS) expect(encode(operation, { ...ANYTHING, tables })).not.toHaveProperty('refused')
  })
})
