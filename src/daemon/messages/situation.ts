// What is wrong now, read off the board. One incident per scope and topic: 5,000 mailboxes that fail for one cause are one message.
import type { ObjectConditions } from '../../engine/index.ts'
import { withoutFlag } from '../../report/explain-view.ts'
import type { RunwayItem } from '../../trust/runway.ts'
import type { Board, ScopeReport, ScopeStanding, SourceStanding } from '../board.ts'
import type { Incident, Situation } from './incident.ts'
import { about, examples, titleOf } from './words.ts'

/** Reads the board. Work that was done for a report is not done again. */
export function createSituationReader(board: Board): () => Situation {
  const known = new WeakMap<ScopeReport, readonly Incident[]>()
  const ofReport = (standing: ScopeStanding): readonly Incident[] => {
    const { report } = standing
    if (!report) return []
    const before = known.get(report)
    if (before) return before
    const found = reportIncidents(standing, report)
    known.set(report, found)
    return found
  }
  return () => {
    const source = board.source()
    const scopes = board.scopes()
    // Another replica tells of what it works on.
    const here = scopes.filter(({ phase }) => phase !== 'Elsewhere')
    const all = [...sourceIncidents(source), ...here.flatMap((one) => [...standingIncidents(one), ...ofReport(one)])]
    const looked = new Map(scopes.map((one) => [one.scope, one]))
    const isComplete = source.enforced !== undefined && scopes.length > 0 && here.every(hasBeenLookedAt)
    return {
      incidents: merged([...all, ...expiring(here)]),
      isKnown(key) {
        const [topic = '', scope = '', of] = key.split(' ')
        if (topic === 'SourceUnreachable' || topic === 'InvalidRevision') return source.lookedAt !== undefined
        if (topic === 'Expiring') return isComplete && here.every(hasBeenRead)
        const standing = looked.get(scope)
        // A scope that is not there is gone from the spec, once the spec was read at all.
        if (!standing) return isComplete
        // What could not be read may be as bad as it was: only that it is not read is known then.
        return hasBeenLookedAt(standing) && (of !== undefined || hasBeenRead(standing))
      },
    }
  }
}

function hasBeenLookedAt({ phase, report, failure }: ScopeStanding): boolean {
  return phase !== 'Elsewhere' && (report !== undefined || failure !== undefined)
}

function hasBeenRead({ report }: ScopeStanding): boolean {
  return report === undefined || unreadIn(report).length === 0
}

function unreadIn({ result }: ScopeReport) {
  return result.plan.stages.flatMap(({ stage, incomplete }) => (incomplete ? [{ stage, reason: incomplete }] : []))
}

function sourceIncidents({ place, failure, refused, enforced }: SourceStanding): readonly Incident[] {
  const goesOn = enforced ? [`Revision ${short(enforced.id)} stays in force.`] : ['Nothing is in force yet.']
  const incidents: Incident[] = []
  if (failure) {
    const { reason, since, attempts } = failure
    incidents.push({
      key: 'SourceUnreachable source',
      topic: 'SourceUnreachable',
      size: 1,
      patience: attempts > 1 ? 'None' : 'Passing',
      title: `${place} cannot be read: ${reason.message}`,
      lines: [`Since ${since}, ${attempts} attempts. New commits are not seen until it is over.`, ...goesOn],
    })
  }
  if (refused) {
    const { revision, problems, reason } = refused
    incidents.push({
      key: 'InvalidRevision source',
      topic: 'InvalidRevision',
      size: Math.max(1, problems.length),
      version: revision.id,
      patience: 'None',
      title: `Revision ${short(revision.id)} is not taken: ${reason.message}`,
      lines: [
        ...(revision.subject === undefined
          ? []
          : [`${revision.subject}${revision.author ? ` (${revision.author})` : ''}`]),
        ...problems.slice(0, 5).map(({ file, line, message }) => `${file}:${line}: ${message}`),
        ...(problems.length > 5 ? [`and ${problems.length - 5} more problems`] : []),
        ...goesOn,
      ],
    })
  }
  return incidents
}

/** What a scope itself says: that passes fail, that writes are held. */
function standingIncidents(standing: ScopeStanding): readonly Incident[] {
  const { scope, failure, held } = standing
  const title = titleOf(standing)
  const incidents: Incident[] = []
  if (failure) {
    const { reason, since, attempts } = failure
    incidents.push({
      key: `Failed ${scope} pass`,
      topic: 'Failed',
      ...concerning(standing),
      size: 1,
      patience: attempts > 1 ? 'None' : 'Passing',
      title: `${title} cannot be reconciled: ${reason.message}`,
      lines: [`${reason.code}, since ${since}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}.`],
    })
  }
  if (held && !ORDINARY_HOLDS.has(held.code)) {
    incidents.push({
      key: `Blocked ${scope}`,
      topic: 'Blocked',
      ...concerning(standing),
      size: 1,
      version: held.code,
      patience: 'None',
      title: `${title} is not written to: ${withoutFlag(held.message)}`,
      lines: [`${held.code}. A person must decide, or mend the cause.`],
    })
  }
  return incidents
}

/** Holds that somebody asked for in the spec or the configuration. */
const ORDINARY_HOLDS: ReadonlySet<string> = new Set(['Suspended', 'NoChangeWindow'])

