import { malformed } from './failure.ts'
import { asRecord, fieldsOf } from './fields.ts'
import type { Graph } from './graph.ts'
import { readMailboxes } from './mailboxes.ts'
import { readOwnCredentialEnd } from './own-credential.ts'
import { readPrincipal, readPrincipalKeys } from './principal.ts'
import { readOnce } from './read-once.ts'
import type { MailboxFact, OwnAccess, ServicePrincipal, TenantFacts, TenantReader } from './tenant.ts'
import { tenantOf } from './token-claims.ts'

/** Creates a reader. What it read once it does not read again. */
export function createReader(graph: Graph): TenantReader {
  const principals = new Map<string, (signal: AbortSignal) => Promise<ServicePrincipal | undefined>>()
  const mailboxes = new Map<string, MailboxFact>()

  return {
    access: (signal) => readAccess(graph, signal),
    facts: readOnce((signal) => readFacts(graph, signal)),
    ownCredentialEnd: readOnce((signal) => readOwnCredentialEnd(graph, signal)),
    servicePrincipal(appId, signal) {
      const key = appId.toLowerCase()
      const read = principals.get(key) ?? readOnce((own) => readWholePrincipal(graph, appId, own))
      principals.set(key, read)
      return read(signal)
    },
    async mailboxes(addresses, signal) {
      const missing = [...new Set(addresses)].filter((address) => !mailboxes.has(address))
      for (const [address, fact] of await readMailboxes(graph, missing, signal)) mailboxes.set(address, fact)
      return new Map(addresses.flatMap((address) => entryOf(address, mailboxes.get(address))))
    },
  }
}

function entryOf(address: string, fact: MailboxFact | undefined): readonly (readonly [string, MailboxFact])[] {
  return fact ? [[address, fact]] : []
}

async function readAccess(graph: Graph, signal: AbortSignal): Promise<OwnAccess> {
  const { value, clockSkewMs } = await graph.options.source.token(signal)
  return { ...tenantOf(value), clockSkewMs }
}

async function readWholePrincipal(
  graph: Graph,
  appId: string,
  signal: AbortSignal,
): Promise<ServicePrincipal | undefined> {
  const principal = await readPrincipal(graph, appId, signal)
  if (!principal) return undefined
  const keys = await readPrincipalKeys(graph, principal.id, signal)
  return { ...principal, keys: keys.map(({ seen }) => seen) }
}

async function readFacts(graph: Graph, signal: AbortSignal): Promise<TenantFacts> {
  const doing = 'reading the organization of the tenant'
  const json = await graph.json(
    {
      method: 'GET',
      path: '/organization?$select=id,displayName,verifiedDomains',
      doing,
      needs: 'Organization.Read.All',
    },
    signal,
  )
  const found = fieldsOf(json, doing).objects('value')
  const [organization] = found
  if (found.length !== 1 || !organization || asRecord(json)?.['@odata.nextLink'] !== undefined) {
    throw malformed(doing, `it is expected once and was answered ${found.length} times`)
  }
  return {
    tenantId: organization.text('id').toLowerCase(),
    displayName: organization.optionalText('displayName') ?? '',
    verifiedDomains: organization.objects('verifiedDomains').map((domain) => domain.text('name').toLowerCase()),
  }
}
