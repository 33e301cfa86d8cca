// Patches as bodies of requests: our words become option numbers, our names become columns, references become bindings. This file names
// every column that can ever be written.
import { writeDefaultMethods } from '../default-methods.ts'
import {
  APPROVAL,
  CONNECTION_CHANNEL,
  INCOMING_METHOD,
  type OptionSet,
  OUTGOING_METHOD,
  SYNCHRONIZATION_METHOD,
} from '../options.ts'
import type { MailboxPatch, OrganizationPatch, ProfilePatch, WriteOperation } from '../organization.ts'
import { writeSettingsFields } from '../organization-fields.ts'
import { type ProfileField, profileCodecs, profileFields, writeProfileField } from '../profile-fields.ts'
import type { ProfileColumns } from '../rows.ts'
import { isGuid } from '../wire/guid.ts'

/** The JSON of one request. */
export type Body = Record<string, string | number | boolean | null>

/** A value that is shown and never written, or a reference that is none. */
export class NotWritable extends Error {}

/** What of a mailbox is written by value or binding; an emptied profile is a request of its own. Throws NotWritable. */
export function mailboxBody(patch: MailboxPatch): Body {
  const body: Body = {}
  if (patch.name !== undefined) body['name'] = patch.name
  if (patch.address !== undefined) body['emailaddress'] = patch.address
  if (patch.owner !== undefined) body['ownerid@odata.bind'] = ownerPath(patch.owner)
  if (typeof patch.profileId === 'string')
    body['emailserverprofile@odata.bind'] = `/emailserverprofiles(${guid(patch.profileId)})`
  if (patch.incoming !== undefined) body['incomingemaildeliverymethod'] = option(INCOMING_METHOD, patch.incoming)
  if (patch.outgoing !== undefined) body['outgoingemaildeliverymethod'] = option(OUTGOING_METHOD, patch.outgoing)
  if (patch.appointmentsContactsTasks !== undefined) {
    body['actdeliverymethod'] = option(SYNCHRONIZATION_METHOD, patch.appointmentsContactsTasks)
  }
  if (patch.approval !== undefined) body['emailrouteraccessapproval'] = option(APPROVAL, patch.approval)
  if (patch.primarySync !== undefined) body['orgmarkedasprimaryforexchangesync'] = patch.primarySync
  if (patch.processEmailFrom !== undefined) body['processemailreceivedafter'] = patch.processEmailFrom
  if (patch.processAndDelete !== undefined) body['processanddeleteemails'] = patch.processAndDelete
  if (patch.requestTest === true) body['testemailconfigurationscheduled'] = true
  return body
}

/**
 * A user or a queue. Throws NotWritable.
 *
 * Question: does an approval in the same request as a new address survive? Not documented; an address change asks for approval anew, so
 * the address goes first and the approval in a request of its own.
 */
export function holderBodies(
  patch: (WriteOperation & { readonly kind: 'update-user' | 'update-queue' })['patch'],
  addressColumn: string,
): readonly Body[] {
  const bodies: Body[] = []
  if (patch.address !== undefined) bodies.push({ [addressColumn]: patch.address })
  if (patch.approval !== undefined) bodies.push({ emailrouteraccessapproval: option(APPROVAL, patch.approval) })
  return bodies
}

/** A profile; in two requests where it is created inactive, because the state is no column of a create. Throws NotWritable. */
export function profileBodies(patch: ProfilePatch, online: boolean, creating: boolean): readonly Body[] {
  const codecs = profileCodecs(online)
  const body: Body = {}
  for (const field of profileFields(codecs)) addProfileField(field, patch, codecs, body)
  if (patch.owner !== undefined) body['ownerid@odata.bind'] = ownerPath(patch.owner)
  if (patch.incomingPassword !== undefined) body['incomingpassword'] = patch.incomingPassword
  if (patch.outgoingPassword !== undefined) body['outgoingpassword'] = patch.outgoingPassword
  if (patch.active === undefined) return [body]
  const state: Body = patch.active ? { statecode: 0, statuscode: 1 } : { statecode: 1, statuscode: 2 }
  if (!creating) return [{ ...body, ...state }]
  return patch.active ? [body] : [body, state]
}

/** The organization. Throws NotWritable. */
export function organizationBody(patch: OrganizationPatch): Body {
  const { connectionChannel, defaultProfileId, requireApproval, defaultMethods, ...plain } = patch
  const body: Body = writeSettingsFields(plain)
  if (connectionChannel !== undefined) body['emailconnectionchannel'] = option(CONNECTION_CHANNEL, connectionChannel)
  if (defaultProfileId !== undefined)
    body['defaultemailserverprofileid@odata.bind'] = `/emailserverprofiles(${guid(defaultProfileId)})`
  if (requireApproval?.users !== undefined) body['requireapprovalforuseremail'] = requireApproval.users
  if (requireApproval?.queues !== undefined) body['requireapprovalforqueueemail'] = requireApproval.queues
  if (defaultMethods !== undefined) {
    const written = writeDefaultMethods(defaultMethods.text, defaultMethods.methods)
    if ('refused' in written) throw new NotWritable(written.refused)
    body['defaultemailsettings'] = written.text
  }
  return body
}

function addProfileField<F extends ProfileField>(
  field: F,
  patch: ProfileColumns,
  codecs: ReturnType<typeof profileCodecs>,
  body: Body,
): void {
  const value = patch[field]
  if (value === undefined) return
  const written = writeProfileField(field, value as Exclude<ProfileColumns[F], undefined>, codecs)
  if ('refused' in written) throw new NotWritable(`${field} ${String(value)} is no value that is ever written`)
  body[written.column] = written.value
}

function ownerPath(owner: { readonly type: 'User' | 'Team'; readonly id: string }): string {
  return `/${owner.type === 'User' ? 'systemusers' : 'teams'}(${guid(owner.id)})`
}

function guid(id: string): string {
  const lower = id.toLowerCase()
  if (!isGuid(lower)) throw new NotWritable('the id of a row to point at is no GUID')
  return lower
}

function option<Word extends string>(set: OptionSet<Word>, word: string): number {
  const number = set.number(word)
  if (number === undefined) throw new NotWritable(`${word} is no value that is ever written`)
  return number
}
