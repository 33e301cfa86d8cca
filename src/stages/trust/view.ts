// How a trust looks to one organization: what CRM really signs in with, and whether everything else fits to that. What the spec wishes for
// does not matter here: a rotation that waits leaves a trust that works.
import type { Link, Read, Reason } from '../../engine/index.ts'
import type { DesiredTrust } from '../../spec/desired.ts'
import type { TrustView } from '../../trust/view.ts'
import { newest, newestStart } from './async-services.ts'
import { attestationLink } from './attestation-link.ts'
import { servicesLink } from './services-link.ts'
import { factsOf, type ViewFacts } from './view-facts.ts'
import { certificateLink, credentialLink, namesLink, serversLink, settingsLink, tenantIdLink } from './view-links.ts'

/** What a view is made of. `reads`: those of the pass, or with the planned changes laid over them (`Projection.read` of every stage). */
export interface ViewInput {
  readonly reads: ReadonlyMap<string, Read>
  readonly desired: DesiredTrust
  /** metadata.name. */
  readonly organization: string
  readonly now: Date
}

/** The trust of one organization. Pure. `provenAt` is for whoever remembers. */
export function trustViewOf(input: ViewInput): TrustView {
  const facts = factsOf(input)
  if (!facts || (!facts.tenantIsRead && !facts.deploymentIsRead)) return { state: 'Unmanaged', links: [] }
  const { tenant, tenantCheck } = facts
  const attested = tenant && tenantCheck ? [attestationLink(tenant)] : []
  const links = [...linksOf(facts, input.now), ...attested]
  const broken = links.find(({ state }) => state === 'broken')
  const unknown = links.find(({ state }) => state === 'unknown')
  const state = broken ? 'Broken' : unknown ? 'Unknown' : 'Working'
  const first = broken ?? unknown
  const changedAt = changedAtOf(facts)
  return {
    state,
    ...(first && { reason: reasonOfLink(first) }),
    links,
    ...(facts.certificate !== undefined && { certificate: facts.certificate }),
    ...(changedAt !== undefined && { changedAt }),
  }
}

function linksOf(facts: ViewFacts, now: Date): readonly Link[] {
  return [
    certificateLink(facts, now),
    serversLink(facts),
    credentialLink(facts),
    namesLink(facts),
    settingsLink(facts),
    tenantIdLink(facts),
    servicesLink(facts),
  ].flatMap((link) => link ?? [])
}

function reasonOfLink({ name, words, next }: Link): Reason {
  const code = `Trust${name.replaceAll(/(?:^|[ -])([a-z])/g, (_, letter: string) => letter.toUpperCase())}`
  return { code, message: next === undefined ? words : `${words}; ${next}` }
}

/** When services loaded what they run with, or were to load something else: whatever was proven before may not hold any more. */
function changedAtOf({ servers }: ViewFacts): string | undefined {
  const states = servers.flatMap(({ ref }) => ref?.state ?? [])
  const start = newestStart(states)
  return newest([...(start === undefined ? [] : [start]), ...states.flatMap(({ marker }) => marker?.at ?? [])])
}
