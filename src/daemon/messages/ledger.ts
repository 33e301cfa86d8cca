// From what is wrong to what is told. For every incident one message when it began, one when it grew by an order or became another one, and
// one when it is over; nothing about what passes by itself, nothing twice after a restart, and one message where many begin at once.
//
//   seen ──patient enough──▶ told ──gone──▶ quiet ──long enough──▶ recovered
//     └──gone: forgotten       ▲               │
//                              └──back again───┘
import type { Message, Topic } from '../../notify/message.ts'
import type { Incident, Situation } from './incident.ts'

/** An incident as it is remembered. Times are milliseconds since 1970. */
export interface Known extends Omit<Incident, 'patience' | 'lines'> {
  /** Of this occurrence. */
  readonly id: string
  readonly firstSeenAt: number
  /** Absent as long as nobody was told. */
  readonly told?: { readonly size: number; readonly version: string; readonly at: number }
  /** Since when it is gone, while that is not told yet. */
  readonly quietSince?: number
  /** How often it came back shortly after it was over. */
  readonly returns: number
  /** Key of the incident that it is told with. */
  readonly group?: string
}

/** What was told before and may come back. */
export interface Ended {
  readonly key: string
  readonly at: number
  readonly returns: number
}

/** Everything that is remembered. Plain data. */
export interface Ledger {
  readonly known: readonly Known[]
  readonly ended: readonly Ended[]
  /** When something of a topic was told to begin, lately. */
  readonly begun: readonly { readonly topic: Topic; readonly at: number }[]
}

/** A message, and the organizations it concerns; absent where all. */
export interface Outgoing {
  readonly message: Message
  readonly organizations?: readonly string[]
}

/** A ledger of nothing. */
export const EMPTY_LEDGER: Ledger = { known: [], ended: [], begun: [] }

const MINUTE = 60_000
/** What may pass by itself is told after this. */
const PATIENCE_MS = 2 * MINUTE
/** An incident must be gone for so long, four times longer for every time it came back, at most an hour. */
const QUIET_MS = MINUTE
const LONGEST_QUIET_MS = 60 * MINUTE
/** What comes back within this is the same trouble. */
const RETURN_MS = 60 * MINUTE
/** So many of one topic are told one by one within the window; what follows is told together. */
const ONE_BY_ONE = 5
const WINDOW_MS = 10 * MINUTE

/** What time it is, and new ids. */
export interface LedgerContext {
  readonly now: Date
  readonly newId: () => string
  /** Address of the status page. */
  readonly link?: string
}

/** Takes a situation in. Pure but for the ids. */
export function advance(
  ledger: Ledger,
  situation: Situation,
  context: LedgerContext,
): { readonly ledger: Ledger; readonly outgoing: readonly Outgoing[] } {
  const work = createWork(ledger, context)
  const present = new Map(situation.incidents.map((incident) => [incident.key, incident]))
  for (const incident of present.values()) work.present(incident)
  for (const known of ledger.known) {
    if (!present.has(known.key) && !isGroup(known.key) && situation.isKnown(known.key)) work.absent(known)
  }
  work.groups()
  return work.done()
}

