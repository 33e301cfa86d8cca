import { runwayFor } from '../../compose/runway.ts'
import type { PassResult } from '../../reconcile/contract.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import type { RunwayItem } from '../../trust/runway.ts'
import type { ScopeWork } from './work.ts'

/** What ends by itself for a scope, as a pass over it told. */
export function runwayOfWork(
  configuration: RuntimeConfiguration,
  work: ScopeWork,
  { ends = {}, finishedAt }: PassResult,
): readonly RunwayItem[] {
  return runwayFor(configuration)(work.kind === 'trust' ? 'trust' : work.desired, ends, finishedAt)
}
