// From a pass that only read to explanations: the one path of the command line, which reads when it is asked, and of the page, which tells
// what was read last.
import type { ObjectConditions, Reason } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import { readHistory } from '../reconcile/history.ts'
import { lockHolder } from '../reconcile/lock.ts'
import { identifyProcess, ownIdentity } from '../reconcile/process-identity.ts'
import type { Surroundings } from '../report/explain-organization.ts'
import { explainSet } from '../report/explain-set.ts'
import { type ExplainTrustInput, explainTrust } from '../report/explain-trust.ts'
import { type ExplainInput, type Explanation, explainObject } from '../report/explain-view.ts'
import { MAILBOX_KIND } from '../report/people.ts'
import type { RuntimeConfiguration } from '../spec/configuration/load.ts'
import type { DesiredOrganization, DesiredTrust, Origin } from '../spec/desired.ts'
import { cannotWrite } from '../stages/prerequisites/cannot-write.ts'
import { STAGE_NAMES } from '../stages/stage-names.ts'
import { adviceOn } from './advice.ts'
import type { Asked } from './asked.ts'

/** One pass over a scope, as explaining sees it. */
export interface ExplainedPass<D, Stage> {
  readonly result: PassResult
  readonly desired: D
  readonly stages: readonly Stage[]
  readonly conditions: readonly ObjectConditions[]
  readonly policy: ExplainInput['policy']
  /** The command that would write what is planned. Absent where a process that stays running does. */
  readonly applyCommand?: string
  /** Why that process writes nothing now. */
  readonly held?: Reason
}

/** A stage of a trust as far as explaining it needs it. */
export interface TrustStageWords {
  readonly name: string
  readonly noun: { readonly one: string; readonly many: string }
}

/** What objects of an organization are explained with. `trustNext`: what the trust behind it asks for. */
export function organizationInput(
  { result, desired, stages, conditions, policy, applyCommand, held }: ExplainedOrganization,
  configuration: RuntimeConfiguration,
  trustNext: string | undefined,
): ExplainInput {
  const reason = held ?? cannotWrite(result.reads)
  const advise = adviceOn(configuration)
  return {
    result,
    desired,
    stages,
    conditions,
    policy,
    ...(reason && { cannotWrite: reason }),
    ...(trustNext !== undefined && { trustNext }),
    advise: (code) => advise(result.organization, code),
    ...(applyCommand !== undefined && { applyCommand }),
  }
}

/** A pass over an organization. */
export type ExplainedOrganization = ExplainedPass<DesiredOrganization, ExplainInput['stages'][number]>

/** Explains a trust as a whole. */
export function explainTrustPass(
  { result, desired, stages, conditions, policy, applyCommand, held }: ExplainedPass<DesiredTrust, TrustStageWords>,
  around: Surroundings,
): Explanation {
  const nouns = new Map(stages.map(({ name, noun }) => [name, noun]))
  const input: ExplainTrustInput = {
    result,
    parts: partsOf(desired),
    nounOf: (stage) => nouns.get(stage) ?? OBJECT,
    conditions,
    policy,
    ...(held && { cannotWrite: held }),
    ...(applyCommand !== undefined && { applyCommand }),
  }
  return explainTrust(input, around)
}

const OBJECT = { one: 'object', many: 'objects' }

function partsOf({ tenants, deployments }: DesiredTrust): readonly string[] {
  const place = ({ file, line }: Origin) => `${file}:${line}`
  return [
    ...[...tenants.values()].map(({ name, origin }) => `tenant ${name} (${place(origin)})`),
    ...[...deployments.values()].map(({ name, origin }) => `deployment ${name} (${place(origin)})`),
  ]
}

const KINDS = { address: MAILBOX_KIND, profile: 'EmailServerProfile', settings: 'EmailSettings' } as const

/** Explains what the spec names. */
export function explainAsked(input: ExplainInput, one: Asked): Explanation {
  if (one.sort === 'set') return explainSet(input, one.set, one.members)
  const { key, label, origin, sort } = one
  return explainObject(input, { kind: KINDS[sort], key, label, origin, ...(sort === 'settings' && { isPlural: true }) })
}

/** Explains an address that the spec does not name. */
export function explainStranger(input: ExplainInput, address: string): Explanation {
  return explainObject(input, { kind: MAILBOX_KIND, key: address, label: address, unmanaged: true })
}

/** A profile that is in CRM and not in the spec; undefined where there is none of that name, or none could be read. */
export function explainForeignProfile(input: ExplainInput, name: string): Explanation | undefined {
  const read = input.result.reads.get(STAGE_NAMES.emailServerProfile)
  const found = read?.complete ? [...read.rows].find(([key, { label }]) => label === name || key === name) : undefined
  const isUnread = read?.complete === false
  if (!found && !isUnread) return undefined
  const label = `"${found?.[1].label ?? name}"`
  return explainObject(input, { kind: KINDS.profile, key: found?.[0] ?? name, label, unmanaged: true })
}

/** What surrounds a scope beside its pass: who else works with the state directory, and what was written last. */
export async function surroundingsOf(stateDirectory: string, scope: string): Promise<Surroundings> {
  const holder = await lockHolder({
    directory: stateDirectory,
    self: ownIdentity(),
    identify: identifyProcess,
  }).catch(messageOf)
  const around = await lastWritten(stateDirectory, scope)
  return holder === undefined ? around : { ...around, lockHeldBy: holder }
}

/** The same for who holds the lock: only what was written last. */
export async function lastWritten(stateDirectory: string, scope: string): Promise<Surroundings> {
  try {
    const { passes } = await readHistory({ stateDirectory, scope, limit: 1 })
    const [last] = passes
    if (!last) return {}
    const { time: at, by, revision, planned: changes, finished } = last
    const applied = (finished?.results.Applied ?? 0) + (finished?.results.AlreadyDone ?? 0)
    return { lastPass: { at, by, revision, changes, applied, isFinished: finished !== undefined } }
  } catch (error) {
    return { journalUnread: messageOf(error) }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it could not be read'
}
