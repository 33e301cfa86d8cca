// Reports as JSON, for programs. Every property is named here: what is not on this list is not printed, whatever the values hold.
import type {
  Change,
  Exception,
  GuardVerdict,
  ObjectConditions,
  Origin,
  Outcome,
  Plan,
  Reason,
  Step,
} from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { RolloutProgress } from '../reconcile/rollouts.ts'
import type { RunwayItem } from '../trust/runway.ts'

/** The format of a JSON report. Properties may be added to it; none changes its meaning. */
export const REPORT_VERSION = 'mailkeel.report/v1'

/** What a JSON report of one organization may hold. */
export interface OrganizationReport {
  readonly result: PassResult
  readonly conditions?: readonly ObjectConditions[]
  readonly runway?: readonly RunwayItem[]
}

/** A report over organizations as a plain value. `verb` and `exitCode` say what ran and how it ended. */
export function reportJson(verb: string, exitCode: number, organizations: readonly OrganizationReport[]): unknown {
  return { version: REPORT_VERSION, verb, exitCode, organizations: organizations.map(organizationJson) }
}

function organizationJson({ result, conditions, runway }: OrganizationReport): unknown {
  const { organization, scope, revision, pass, startedAt, finishedAt, decision, plan, verdicts } = result
  const { outcomes, notices, failure, rollouts } = result
  return {
    organization,
    scope,
    revision,
    pass,
    startedAt,
    finishedAt,
    decision,
    notices: notices.map(reasonJson),
    ...(failure ? { failure: reasonJson(failure) } : {}),
    guards: verdicts.map(guardJson),
    plan: planJson(plan),
    ...(rollouts ? { rollouts: [...rollouts].map(rolloutJson) } : {}),
    ...(outcomes ? { outcomes: outcomes.map(outcomeJson) } : {}),
    ...(conditions ? { conditions: conditions.map(conditionsJson) } : {}),
    ...(runway && runway.length > 0 ? { runway: runway.map(runwayJson) } : {}),
  }
}

/** Something that ends by itself, as a plain value. */
export function runwayJson({
  kind,
  label,
  name,
  on,
  daysLeft,
  severity,
  source,
  confidence,
  endsConnection,
}: RunwayItem): unknown {
  return {
    kind,
    label,
    ...(name === undefined ? {} : { name }),
    on,
    daysLeft,
    severity,
    source,
    confidence,
    endsConnection,
  }
}

function rolloutJson([name, { wave, waves, since }]: readonly [string, RolloutProgress]): unknown {
  return { name, wave, waves, since }
}

function planJson({ version, digest, steps, stages, exceptions }: Plan): unknown {
  return {
    version,
    digest,
    steps: steps.map(stepJson),
    stages: stages.map(({ stage, kind, desired, inSync, changes, exceptions, unmanaged, unmanagedBy, incomplete }) => ({
      stage,
      kind,
      desired,
      inSync,
      changes,
      exceptions,
      unmanaged,
      ...(unmanagedBy ? { unmanagedBy } : {}),
      ...(incomplete ? { incomplete: reasonJson(incomplete) } : {}),
    })),
    exceptions: exceptions.map(exceptionJson),
  }
}

function stepJson({ stage, slice, changes, waits, estimateMs, rollout }: Step): unknown {
  return {
    stage,
    slice,
    ...(rollout ? { rollout: { name: rollout.name, wave: rollout.wave, waves: rollout.waves } } : {}),
    ...(waits ? { waits: reasonJson(waits) } : {}),
    ...(estimateMs === undefined ? {} : { estimateMs }),
    changes: changes.map(changeJson),
  }
}

function changeJson({ id, stage, kind, key, label, action, fields, effects, phrases, origin }: Change): unknown {
  return {
    id,
    stage,
    kind,
    key,
    label,
    action,
    fields: fields.map(({ field, from, to, effect }) => ({
      field,
      ...(from === undefined ? {} : { from }),
      to,
      effect,
    })),
    effects,
    sentences: phrases.map(({ one }) => `${label} ${one}`),
    origin: originJson(origin),
  }
}

function exceptionJson(exception: Exception): unknown {
  const { stage, kind, key, label, state, reason, origin, would, bySpec } = exception
  return {
    stage,
    kind,
    key,
    label,
    state,
    reason: reasonJson(reason),
    origin: originJson(origin),
    ...(would ? { would } : {}),
    ...(bySpec ? { bySpec } : {}),
  }
}

function guardJson({ guard, decision, message, overridden, overrides }: GuardVerdict): unknown {
  return { guard, decision, message, overridden: overridden === true, ...(overrides ? { overrides } : {}) }
}

function outcomeJson({ id, stage, kind, key, label, result, reason }: Outcome): unknown {
  return { id, stage, kind, key, label, result, ...(reason ? { reason: reasonJson(reason) } : {}) }
}

function conditionsJson({ kind, key, label, synced, ready }: ObjectConditions): unknown {
  return {
    kind,
    key,
    label,
    conditions: [synced, ready].map(({ type, status, code, message, revision }) => ({
      type,
      status,
      reason: code,
      message,
      revision,
    })),
  }
}

function reasonJson({ code, message }: Reason): unknown {
  return { code, message }
}

function originJson({ file, line, column }: Origin): unknown {
  return { file, line, column }
}