/** What the last pass found. */
function reportIncidents(standing: ScopeStanding, report: ScopeReport): readonly Incident[] {
  const { scope } = standing
  const title = titleOf(standing)
  const incidents: Incident[] = []
  const unread = unreadIn(report)
  const [first] = unread
  if (first) {
    incidents.push({
      key: `Failed ${scope} unread`,
      topic: 'Failed',
      ...concerning(standing),
      size: 1,
      patience: 'Passing',
      title: `${title} cannot be read: ${first.reason.message}`,
      lines: [
        `Not read to the end: ${examples(
          unread.map(({ stage }) => stage),
          8,
        )}. What depends on it is unknown, and not written.`,
      ],
    })
  }
  const failing = report.conditions.filter(isFailing)
  if (failing.length > 0) {
    incidents.push({
      key: `Failed ${scope}`,
      topic: 'Failed',
      ...concerning(standing),
      size: failing.length,
      patience: 'Passing',
      title: `${title}: ${about(failing.length, failing[0]?.kind ?? '')} ${failing.length === 1 ? 'does' : 'do'} not work`,
      lines: causesOf(failing),
    })
  }
  if (report.fights.length > 0) {
    incidents.push({
      key: `Fight ${scope}`,
      topic: 'Fight',
      ...concerning(standing),
      size: report.fights.length,
      patience: 'None',
      title: `${title}: somebody keeps changing back ${about(report.fights.length, report.fights[0]?.kind ?? '')}`,
      lines: [
        ...report.fights
          .slice(0, 5)
          .map(({ label, reversals, by }) => `${label}: ${reversals} times${by === undefined ? '' : `, by ${by}`}`),
        'It is left alone until the spec or the other writer changes.',
      ],
    })
  }
  // What a pass that writes found, it corrected as well: that is told as something that happened.
  if (report.drift.length > 0 && report.result.outcomes === undefined) {
    incidents.push({
      key: `Drift ${scope}`,
      topic: 'Drift',
      ...concerning(standing),
      size: report.drift.length,
      patience: 'Passing',
      title: `${title}: ${about(report.drift.length, report.drift[0]?.kind ?? '')} ${report.drift.length === 1 ? 'differs' : 'differ'} from the spec, changed by somebody else`,
      lines: report.drift.slice(0, 10).map(({ sentence, by }) => (by === undefined ? sentence : `${sentence} (${by})`)),
    })
  }
  return incidents
}

function isFailing({ ready, synced }: ObjectConditions): boolean {
  return ready.status === 'False' || (synced.status === 'False' && FAILED_WRITES.has(synced.code))
}

const FAILED_WRITES: ReadonlySet<string> = new Set(['Failed', 'WriteNotEffective'])

/** The causes, the most frequent first. */
function causesOf(failing: readonly ObjectConditions[]): readonly string[] {
  const byCause = new Map<string, { readonly message: string; readonly labels: string[] }>()
  for (const { label, ready, synced } of failing) {
    const { code, message } = ready.status === 'False' ? ready : synced
    const cause = byCause.get(code) ?? { message, labels: [] }
    cause.labels.push(label)
    byCause.set(code, cause)
  }
  const causes = [...byCause].sort(([, a], [, b]) => b.labels.length - a.labels.length)
  const lines = causes
    .slice(0, 8)
    .map(([code, { message, labels }]) => `${labels.length} × ${code}: ${withoutFlag(message)} (${examples(labels)})`)
  return causes.length > 8 ? [...lines, `and ${causes.length - 8} more causes`] : lines
}

/** What ends by itself. The same certificate or date of a vendor is told once, however many organizations it is about. */
function expiring(scopes: readonly ScopeStanding[]): readonly Incident[] {
  const byItem = new Map<string, { readonly item: RunwayItem; readonly scopes: ScopeStanding[] }>()
  for (const standing of scopes) {
    for (const item of standing.report?.runway ?? []) {
      if (item.severity === 'Calm') continue
      const key = `${item.kind}/${item.name ?? item.label}/${item.on.slice(0, 10)}`.replaceAll(' ', '_')
      const found = byItem.get(key) ?? { item, scopes: [] }
      found.scopes.push(standing)
      byItem.set(key, found)
    }
  }
  return [...byItem].map(([key, { item, scopes: concerned }]) => ({
    key: `Expiring ${key}`,
    topic: 'Expiring' as const,
    organizations: [...new Set(concerned.flatMap((one) => concerning(one).organizations ?? []))],
    size: 1,
    version: item.severity === 'Over' ? 'over' : String(item.step ?? item.severity),
    patience: 'None' as const,
    title: `${item.label} ${item.severity === 'Over' ? `ended on ${item.on.slice(0, 10)}` : `ends on ${item.on.slice(0, 10)}, in ${item.daysLeft} days`}`,
    lines: [
      `Concerns ${examples(concerned.map(titleOf))}.`,
      `Source: ${item.source}${item.endsConnection ? '; the connection ends with it' : ''}.`,
    ],
  }))
}

/** Two incidents of one key would be told in turn. */
function merged(incidents: readonly Incident[]): readonly Incident[] {
  return [...new Map(incidents.map((one) => [one.key, one])).values()]
}

/** Which scope it is, and which organizations depend on it. */
function concerning({ name, desired }: ScopeStanding): Pick<Incident, 'organizations'> & { readonly scope: string } {
  const organizations = 'organizations' in desired ? [...desired.organizations.keys()] : [name]
  return { scope: name, organizations }
}

function short(id: string): string {
  return id.slice(0, 12)
}
