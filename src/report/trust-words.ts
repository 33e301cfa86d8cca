// A trust in few words: what its organizations are told of it.
import { advised } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { namesInSentence, sentenceList } from './wording.ts'

/** A certificate as people tell it apart: the first four digits of its SHA-256 and the last two, `9F2C…A1`. */
function certificateInWords(sha256: string): string {
  const digits = sha256.toUpperCase()
  return digits.length <= 6 ? digits : `${digits.slice(0, 4)}…${digits.slice(-2)}`
}

/** How a trust is: `CRM signs in with 9F2C…A1`, `broken: …`, `not known: …`. Nothing for what is no trust, and where nobody depends on it. */
export function trustInWords({ views }: Pick<PassResult, 'views'>): readonly string[] {
  const all = [...(views ?? [])]
  const certificates = new Set(all.flatMap(([, { certificate }]) => certificate ?? []))
  const signsIn = `CRM signs in with ${sentenceList([...certificates].map(certificateInWords))}`
  return [
    ...told(views, 'Broken', 'broken'),
    ...told(views, 'Unknown', 'not known'),
    ...(certificates.size > 0 && all.some(([, { state }]) => state === 'Working') ? [signsIn] : []),
  ]
}

/** True where the trust is known not to work for one of its organizations. */
export function isTrustBroken({ views }: Pick<PassResult, 'views'>): boolean {
  return [...(views?.values() ?? [])].some(({ state }) => state === 'Broken')
}

/** One part for each reason; an organization is named where others are told something else. */
function told(views: PassResult['views'], state: 'Broken' | 'Unknown', word: string): readonly string[] {
  const all = [...(views ?? [])]
  const byReason = new Map<string, string[]>()
  for (const [organization, view] of all) {
    if (view.state !== state) continue
    const why = view.reason === undefined ? '' : `: ${advised(view.reason.message).what}`
    byReason.set(why, [...(byReason.get(why) ?? []), organization])
  }
  return [...byReason].map(([why, organizations]) =>
    organizations.length === all.length ? `${word}${why}` : `${word} for ${namesInSentence(organizations)}${why}`,
  )
}
