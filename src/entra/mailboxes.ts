// Whether an address has a mailbox in Exchange Online: two questions per address (who has it, does the mailbox answer), twenty to a batch. Each
// answer is three-valued: a mailbox is absent only where the service says so with the code for it, and everything else that goes wrong with one
// address is unknown, with its reason.
import { createBackOff } from '../network/back-off.ts'
import { Slots } from '../network/slots.ts'
import { type BatchPart, LARGEST_BATCH, sendBatch } from './batch.ts'
import { isGuid } from './clouds.ts'
import { asEntraError } from './failure.ts'
import { asRecord } from './fields.ts'
import type { Graph } from './graph.ts'
import { type Doing, type GraphAnswer, graphCodeOf, graphFault } from './graph-faults.ts'
import type { MailboxFact } from './tenant.ts'

/** Exchange Online answers so many requests of one application at once, per mailbox ("Microsoft Graph service-specific throttling limits"). */
const BATCHES_AT_ONCE = 4
const BACK_OFF = { baseMs: 1000, maximumMs: 30_000 } as const

const WHO = { doing: 'looking up the address', needs: 'User.Read.All' } as const satisfies Doing
const SETTINGS = { doing: 'looking for the mailbox', needs: 'MailboxSettings.Read' } as const satisfies Doing

