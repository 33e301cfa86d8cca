// What the documentation of Entra ID and Graph leaves open and a read can settle: one function per question. An answer tells forms, statuses
// and numbers, and never a name or an id.
import { type BatchPart, sendBatch } from './batch.ts'
import type { TenantClientOptions } from './client.ts'
import { endpointsOf } from './clouds.ts'
import { asRecord, fieldsOf } from './fields.ts'
import { createGraph, type Graph } from './graph.ts'
import { GraphError } from './graph-faults.ts'
import { userQuestion } from './mailboxes.ts'
import { collectionPath, type PrincipalIdentity, READ_PERMISSION, readPrincipal } from './principal.ts'
import { tenantOf } from './token-claims.ts'

/** A question and how it is asked. Throws EntraError where it could not be. */
export type TenantQuestion = readonly [question: string, ask: (signal: AbortSignal) => Promise<string>]

const DOING = { doing: 'asking an open question', needs: READ_PERMISSION } as const
/** No domain ends in this (RFC 6761). */
const NOBODY = 'nobody@mailkeel.invalid'
const PATIENCE_MS = 20_000

/** The questions to one tenant, asked as the identity that reads, about the principal of an application. */
export function tenantQuestions(options: TenantClientOptions, appId: string): readonly TenantQuestion[] {
  const { http, now, random, newId, wait, reading } = options
  const root = endpointsOf(options.cloud, options.tenantId, options.endpoints).graph
  const graph = createGraph({ http, root, source: reading, now, random, newId, wait, patienceMs: PATIENCE_MS })
  const about = (ask: (graph: Graph, principal: PrincipalIdentity, signal: AbortSignal) => Promise<string>) => {
    return async (signal: AbortSignal) => {
      const principal = await readPrincipal(graph, appId, signal)
      return principal ? ask(graph, principal, signal) : 'the tenant has no such principal'
    }
  }
  return [
    ['does the token tell our permissions', (signal) => tokenTells(graph, signal)],
    ['does a GET inside $batch give the bytes of keys', about(keyInBatch)],
    ['does a GET of other properties beside give the bytes of keys', about(keyBesideOthers)],
    ['have keys a displayName', about(displayNames)],
    ['what form has customKeyIdentifier', about(identifierForms)],
    ['have dates of keys fractions of seconds', about(dateForms)],
    ['which forms have the service principal names', about(nameForms)],
    ['does client-request-id come back without asking', about(clientRequestId)],
    [
      'is a filter on proxyAddresses understood without ConsistencyLevel',
      (signal) => plainAddressFilter(graph, signal),
    ],
    ['what do the mailbox settings of an unknown user come to', (signal) => unknownMailbox(graph, signal)],
  ]
}

async function tokenTells(graph: Graph, signal: AbortSignal): Promise<string> {
  const { value } = await graph.options.source.token(signal)
  const { tenantId, roles } = tenantOf(value)
  return `tid ${tenantId === undefined ? 'absent' : 'there'}, roles ${roles === undefined ? 'absent' : 'there'}`
}

type Entries = readonly Readonly<Record<string, unknown>>[]

async function keysOf(graph: Graph, { id }: PrincipalIdentity, signal: AbortSignal): Promise<Entries> {
  const json = await graph.json({ ...DOING, method: 'GET', path: collectionPath(id, 'keyCredentials') }, signal)
  return entriesIn(json)
}

function entriesIn(json: unknown): Entries {
  return fieldsOf(json, DOING.doing)
    .objects('keyCredentials')
    .map(({ all }) => all)
}

function withBytes(entries: Entries): string {
  return `${entries.filter(({ key }) => typeof key === 'string' && key !== '').length} of ${entries.length} with bytes`
}