function createWork(ledger: Ledger, { now: date, newId, link }: LedgerContext) {
  const now = date.getTime()
  const known = new Map(ledger.known.map((one) => [one.key, one]))
  const ended = ledger.ended.filter(({ at }) => now - at < RETURN_MS)
  const begun = ledger.begun.filter(({ at }) => now - at < WINDOW_MS)
  const outgoing: Outgoing[] = []
  const lines = new Map<string, readonly string[]>()

  function say(one: Known, state: Message['state'], title: string, text: readonly string[]): void {
    const { id: incident, topic, scope, organizations } = one
    outgoing.push({
      message: {
        id: newId(),
        incident,
        topic,
        state,
        at: date.toISOString(),
        ...(scope === undefined ? {} : { scope }),
        title,
        lines: text,
        ...(link === undefined ? {} : { link }),
      },
      ...(organizations ? { organizations } : {}),
    })
  }

  function told(one: Known): Known {
    return { ...one, told: { size: one.size, version: one.version ?? '', at: now } }
  }

  function present({ patience, lines: text, ...incident }: Incident): void {
    const before = known.get(incident.key)
    lines.set(incident.key, text)
    const again: Known = { ...(before ?? first(incident.key)), ...incident }
    const { quietSince: _, ...seen } = again
    known.set(incident.key, seen)
    if (seen.group !== undefined) return
    if (!seen.told) {
      const isDue = patience === 'None' || now - seen.firstSeenAt >= PATIENCE_MS
      if (isDue) begin(seen)
    } else if (isNews(seen)) {
      known.set(seen.key, told(seen))
      say(seen, 'Changed', seen.title, text)
    }
  }

  function first(key: string): Pick<Known, 'id' | 'firstSeenAt' | 'returns'> {
    const last = ended.find((one) => one.key === key)
    return { id: newId(), firstSeenAt: now, returns: last ? last.returns + 1 : 0 }
  }

  function begin(one: Known): void {
    const group = groupKey(one.topic)
    const isMany = begun.filter(({ topic }) => topic === one.topic).length >= ONE_BY_ONE
    if (one.scope !== undefined && (known.has(group) || isMany)) {
      known.set(one.key, { ...told(one), group })
      if (!known.has(group)) known.set(group, { key: group, topic: one.topic, size: 0, title: '', ...first(group) })
      return
    }
    begun.push({ topic: one.topic, at: now })
    known.set(one.key, told(one))
    say(one, 'Began', one.title, lines.get(one.key) ?? [])
  }

  function absent(one: Known): void {
    if (!one.told) return void known.delete(one.key)
    const since = one.quietSince ?? now
    if (now - since < quietMs(one.returns)) return void known.set(one.key, { ...one, quietSince: since })
    known.delete(one.key)
    remember(one)
    if (one.group === undefined) say(one, 'Recovered', one.title, [lasted(one, since)])
  }

  function remember({ key, returns }: Known): void {
    const index = ended.findIndex((other) => other.key === key)
    if (index >= 0) ended.splice(index, 1)
    ended.push({ key, at: now, returns })
  }

  /** Those that are told together: as one incident with as many members as there are. */
  function groups(): void {
    for (const group of [...known.values()].filter(({ key }) => isGroup(key))) {
      const members = [...known.values()].filter((one) => one.group === group.key)
      if (members.length === 0) {
        known.delete(group.key)
        remember(group)
        if (group.told) say(group, 'Recovered', group.title, [lasted(group, now)])
        continue
      }
      const organizations = [...new Set(members.flatMap((one) => one.organizations ?? []))]
      const title = `${members.length} more: ${WORDS[group.topic]}`
      const next: Known = { ...group, size: members.length, title, organizations }
      const isDue = !next.told || isNews(next)
      known.set(next.key, isDue ? told(next) : next)
      const text = members.slice(0, 10).map((one) => one.title)
      const more = members.length > 10 ? [`and ${members.length - 10} more`] : []
      if (isDue) say(next, next.told ? 'Changed' : 'Began', title, [...text, ...more])
    }
  }

  return {
    present,
    absent,
    groups,
    done: () => ({ ledger: { known: [...known.values()], ended, begun }, outgoing }),
  }

  function lasted({ firstSeenAt }: Known, until: number): string {
    return `It lasted ${duration(until - firstSeenAt)}.`
  }
}

const WORDS: Readonly<Record<Topic, string>> = {
  Failed: 'failing as well',
  Blocked: 'not written to either',
  Drift: 'changed by somebody else as well',
  Applied: 'written to as well',
  Expiring: 'ending as well',
  InvalidRevision: 'not taken either',
  SourceUnreachable: 'not read either',
  Fight: 'changed back by somebody else as well',
}

function isNews({ told, size, version = '' }: Known): boolean {
  if (!told) return false
  return (
    version !== told.version ||
    Math.floor(Math.log10(Math.max(1, size))) > Math.floor(Math.log10(Math.max(1, told.size)))
  )
}

function quietMs(returns: number): number {
  return Math.min(LONGEST_QUIET_MS, QUIET_MS * 4 ** returns)
}

function groupKey(topic: Topic): string {
  return `Group ${topic}`
}

function isGroup(key: string): boolean {
  return key.startsWith('Group ')
}

function duration(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / MINUTE))
  if (minutes < 90) return minutes === 1 ? 'a minute' : `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
