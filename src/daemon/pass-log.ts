import type { PassResult } from '../reconcile/contract.ts'
import type { Log } from './log.ts'
import type { Permission } from './permission.ts'

/** One line for a pass, one for each change that it made or could not make. */
export function logPass(log: Log, result: PassResult, { mode, held }: Permission, wasAborted: boolean): void {
  const { scope, revision, pass, plan, verdicts, decision, outcomes = [], failure, startedAt, finishedAt } = result
  for (const { stage, kind, key, result: came, reason } of outcomes) {
    if (came === 'Cancelled') continue
    const fields = {
      scope,
      revision,
      pass,
      stage,
      kind,
      key,
      result: came,
      ...(reason ? { reason: reason.message } : {}),
    }
    if (came === 'Applied' || came === 'AlreadyDone') log.info(fields, 'a change was applied')
    else log.warn(fields, 'a change was not applied')
  }
  const objections = verdicts.filter((one) => one.decision !== 'allow').map(({ guard }) => guard)
  const fields = {
    scope,
    revision,
    pass,
    mode,
    decision,
    ...(objections.length > 0 ? { guards: objections } : {}),
    planned: plan.steps.reduce((sum, { changes }) => sum + changes.length, 0),
    outcomes: outcomes.length,
    tookMs: Date.parse(finishedAt) - Date.parse(startedAt),
    ...(held ? { held: held.message } : {}),
  }
  if (wasAborted) log.info(fields, 'a pass was broken off')
  else if (failure) log.error({ ...fields, code: failure.code, reason: failure.message }, 'a pass failed')
  else log.info(fields, 'a pass is over')
}
