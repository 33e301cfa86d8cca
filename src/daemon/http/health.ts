// Whether the process lives, and whether it is worth asking. Both are answered to everybody who reaches the port, so they name nobody.
import type { Machine } from '../../machine.ts'
import type { Board, ScopeStanding } from '../board.ts'
import type { Route } from './route.ts'

/** What is told of the health. `reasons` is empty where all is well. */
export interface Health {
  readonly ok: boolean
  readonly reasons: readonly string[]
}

/** So long after its time a loop that did not come is stuck: a busy machine is late, and a long pass is no wait at all. */
const STUCK_AFTER_MS = 10 * 60_000

/** Whether every loop that waits will come back: a time to look again that is long over was missed. */
export function livenessOf(board: Board, now: Date): Health {
  const isOverdue = (at: string | undefined) => at !== undefined && now.getTime() - Date.parse(at) > STUCK_AFTER_MS
  const stuck = board.scopes().filter((one) => waits(one) && isOverdue(one.nextPassAt)).length
  return healthOf([
    ...(isOverdue(board.source().nextLookAt) ? ['the source was not looked at when it was due'] : []),
    ...(stuck > 0 ? [`${stuck} of ${board.scopes().length} scopes did not go on when it was due`] : []),
  ])
}

/** Whether a revision is enforced, and every scope has an answer: a first pass, or a reason why there is none. */
export function readinessOf(board: Board): Health {
  const { enforced, refused } = board.source()
  if (!enforced) return healthOf([refused ? 'the first revision was refused' : 'no revision was read yet'])
  const scopes = board.scopes()
  const unheard = scopes.filter(
    ({ report, failure, phase }) => report === undefined && failure === undefined && phase !== 'Elsewhere',
  ).length
  return healthOf(unheard > 0 ? [`${unheard} of ${scopes.length} scopes had no first pass yet`] : [])
}

/** `/healthz` and `/readyz`: 200, or 503 with reasons. */
export function healthRoutes(board: Board, machine: Pick<Machine, 'now'>): readonly Route[] {
  const route = (url: string, summary: string, health: () => Health): Route => ({
    method: 'GET',
    url,
    access: 'Public',
    summary,
    answer: ANSWER,
    handle(_request, reply) {
      const told = health()
      reply.code(told.ok ? 200 : 503)
      return told
    },
  })
  return [
    route('/healthz', 'Whether the process lives and its loops go on.', () => livenessOf(board, machine.now())),
    route('/readyz', 'Whether a revision is enforced and every scope was looked at.', () => readinessOf(board)),
  ]
}

const ANSWER = {
  type: 'object',
  required: ['ok', 'reasons'],
  properties: { ok: { type: 'boolean' }, reasons: { type: 'array', items: { type: 'string' } } },
}

function waits({ phase }: ScopeStanding): boolean {
  return phase === 'Idle' || phase === 'BackingOff'
}

function healthOf(reasons: readonly string[]): Health {
  return { ok: reasons.length === 0, reasons }
}
