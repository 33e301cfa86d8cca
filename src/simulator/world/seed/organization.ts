import type { Reference, Row } from '../../world.ts'
import { dateText } from '../clock.ts'
import { type Core, systemUser, tableIn } from '../core.ts'
import { initialRow, standardColumns } from '../new-row.ts'
import { randomGuid } from '../random.ts'
import { referenceIn, referenceTo } from '../row-values.ts'
import { defaultSettingsXml } from '../rules/default-settings.ts'

/** The profiles of a seeded organization. */
export interface Profiles {
  /** "Old Exchange": Exchange Server, on-premises, fixed locations. */
  readonly old: Reference
  /** "Exchange Online", or the old one where it does not exist. */
  readonly current: Reference
}

/** Puts the profiles and returns them. */
export function putProfiles(core: Core, owner: Reference, ownerAddress: string, hasNewProfile: boolean): Profiles {
  const old = putProfile(core, owner, {
    name: 'Old Exchange',
    description: 'Exchange Server in the data centre',
    servertype: 0,
    emailservertypename: 'Exchange Server',
    useautodiscover: false,
    incomingserverlocation: 'https://mail.contoso.com/EWS/Exchange.asmx',
    outgoingserverlocation: 'https://mail.contoso.com/EWS/Exchange.asmx',
    incomingcredentialretrieval: 3,
    outgoingcredentialretrieval: 3,
    exchangeversion: 5,
    timeoutmailboxconnection: false,
    owneremailaddress: ownerAddress,
  })
  if (!hasNewProfile) return { old, current: old }
  const current = putProfile(core, owner, {
    name: 'Exchange Online',
    servertype: 3,
    emailservertypename: 'Exchange Online (Hybrid)',
    useautodiscover: true,
    incomingcredentialretrieval: 2,
    outgoingcredentialretrieval: 2,
    minpollingintervalinminutes: 5,
    processemailsreceivedafter: dateText(core.clock.nowMs() - 30 * 86_400_000),
    owneremailaddress: ownerAddress,
  })
  return { old, current }
}

function putProfile(core: Core, owner: Reference, columns: Row): Reference {
  const id = randomGuid(core.random)
  core.store.put('emailserverprofile', id, {
    ...initialRow(tableIn(core, 'emailserverprofile')),
    ...standardColumns(core, 'emailserverprofile', id, systemUser(core), owner),
    ...columns,
  })
  return referenceTo('emailserverprofile', id)
}

/** Binds the mailbox of a user to a profile. */
export function bindMailboxOf(core: Core, user: Reference, profile: Reference): void {
  const mailbox = referenceIn(core.store.get(user.entity, user.id) ?? {}, 'defaultmailbox')
  if (mailbox !== undefined) core.store.put('mailbox', mailbox.id, { emailserverprofile: profile })
}

/** Sets the organization's e-mail settings: in order, or as nobody would want them. */
export function putSettings(core: Core, profiles: Profiles, isMessy: boolean): void {
  const inOrder: Row = {
    defaultemailserverprofileid: profiles.current,
    defaultemailsettings: defaultSettingsXml(2, 2, 1),
    requireapprovalforuseremail: true,
    requireapprovalforqueueemail: true,
  }
  const messy: Row = {
    defaultemailserverprofileid: profiles.old,
    defaultemailsettings: defaultSettingsXml(1, 1, 0),
    requireapprovalforuseremail: false,
    requireapprovalforqueueemail: true,
    notifymailboxownerofemailserverlevelalerts: false,
  }
  core.store.put('organization', core.organizationId, {
    ...(isMessy ? messy : inOrder),
    resolvesimilarunresolvedemailaddress: true,
    maximumtrackingnumber: 999,
    nexttrackingnumber: 1,
    trackingprefix: 'CRM:',
    trackingtokenidbase: 1,
    trackingtokeniddigits: 3,
    blockedattachments: 'ade;adp;app;asa;bas;bat;cmd;com;exe;js;msi;ps1;scr;vbs',
    orgdborgsettings: '<OrgSettings><EnableBingMapsIntegration>false</EnableBingMapsIntegration></OrgSettings>',
  })
}

/** Leaves the organization without defaults, as nobody has ever set them. Unsure what methods look like then: switch `newDefaultMethods`. */
export function emptySettings(core: Core): void {
  const defaultemailsettings = { null: null, empty: '', xml: defaultSettingsXml(0, 0, 0) }[
    core.switches.newDefaultMethods
  ]
  core.store.put('organization', core.organizationId, { defaultemailserverprofileid: null, defaultemailsettings })
}

/** Puts the teams. */
export function putTeams(core: Core): void {
  for (const name of ['Contoso', 'Mail Administrators', 'Service']) {
    const id = randomGuid(core.random)
    core.store.put('team', id, { teamid: id, name })
  }
}
