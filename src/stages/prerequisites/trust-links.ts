import type { ExplainContext, Link, Subject } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import type { TrustView } from '../../trust/view.ts'
import type { MailboxEntry } from '../mailboxes/mailbox-directory.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import { shortName } from '../trust/names.ts'
import { dependsOnTrust, type ProfileReference, whyNot } from '../trust-dependence.ts'

const NAME = 'trust'

/**
 * What the trust contributes to the chain of an object: all its links for the organization; for a mailbox or a profile that signs in by it
 * one link, the first that is broken.
 */
export function linksOfTrust(
  { kind, key }: Subject,
  trust: TrustView | undefined,
  { reads }: Pick<ExplainContext<DesiredOrganization>, 'reads'>,
): readonly Link[] {
  if (!trust || trust.state === 'Unmanaged') return []
  if (kind === 'Organization') return wholeTrust(trust)
  const profile = profileOf({ kind, key }, reads)
  if (!profile || !dependsOnTrust(profile, reads.get(STAGE_NAMES.emailServerProfile))) return []
  return [asOneLink(trust)]
}

/** The names of the links say what they belong to: other parts of an organization have settings too. */
function wholeTrust(trust: TrustView): readonly Link[] {
  const links = trust.links.map((link) => ({ ...withoutAsking(link), name: `${NAME} ${link.name}` }))
  const isTold = trust.state === 'Working' || links.some(({ state }) => state === 'broken' || state === 'unknown')
  return isTold && links.length > 0 ? links : [asOneLink(trust), ...links]
}

/** How a person looks at what no interface tells is said with the trust itself. */
function withoutAsking(link: Link): Link {
  if (link.state !== 'told') return link
  const { evidence: _, ...rest } = link
  return rest
}

function profileOf({ kind, key }: Subject, reads: ExplainContext<DesiredOrganization>['reads']) {
  if (kind === 'EmailServerProfile') return profileNamed(key, reads)
  const read = kind === 'Mailbox' ? reads.get(STAGE_NAMES.mailbox) : undefined
  const row = read?.complete ? read.rows.get(key) : undefined
  return row?.ref ? { id: (row.ref as MailboxEntry).mailbox.profileId } : undefined
}

function profileNamed(key: string, reads: ExplainContext<DesiredOrganization>['reads']): ProfileReference | undefined {
  const read = reads.get(STAGE_NAMES.emailServerProfile)
  const name = read?.complete ? read.rows.get(key)?.fields['displayName'] : undefined
  return typeof name === 'string' ? { name } : undefined
}

/** A trust that cannot be read keeps mailkeel from writing; it is no reason why somebody's mail would not flow. */
function asOneLink(trust: TrustView): Link {
  const { state, links, certificate } = trust
  if (state === 'Working') {
    const words = certificate === undefined ? 'works' : `works, with certificate ${shortName(certificate)}`
    // All that can be read fits together: what nobody looked at is left where mail fails all the same.
    const open = links.find((link) => link.state === 'told' && link.name === 'attested')
    return { name: NAME, state: 'good', words, ...(open && { evidence: open.words }) }
  }
  const { what, next } = whyNot(trust)
  if (state !== 'Broken') return { name: NAME, state: 'told', words: `not known: ${what}` }
  const { evidence, at } = links.find((link) => link.state === 'broken') ?? {}
  return {
    name: NAME,
    state: 'broken',
    words: what,
    ...(evidence !== undefined && { evidence }),
    ...(at !== undefined && { at }),
    ...(next !== undefined && { next }),
  }
}
