// What must be in order before a trust is written: files, servers, tools, sign-ins, and what no interface tells. Nothing here blocks a stage
// as a whole, so that one bad server leaves another tenant alone: what would fail names the check among its needs. Only where it is not
// certain which tenant this is, nothing at all is written.
import type { Observed } from '../../engine/index.ts'
import { checkWishes, type NoFields } from '../check-wishes.ts'
import { STAGE_NAMES } from '../stage-names.ts'
import type { TrustStageOf } from '../trust/trust-stage.ts'
import { certificateChecks } from './certificate-checks.ts'
import type { Check } from './check.ts'
import { deploymentChecks, serverChecks } from './server-checks.ts'
import { attestationChecks, tenantChecks } from './tenant-checks.ts'

const NAME = STAGE_NAMES.trustPrerequisites

/** Checks of a trust. */
export const trustPrerequisites: TrustStageOf<NoFields, unknown> = {
  name: NAME,
  kind: 'TrustPrerequisite',
  noun: { one: 'prerequisite', many: 'prerequisites' },
  scope: 'tenant',
  mode: 'checks',
  gate: 'blocks',
  fields: {},
  async observe({ reader, desired, now, signal }) {
    const asking = { reader, desired, signal }
    const checks = await Promise.all([
      certificateChecks(asking, now),
      serverChecks(asking),
      deploymentChecks(asking, now),
      tenantChecks(asking),
      attestationChecks(asking),
    ])
    const rows = new Map(checks.flat().map((check) => [check.key, observed(check)]))
    return { complete: true, rows, unknown: new Map() }
  },
  desire: (desired, projection) => checkWishes(NAME, projection, desired.origin),
  absent: () => ({ code: 'NotChecked', message: 'not checked' }),
}

function observed({ label, verdict, ref, forbidsAll }: Check): Observed<NoFields> {
  const row = { fields: {}, ref, label, ready: verdict }
  return forbidsAll ? { ...row, forbidsAll } : { ...row, gates: [] }
}
