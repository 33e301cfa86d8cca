import { type DemoPlaces, identitiesText, trustPlacesText } from '../trust-files.ts'
import { PRACTICE, PRODUCTION } from './spec-history.ts'

/** Where everything of the demo is. */
export interface LivePlaces {
  readonly places: DemoPlaces
  /** Base of the organization to practise in. */
  readonly practiceUrl: string
  /** Of the repository. */
  readonly gitUrl: string
  /** Names of the certificates, of which files lie in the folder. */
  readonly certificates: readonly string[]
}

/** File of the certificate that vouches for the git server. */
export const AUTHORITY_FILE = 'git-server.pem'

/** The runtime configuration of the demo: as in real life, but in more of a hurry. */
export function liveConfigurationFile({ places, practiceUrl, gitUrl, certificates }: LivePlaces): string {
  return `# How to reach everything and what mailkeel may do there. This file is mounted, not committed.
apiVersion: mailkeel/v1
kind: Configuration
spec:
  source:
    git: { url: '${gitUrl}', branch: main, pollEvery: 5s }
  policy: Enforce
  loop: { interval: 15s, settleEvery: 1s, maximumBackOff: 10s }   # real life leaves them out: 10 minutes, 20 seconds, 15 minutes
  network: { caFile: ${AUTHORITY_FILE} }
  listener: { port: 0 }                  # a free one; this machine only
  identities:
${identitiesText(places)}  organizations:
    ${PRODUCTION}: { url: '${places.url}', reading: simulator }
    ${PRACTICE}: { url: '${practiceUrl}', reading: simulator }
${trustPlacesText(places, certificates)}`
}
