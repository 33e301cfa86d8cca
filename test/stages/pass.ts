// Planning and applying the stages of an organization, in one line each.
import type { OrganizationReader, OrganizationWriter } from '../../src/crm/organization.ts'
import {
  applyPlan,
  type Change,
  computePlan,
  type Intent,
  type Journal,
  type Outcome,
  observeAll,
  type Plan,
  type PlanInput,
  type Planned,
} from '../../src/engine/index.ts'
import type { OrganizationStage } from '../../src/reconcile/contract.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { organizationStages } from '../../src/stages/index.ts'
import { CANARY_SECRET } from '../setup/canary.ts'

/** An organization to work on. */
export interface Remote {
  reader(): OrganizationReader
  writer(): OrganizationWriter
  now?(): Date
}

const NOW = new Date('2026-11-20T08:00:00Z')

/** All stages, with secrets that must never be seen, and as many tests at once as there may be. */
export const STAGES: readonly OrganizationStage[] = organizationStages({
  resolveSecret: async () => CANARY_SECRET,
  pace: { maximumInFlight: 100_000 },
})

/** Observes and plans. */
export async function plan(
  remote: Remote,
  desired: DesiredOrganization,
  stages: readonly OrganizationStage[] = STAGES,
  more: Pick<PlanInput<DesiredOrganization, OrganizationReader, OrganizationWriter>, 'only' | 'allows'> & {
    readonly changedAt?: ReadonlyMap<string, ReadonlyMap<string, string>>
  } = {},
): Promise<Planned & { readonly reads: Awaited<ReturnType<typeof observeAll>> }> {
  const now = remote.now?.() ?? NOW
  const { changedAt, ...rest } = more
  const { signal } = new AbortController()
  const reads = await observeAll({ stages, reader: remote.reader(), desired, now, signal, changedAt })
  const input = { scope: 'organization/contoso-sales', revision: 'r1', stages, desired, reads, now, ...rest }
  return { ...computePlan(input), reads }
}

/** What applying left behind. */
export interface Applied {
  readonly outcomes: readonly Outcome[]
  readonly intents: readonly Intent[]
}

/** Applies a plan. */
export async function apply(
  remote: Remote,
  desired: DesiredOrganization,
  planned: Plan,
  stages: readonly OrganizationStage[] = STAGES,
  approved?: ReadonlySet<string>,
): Promise<Applied> {
  const intents: Intent[] = []
  const journal: Journal = {
    intend: async (more) => void intents.push(...more),
    conclude: async () => {},
  }
  const outcomes = await applyPlan({
    plan: planned,
    stages,
    desired,
    newReader: () => remote.reader(),
    writer: remote.writer(),
    journal,
    now: () => remote.now?.() ?? NOW,
    signal: new AbortController().signal,
    ...(approved && { approved }),
  })
  return { outcomes, intents }
}

/** All changes of a plan. */
export function changesOf({ steps }: Plan): readonly Change[] {
  return steps.flatMap(({ changes }) => changes)
}

/** A plan in one line per change: `mailbox update ann@contoso.com: profile, test`. */
export function linesOf(planned: Plan): readonly string[] {
  return changesOf(planned).map(({ stage, action, key, fields }) => {
    const names = fields.map(({ field }) => field).sort()
    return `${stage} ${action} ${key}${names.length > 0 ? `: ${names.join(', ')}` : ''}`
  })
}

/** Exceptions in one line each: `mailbox Waiting NotInCrm ann@contoso.com`. */
export function exceptionsOf({ exceptions }: Plan): readonly string[] {
  return exceptions.map(({ stage, state, reason, key }) => `${stage} ${state} ${reason.code} ${key}`)
}

/** A plan as people read it, without the counts. */
export function sentencesOf(planned: Plan): readonly string[] {
  return changesOf(planned).flatMap(({ label, phrases }) =>
    phrases.map(({ group, one }) => `${group}: ${label} ${one}`),
  )
}
