// What ends by itself, from what all examinations saw together.

import { runwayFor } from '../../compose/runway.ts'
import type { Finding } from '../../report/doctor.ts'
import type { RunwayItem } from '../../trust/runway.ts'
import type { EndsSeen } from './examine.ts'
import { bad, good } from './finding.ts'
import type { Patient } from './patient.ts'

/** The runway of every organization, told once where several have the same. */
export function runwayFindings(
  { organizations, configuration, machine }: Patient,
  seen: readonly EndsSeen[],
): readonly Finding[] {
  const count = runwayFor(configuration)
  const told = new Map<string, Finding>()
  for (const organization of organizations) {
    const known = Object.assign({}, ...seen.filter((one) => concerns(one, organization)))
    for (const item of count(organization, known, machine.now().toISOString())) {
      const finding = findingOf(item)
      told.set(`${finding.check} ${item.on}`, finding)
    }
  }
  return [...told.values()]
}

function concerns(
  seen: EndsSeen,
  { name, tenant, deployment }: { readonly name: string; readonly tenant?: string; readonly deployment?: string },
): boolean {
  if (seen.tenant !== undefined) return seen.tenant === tenant
  return seen.deployment === undefined ? seen.organization === name : seen.deployment === deployment
}

function findingOf({ label, on, daysLeft, severity, source, kind }: RunwayItem): Finding {
  const question = { subject: 'runway', check: label, tried: `counting the days, by ${source}` }
  const evidence = daysLeft <= 0 ? `ended ${on}` : `ends ${on}, in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}`
  // What nobody here can renew is no more than told until its last warning.
  if (severity === 'Calm' || (kind === 'VendorDate' && severity === 'Warning')) return good(question, evidence)
  const verdict = severity === 'Over' && kind !== 'VendorDate' ? 'Broken' : 'Person'
  return bad(question, verdict, severity === 'Over' ? 'Ended' : 'EndsSoon', evidence, { words: WORDS[kind] })
}

const WORDS = {
  Certificate:
    'Have the next certificate issued, and review its name and sha256 in the Deployment; mailkeel does the rest.',
  Credential: 'Rotate the certificate: review the name and sha256 of the next one in the Deployment.',
  OwnCredential:
    'Create the next credential of the application that mailkeel signs in with, and put it into the configuration.',
  Attestation: 'Have somebody look, and write the attestation of the Tenant.',
  VendorDate: 'Plan what comes after it; no renewal leads past it.',
} as const satisfies Record<RunwayItem['kind'], string>
