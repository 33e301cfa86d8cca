import type { OrganizationReader } from '../crm/organization.ts'
import type { OrganizationFingerprint } from './memory-file.ts'

/** What the organization is told by, or undefined where it cannot be read; then the checks say why. */
export async function organizationFingerprint(
  reader: OrganizationReader,
  signal: AbortSignal,
): Promise<OrganizationFingerprint | undefined> {
  try {
    const { organizationId, version } = await reader.probe(signal)
    return { organizationId, version }
  } catch {
    return undefined
  }
}
