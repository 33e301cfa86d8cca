import { createHash } from 'node:crypto'

/** Longest part of a name that tells people what it is; the hash behind it tells subjects apart. */
const READABLE = 40

/**
 * The name of the object for a subject such as `organization/contoso-sales`: `mailkeel-organization-contoso-sales-1f2e3d4c5b6a`. Always the
 * same for the same subject, never the same for two, and a name that Kubernetes takes.
 */
export function leaseName(subject: string): string {
  const readable = subject
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, READABLE)
    .replace(/^-+|-+$/g, '')
  const hash = createHash('sha256').update(subject).digest('hex').slice(0, 12)
  return readable === '' ? `mailkeel-${hash}` : `mailkeel-${readable}-${hash}`
}

const REPLICA = 'replica/'

/** What a replica announces itself as. */
export function replicaSubject(identity: string): string {
  return `${REPLICA}${identity}`
}

/** Whether a subject is the announcement of a replica. */
export function isReplica(subject: string): boolean {
  return subject.startsWith(REPLICA)
}

/** The identity of a replica without what makes this process of it unique. */
export function replicaName(identity: string): string {
  return identity.replace(/_[^_]*$/, '')
}