interface Question {
  readonly address: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

interface User {
  readonly id: string
  readonly primaryAddress?: string
}

/** What is known of the mailboxes of these addresses. Throws EntraError only where nothing could be asked at all. */
export async function readMailboxes(
  graph: Graph,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, MailboxFact>> {
  const facts = new Map<string, MailboxFact>()
  const users = new Map<string, User>()
  await ask(graph, addresses.map(userQuestion), WHO, signal, (address, answer) => {
    const user = userOf(answer, address, graph)
    if ('state' in user) facts.set(address, user)
    else users.set(address, user)
  })
  const mailboxes = [...users].map(([address, { id }]) => ({ address, path: settingsPath(id) }))
  await ask(graph, mailboxes, SETTINGS, signal, (address, answer) => {
    facts.set(address, mailboxOf(answer, users.get(address), graph))
  })
  return new Map(addresses.map((address) => [address, facts.get(address) ?? unknown('it was not answered')]))
}

/**
 * Which query finds the user of an address: CRM holds addresses, not user names. Whether the filter needs an advanced query, and whether it
 * tells the primary address (`SMTP:`) from the others (`smtp:`), is not documented plainly, so it is one and asks for both ("Advanced query
 * capabilities on Microsoft Entra ID objects"). Such a query reads an index, which is a little behind.
 */
export function userQuestion(address: string): Question {
  const [secondary, primary] = ['smtp', 'SMTP'].map((prefix) => `'${prefix}:${address.replaceAll("'", "''")}'`)
  const filter = `proxyAddresses/any(p:p eq ${secondary}) or proxyAddresses/any(p:p eq ${primary})`
  const path = `/users?$count=true&$filter=${encodeURIComponent(filter)}&$select=id,proxyAddresses`
  return { address, path, headers: { ConsistencyLevel: 'eventual' } }
}

/** One field of the settings: the others hold what people write to each other. */
function settingsPath(id: string): string {
  return `/users/${id}/mailboxSettings/userPurpose`
}

/** Asks in batches, a few at once, and asks again what was throttled or could not be answered, within the patience. */
async function ask(
  graph: Graph,
  questions: readonly Question[],
  doing: Doing,
  signal: AbortSignal,
  answered: (address: string, answer: GraphAnswer) => void,
): Promise<void> {
  const { now, random, wait, patienceMs } = graph.options
  const backOff = createBackOff({ ...BACK_OFF, random })
  const startedAt = now().getTime()
  let open = questions
  for (let attempt = 1; open.length > 0; attempt += 1) {
    const again: { readonly question: Question; readonly answer: GraphAnswer; readonly afterMs: number }[] = []
    await inBatches(graph, open, doing, signal, (question, answer) => {
      const fault = isGood(answer) ? undefined : graphFault(answer, doing, now().getTime())
      const passes = fault?.code === 'Throttled' || fault?.code === 'Unavailable'
      if (passes) again.push({ question, answer, afterMs: fault.retryAfterMs ?? 0 })
      else answered(question.address, answer)
    })
    const waitMs = Math.max(backOff(attempt), ...again.map(({ afterMs }) => afterMs))
    if (again.length > 0 && now().getTime() - startedAt + waitMs > patienceMs) {
      for (const { question, answer } of again) answered(question.address, answer)
      return
    }
    if (again.length > 0) await waited(wait(waitMs, signal), doing, signal)
    open = again.map(({ question }) => question)
  }
}

async function inBatches(
  graph: Graph,
  questions: readonly Question[],
  doing: Doing,
  signal: AbortSignal,
  answered: (question: Question, answer: GraphAnswer) => void,
): Promise<void> {
  const slots = new Slots(BATCHES_AT_ONCE)
  const starts = Array.from(
    { length: Math.ceil(questions.length / LARGEST_BATCH) },
    (_, index) => index * LARGEST_BATCH,
  )
  const batches = starts.map(async (start) => {
    const release = await waited(slots.acquire(signal), doing, signal)
    try {
      const some = questions.slice(start, start + LARGEST_BATCH)
      const parts = some.map(
        ({ path, headers }, index): BatchPart => ({
          id: String(index),
          method: 'GET',
          path,
          ...(headers && { headers }),
        }),
      )
      const answer = await sendBatch(graph, parts, doing, signal)
      some.forEach((question, index) => {
        answered(question, answer(String(index)))
      })
    } finally {
      release()
    }
  })
  // All of them end before the first failure is told, so that nothing goes on behind the caller's back.
  const failed = (await Promise.allSettled(batches)).find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
}

async function waited<T>(waiting: Promise<T>, { doing }: Doing, signal: AbortSignal): Promise<T> {
  try {
    return await waiting
  } catch (error) {
    throw asEntraError(error, doing, signal)
  }
}

function userOf(answer: GraphAnswer, address: string, graph: Graph): User | MailboxFact {
  if (!isGood(answer)) return unknown(graphFault(answer, WHO, graph.options.now().getTime()).message)
  const body = asRecord(answer.json)
  const found = body?.['value']
  if (!Array.isArray(found) || body?.['@odata.nextLink'] !== undefined) return unknown('the answer is not a whole list')
  if (found.length > 1) return unknown(`${found.length} users have the address`)
  if (found.length === 0) return { state: 'Absent', why: 'NoSuchUser' }
  const user = asRecord(found[0])
  const id = user?.['id']
  const proxies = user?.['proxyAddresses']
  if (typeof id !== 'string' || !isGuid(id) || !Array.isArray(proxies)) return unknown('the answer is not a user')
  const addresses = proxies.filter((proxy) => typeof proxy === 'string')
  if (!addresses.some((proxy) => proxy.toLowerCase() === `smtp:${address.toLowerCase()}`)) {
    return unknown('a user was answered who does not have the address')
  }
  // The primary address is the one whose prefix is in capitals ("user resource type", proxyAddresses).
  const primary = addresses.find((proxy) => proxy.startsWith('SMTP:'))?.slice('SMTP:'.length)
  return { id, ...(primary !== undefined && { primaryAddress: primary }) }
}

function mailboxOf(answer: GraphAnswer, user: User | undefined, graph: Graph): MailboxFact {
  if (!isGood(answer)) {
    if (saysNotInExchangeOnline(answer)) return { state: 'Absent', why: 'NotInExchangeOnline' }
    return unknown(graphFault(answer, SETTINGS, graph.options.now().getTime()).message)
  }
  const purpose = asRecord(answer.json)?.['value']
  return {
    state: 'Present',
    ...(user?.primaryAddress !== undefined && { primaryAddress: user.primaryAddress }),
    ...(typeof purpose === 'string' && { purpose }),
  }
}

/**
 * Which answer says that a user of the directory has no mailbox in Exchange Online: 404 with this code, whether there is none at all or one
 * on premises (microsoft-graph-docs-contrib issue 6519). Other codes of a 404 are not documented for it and say nothing.
 */
function saysNotInExchangeOnline(answer: GraphAnswer): boolean {
  return answer.status === 404 && graphCodeOf(answer) === 'MailboxNotEnabledForRESTAPI'
}

function isGood({ status }: GraphAnswer): boolean {
  return status >= 200 && status < 300
}

function unknown(why: string): MailboxFact {
  return { state: 'Unknown', why }
}
