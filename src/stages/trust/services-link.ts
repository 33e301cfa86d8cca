import type { Link } from '../../engine/index.ts'
import { asyncServices } from './async-services.ts'
import { labelOf, unreadLink } from './link-of.ts'
import { listed, shortName } from './names.ts'
import type { ServerTold, ViewFacts } from './view-facts.ts'

const NAME = 'services'

/** That the services run with the certificate that CRM signs in with. */
export function servicesLink(facts: ViewFacts): Link | undefined {
  const { certificate, services } = facts
  if (certificate === undefined || services.length === 0) return undefined
  const stale = services.filter(({ row }) => row && row.fields['loaded'] !== certificate)
  const late = stale.filter((server) => isAboutAnother(server, facts))
  if (stale.length > late.length) return notLoaded(stale, certificate)
  const unread = services.find(({ reason }) => reason !== undefined)
  if (unread?.reason) return unreadLink(NAME, unread.reason)
  return late.length > 0 ? notTold(late, certificate) : running(services, certificate)
}

/**
 * What the services were to load anew is another certificate, such as one that is imported and not switched to yet. Its marker took the place
 * of the one before, so nothing says any more whether they had loaded this one.
 */
function isAboutAnother({ ref }: ServerTold, { certificate, deployment }: ViewFacts): boolean {
  return (ref?.state.marker?.sha256 ?? deployment?.certificate?.sha256 ?? certificate) !== certificate
}

function notLoaded(stale: readonly ServerTold[], certificate: string): Link {
  const words = `the asynchronous services of ${listed(stale.map(labelOf))} were started before ${shortName(certificate)} was there`
  return { name: NAME, state: 'broken', words, next: '`mailkeel apply --only service-restart` restarts them.' }
}

function notTold(late: readonly ServerTold[], certificate: string): Link {
  const words = `whether the asynchronous services of ${listed(late.map(labelOf))} run with ${shortName(certificate)} cannot be told, as another certificate was put there since they were started`
  return { name: NAME, state: 'unknown', words, next: 'Run `mailkeel apply`.' }
}

function running(services: readonly ServerTold[], certificate: string): Link {
  const all = services.flatMap(({ ref }) => (ref ? asyncServices(ref.state) : []))
  const stopped = listed(all.filter(({ isRunning }) => !isRunning).map((one) => one.name))
  // One server that works is enough for mail; what is stopped elsewhere its own check tells.
  if (all.length > 0 && all.every(({ isRunning }) => !isRunning)) {
    return { name: NAME, state: 'broken', words: `${stopped} do not run`, next: 'Start them on the servers.' }
  }
  const evidence = stopped === '' ? {} : { evidence: `stopped: ${stopped}` }
  return {
    name: NAME,
    state: 'good',
    words: `the asynchronous services run with ${shortName(certificate)}`,
    ...evidence,
  }
}
