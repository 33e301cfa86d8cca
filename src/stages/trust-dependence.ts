// What depends on the trust between CRM and Exchange Online: mailboxes whose profile signs in by it, and of these only what starts, moves,
// claims or tests them. Whatever else is written to a mailbox is as good while the trust is broken.
import type { ProfileRow } from '../crm/rows.ts'
import { type Advised, advised, asSentence, type Dependency, type Projection, type Read } from '../engine/index.ts'
import type { ServerType } from '../spec/desired.ts'
import type { OrganizationSurroundings, TrustView } from '../trust/view.ts'
import { STAGE_NAMES } from './stage-names.ts'

/** The check whose verdict says whether the trust may be relied on. It is there only where there is a trust that can be looked at. */
export const TRUST_CHECK = { stage: STAGE_NAMES.prerequisites, key: 'trust' } as const satisfies Dependency

/** Only server-to-server sign-in from on-premises goes by the certificate (Microsoft, connect Dynamics 365 on-premises to Exchange Online). */
export function signsInByTrust(serverType: unknown): boolean {
  return serverType === ('ExchangeOnlineHybrid' satisfies ServerType)
}

/** The trust of what surrounds an organization, where somebody says how to reach it. */
export function trustIn({ trust }: OrganizationSurroundings): TrustView | undefined {
  return trust?.state === 'Unmanaged' ? undefined : trust
}

/** Why a trust does not work or is not known: what is the matter, and what to do. Its links part the two; a message only where there is none. */
export function whyNot({ state, reason, links }: TrustView): Advised {
  const wanted = state === 'Broken' ? 'broken' : 'unknown'
  const first = links.find((link) => link.state === wanted)
  if (!first) return advised(reason?.message ?? 'nothing says why')
  return first.next === undefined ? { what: first.words } : { what: first.words, next: asSentence(first.next) }
}

/** A profile as people call it, or by its identifier. */
export interface ProfileReference {
  readonly name?: string
  readonly id?: string | null
}

/** What a change of a mailbox with this profile needs: the trust, where there is one and the profile signs in by it. */
export function trustNeeded(profile: ProfileReference, projection: Projection): readonly Dependency[] {
  const checks = projection.read(TRUST_CHECK.stage)
  if (!checks?.complete || !checks.rows.has(TRUST_CHECK.key)) return []
  return dependsOnTrust(profile, projection.read(STAGE_NAMES.emailServerProfile), projection) ? [TRUST_CHECK] : []
}

interface Profiles {
  readonly names: ReadonlySet<unknown>
  readonly ids: ReadonlySet<string>
}

const known = new WeakMap<object, Profiles>()

/** True where the profile signs in by the trust, as this read of the profiles says. `memo`: for as long as what is asked for the answer holds. */
export function dependsOnTrust({ name, id }: ProfileReference, read: Read | undefined, memo?: object): boolean {
  const profiles = (memo && known.get(memo)) ?? profilesByTrust(read)
  if (memo) known.set(memo, profiles)
  return name === undefined ? id !== undefined && id !== null && profiles.ids.has(id) : profiles.names.has(name)
}

function profilesByTrust(read: Read | undefined): Profiles {
  const rows = read?.complete ? [...read.rows.values()] : []
  const byTrust = rows.filter(({ fields }) => signsInByTrust(fields['serverType']))
  return {
    names: new Set(byTrust.map(({ fields }) => fields['displayName'])),
    ids: new Set(byTrust.flatMap(({ ref }) => (ref ? [(ref as ProfileRow).id] : []))),
  }
}
