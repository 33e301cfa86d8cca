// Whether mailboxes may rely on the trust. It comes as it was observed, whatever the spec asks for, and blocks only what needs it.

import type { Advised, Verdict } from '../../engine/index.ts'
import type { TrustView } from '../../trust/view.ts'
import { minute } from '../minute.ts'
import { shortName } from '../trust/names.ts'
import { TRUST_CHECK, whyNot } from '../trust-dependence.ts'
import type { Check } from './checks.ts'

/** How long a proof counts while the trust cannot be read, where nothing is configured. */
export const USUAL_PROOF_AGE_MS = 24 * 3_600_000

/** When the question is asked, and how old the last proof may be. */
export interface ProofTime {
  readonly now: Date
  readonly proofMaxAgeMs: number
}

/** The check of the trust; none where there is no trust that anybody could look at. Pure. */
export function trustChecks(trust: TrustView | undefined, time: ProofTime): readonly Check[] {
  if (!trust || trust.state === 'Unmanaged') return []
  return [{ key: TRUST_CHECK.key, label: 'trust', verdict: trustVerdict(trust, time), gates: [] }]
}

function trustVerdict(trust: TrustView, time: ProofTime): Verdict {
  const { state, certificate, provenAt } = trust
  if (state === 'Working')
    return {
      status: 'True',
      code: 'InOrder',
      message: `the trust with Exchange Online works${withDigest(certificate)}`,
    }
  const told = whyNot(trust)
  if (state === 'Broken')
    return { status: 'False', code: 'TrustBroken', message: composed('the trust with Exchange Online is broken', told) }
  const head = 'whether the trust with Exchange Online works could not be told'
  const provenMs = Date.parse(provenAt ?? '')
  if (provenAt !== undefined && isRecent(provenMs, time)) {
    const until = minute(new Date(provenMs + time.proofMaxAgeMs).toISOString())
    const end = `it worked ${minute(provenAt)}, so mailboxes are worked on until ${until}`
    return { status: 'Unverifiable', code: 'TrustNotSeen', message: composed(head, told, end) }
  }
  const end =
    provenAt === undefined
      ? 'it was never seen working, so no mailbox is started, moved or tested'
      : `it was last seen working ${minute(provenAt)}, which is too long ago, so no mailbox is started, moved or tested`
  return { status: 'Unknown', code: 'TrustUnknown', message: composed(head, told, end) }
}

/** A proof from the future is as little worth as an old one: a clock was wrong when it was written down, or is now. */
function isRecent(provenMs: number, { now, proofMaxAgeMs }: ProofTime): boolean {
  return Math.abs(now.getTime() - provenMs) <= proofMaxAgeMs
}

/** What is the matter, what follows from it, and as a sentence of its own what to do. */
function composed(head: string, { what, next }: Advised, end?: string): string {
  const said = end === undefined ? `${head}: ${what}` : `${head}: ${what}; ${end}`
  return next === undefined ? said : `${said}. ${next}`
}

function withDigest(certificate: string | undefined): string {
  return certificate === undefined ? '' : `, with certificate ${shortName(certificate)}`
}