async function keyInBatch(graph: Graph, principal: PrincipalIdentity, signal: AbortSignal): Promise<string> {
  const part: BatchPart = { id: '1', method: 'GET', path: collectionPath(principal.id, 'keyCredentials') }
  const [outside, answer] = await Promise.all([
    keysOf(graph, principal, signal),
    sendBatch(graph, [part], DOING, signal),
  ])
  const { status, json } = answer('1')
  return `alone ${withBytes(outside)}; inside ${status === 200 ? withBytes(entriesIn(json)) : `status ${status}`}`
}

async function keyBesideOthers(graph: Graph, { id }: PrincipalIdentity, signal: AbortSignal): Promise<string> {
  const path = `/servicePrincipals/${id}?$select=id,appId,keyCredentials`
  return withBytes(entriesIn(await graph.json({ ...DOING, method: 'GET', path }, signal)))
}

async function displayNames(graph: Graph, principal: PrincipalIdentity, signal: AbortSignal): Promise<string> {
  const entries = await keysOf(graph, principal, signal)
  return `${entries.filter(({ displayName }) => typeof displayName === 'string').length} of ${entries.length}`
}

async function identifierForms(graph: Graph, principal: PrincipalIdentity, signal: AbortSignal): Promise<string> {
  return counted(
    (await keysOf(graph, principal, signal)).map(({ customKeyIdentifier }) => identifierForm(customKeyIdentifier)),
  )
}

function identifierForm(value: unknown): string {
  if (typeof value !== 'string') return value === null ? 'null' : 'absent'
  if (/^[0-9a-f]{40}$/i.test(value)) return '40 hexadecimal digits'
  return /^[\w+/]{27}=$/.test(value) ? '20 bytes in base64' : 'another text'
}

async function dateForms(graph: Graph, principal: PrincipalIdentity, signal: AbortSignal): Promise<string> {
  const entries = await keysOf(graph, principal, signal)
  return counted(
    entries.map(({ endDateTime }) => (/\.\d/.test(String(endDateTime)) ? 'with fractions' : 'whole seconds')),
  )
}

async function nameForms(_: Graph, { names, appId }: PrincipalIdentity): Promise<string> {
  const lower = appId.toLowerCase()
  return counted(
    names.map((name) => {
      const text = name.toLowerCase()
      if (text === lower) return 'bare id'
      if (!text.startsWith(`${lower}/`)) return 'of another form'
      return text.startsWith(`${lower}/*.`) ? 'with a wildcard' : 'with a host'
    }),
  )
}

async function clientRequestId(graph: Graph, { id }: PrincipalIdentity, signal: AbortSignal): Promise<string> {
  const { headers } = await graph.send({ ...DOING, method: 'GET', path: `/servicePrincipals/${id}?$select=id` }, signal)
  const told = (name: string) => `${name} ${headers[name] === undefined ? 'absent' : 'there'}`
  return `${told('request-id')}, ${told('client-request-id')}, ${told('x-ms-ags-diagnostic')}`
}

async function plainAddressFilter(graph: Graph, signal: AbortSignal): Promise<string> {
  const plain = userQuestion(NOBODY).path.replace('$count=true&', '')
  return statusOf(graph, plain, signal)
}

async function unknownMailbox(graph: Graph, signal: AbortSignal): Promise<string> {
  return statusOf(graph, `/users/${UNKNOWN_USER}/mailboxSettings/userPurpose`, signal)
}

const UNKNOWN_USER = '6d61696c-6b65-4565-8c00-000000000000'

/** The status and the vendor's own code, which are about the question and hold nothing of the tenant. */
async function statusOf(graph: Graph, path: string, signal: AbortSignal): Promise<string> {
  try {
    const { status, json } = await graph.send({ ...DOING, method: 'GET', path }, signal)
    const found = asRecord(json)?.['value']
    return `status ${status}${Array.isArray(found) ? `, ${found.length} found` : ''}`
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    return `status ${error.status}, code ${error.graphCode ?? 'absent'}`
  }
}

function counted(forms: readonly string[]): string {
  if (forms.length === 0) return 'none to look at'
  const all = [...new Set(forms)].sort()
  return all.map((form) => `${forms.filter((one) => one === form).length} ${form}`).join(', ')
}
