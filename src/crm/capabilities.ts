// What differs between the servers we talk to, in one table. The version segment of the URL selects the behaviour, not the build
// behind it (Microsoft, Web API versions), so that v8.2 on a 9.1 server behaves as 8.2.

/** How a version of the Web API behaves where versions differ. */
export interface Capabilities {
  /** `$batch` goes on behind a failure when asked to (8.x: "does not support the odata.continue-on-error preference"). */
  readonly continueOnError: boolean
  /** Writes may stand in a batch outside change sets (8.x documents GET requests and change sets only). */
  readonly plainWritesInBatch: boolean
  /** RetrieveUserPrivileges says names; where it does not, ids are mapped through the privileges set. */
  readonly privilegeNames: boolean
}

const NINE: Capabilities = { continueOnError: true, plainWritesInBatch: true, privilegeNames: true }
const EIGHT: Capabilities = { continueOnError: false, plainWritesInBatch: false, privilegeNames: false }

/** Segments to try, the newest first. Dynamics 365 online answers v9.1 too. */
export const SEGMENTS = ['v9.1', 'v9.0', 'v8.2'] as const

/** The capabilities behind a version segment. */
export function capabilitiesOf(segment: string): Capabilities {
  return segment.startsWith('v8.') ? EIGHT : NINE
}

/** The segment of a version as people write it: `9.1` or `v9.1`. Undefined for anything else. */
export function segmentOf(version: string): string | undefined {
  const found = /^v?(\d+\.\d+)$/i.exec(version.trim())
  return found ? `v${found[1]}` : undefined
}

/**
 * Question: is this build Dynamics 365 online? On-premises builds of 9 are 9.0 and 9.1; online went on to 9.2. Decides only how server
 * type 0 is called: online has no Exchange Server of its own, and its profile for Exchange Online carries that number.
 */
export function isOnline(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 9 || (major === 9 && minor >= 2)
}
