// One pass over one scope, as its loop runs it.
import type { Composition } from '../../compose/compose.ts'
import type { Machine } from '../../machine.ts'
import type { PassEvent, PassOptions, PassResult } from '../../reconcile/contract.ts'
import type { FightRule } from '../../reconcile/fights.ts'
import { passOverOrganization, passOverTrust } from '../../reconcile/pass.ts'
import type { PassEnvironment } from '../../reconcile/run.ts'
import type { State } from '../../reconcile/state.ts'
import type { SeenTrust, TrustTold } from '../../reconcile/trust-views.ts'
import type { ScopeWork } from './work.ts'

/** What a pass needs. */
export interface ScopePassInput {
  readonly work: ScopeWork
  readonly composition: Composition
  readonly mode: 'plan' | 'apply'
  /** How the trust looks. Only for organizations, and absent where they depend on none. */
  readonly told?: TrustTold
  readonly state: Pick<State, 'memory' | 'openJournal'>
  readonly machine: Pick<Machine, 'now' | 'newId'>
  /** When objects are left alone that somebody else keeps changing back. */
  readonly fights: FightRule
  /** Of which objects of the plan it is to be told who changed them. */
  readonly askWho: NonNullable<PassOptions['askWho']>
  /** Who does it, for the journal. */
  readonly by: string
  readonly signal: AbortSignal
  readonly onEvent: (event: PassEvent) => void
}

/** What it came to. `seen`: of a trust. */
export interface ScopePass {
  readonly result: PassResult
  readonly seen?: SeenTrust
}

/** Runs a pass. Never throws for what happens in the scope. */
export async function passOverScope(input: ScopePassInput): Promise<ScopePass> {
  const { work, composition, mode, told, state, machine, by, signal } = input
  const { permits } = work
  const environment: PassEnvironment = {
    guards: composition.guards,
    fights: input.fights,
    ...(permits ? { permits: (_scope, now) => permits(now) } : {}),
    memory: state.memory,
    openJournal: state.openJournal,
    now: machine.now,
    newId: machine.newId,
  }
  const onEvent = (event: PassEvent) => {
    composition.carried?.onPassEvent(event)
    input.onEvent(event)
  }
  // What organizations are told is what is there: a plan of a process that only observes may never be applied.
  const options = {
    revision: work.revision,
    mode,
    allow: new Set<string>(),
    by,
    trustAs: 'Observed',
    askWho: input.askWho,
    signal,
    onEvent,
  } as const
  if (work.kind === 'trust') {
    const scope = composition.trusts.find((one) => one.scope === work.scope)
    if (!scope) throw new Error(`${work.scope} was not put together`)
    const seen = await passOverTrust(scope, options, environment)
    return { result: withNotices(seen.result, work), seen }
  }
  const scope = composition.scopes.find((one) => one.scope === work.scope)
  if (!scope) throw new Error(`${work.scope} was not put together`)
  return { result: withNotices(await passOverOrganization(scope, told, options, environment), work) }
}

function withNotices(result: PassResult, { notices }: ScopeWork): PassResult {
  return notices.length === 0 ? result : { ...result, notices: [...result.notices, ...notices] }
}
