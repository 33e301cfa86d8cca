import { createHash } from 'node:crypto'

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/**
 * The identifier mailkeel gives an object it creates in an organization: the same parts give the same GUID (RFC 9562, version 5, with the
 * organization as name space). A create whose answer was lost, or that a kill cut off, can therefore be sent again and never makes a
 * second object. Parts are kept apart, so `['a', 'b']` and `['ab']` differ.
 */
export function stableId(organizationId: string, ...parts: readonly string[]): string {
  const bytes = createHash('sha1').update(nameSpace(organizationId)).update(JSON.stringify(parts)).digest()
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The identifier of a profile that mailkeel creates. */
export function profileId(organizationId: string, displayName: string): string {
  return stableId(organizationId, 'email-server-profile', displayName)
}

/** The identifier of a forward mailbox that mailkeel creates. */
export function forwardMailboxId(organizationId: string, address: string): string {
  return stableId(organizationId, 'mailbox', address)
}

function nameSpace(organizationId: string): Buffer {
  return GUID.test(organizationId)
    ? Buffer.from(organizationId.replaceAll('-', ''), 'hex')
    : Buffer.from(organizationId)
}
