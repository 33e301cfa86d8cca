// A day in the life of `mailkeel run`: a trust and several organizations over real sockets, under a clock that the test moves. People commit,
// things break, administrators change what they should not, the process is ended and started again, a certificate is rotated. All of it is
// drawn from one seed, so the same happens again with the same seed; only the order in which answers come does not.
import { plansOf, somethingHappens, wasGuarded } from './happenings.ts'
import { type Size, sizeOf, unsettledIn } from './judgement.ts'
import { begin, type DayOptions, type Life } from './life.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** How a day went. */
export interface Day {
  readonly passes: number
  readonly failedPasses: number
  /** Writes that were sent to CRM. */
  readonly writes: number
  readonly faults: number
  readonly commits: number
  readonly restarts: number
  readonly changedByHand: number
  readonly early: Size
  readonly late: Size
  /** After the end, of a process that was just started: what the simulated systems hold, and not what was gathered by mailkeel. */
  readonly fresh: Size
  /** What changed without a wish; each as a line. */
  readonly wrong: readonly string[]
  /** What is not as the last commit asks, with nothing that holds it; each as a line. */
  readonly unsettled: readonly string[]
  /** Whether the guard held what was not agreed. */
  readonly wasGuarded: boolean
  /** Objects that were left to whoever fights over them. */
  readonly fought: readonly string[]
  /** What Node warned of, for example of listeners that are never taken away. */
  readonly warnings: readonly string[]
  /** Timers that were left after the end. */
  readonly timersLeft: number
}

/** Lives it. */
export async function liveADay(options: DayOptions): Promise<Day> {
  const life = await begin(options)
  try {
    return await live(life, options)
  } finally {
    await life.end()
  }
}

async function live(life: Life, options: DayOptions): Promise<Day> {
  const { hours, lookAfterHours } = options
  const { stack, draws, watch, troubles, counts } = life
  const now = () => stack.simulator.world.now().getTime()
  const begun = now()
  const plans = plansOf(life, begun, hours)
  let early: Size | undefined
  await life.commit()
  while (now() - begun < hours * HOUR_MS) {
    for (const plan of plans.filter(({ at }) => at <= now())) {
      plans.splice(plans.indexOf(plan), 1)
      await plan.happen()
    }
    await somethingHappens(life, options)
    await life.advance((1 + draws.below(12)) * MINUTE_MS)
    troubles.endDue()
    lookAround(life)
    if (!early && now() - begun >= lookAfterHours * HOUR_MS) early = sizeOf(life)
  }
  troubles.endAll()
  await life.commit()
  for (let turns = 0; turns < 24 && (turns < 4 || unsettledIn(life).length > 0); turns += 1) {
    await life.advance(10 * MINUTE_MS)
    lookAround(life)
  }
  const late = sizeOf(life)
  const unsettled = unsettledIn(life)
  await life.restart()
  const fresh = sizeOf(life)
  await life.harness().stop()
  return {
    ...counts,
    faults: troubles.struck(),
    early: early ?? late,
    late,
    fresh,
    wrong: watch.wrong,
    unsettled,
    wasGuarded: plans.length === 0 && wasGuarded(life),
    fought: [...life.fought],
    warnings: life.warnings,
    timersLeft: life.harness().timers(),
  }
}

/** What a revision of before may still do is over once everybody works toward the newest one. */
function lookAround({ watch, harness }: Life): void {
  watch.look()
  const { source, scopes } = harness().daemon.board
  const enforced = source().enforced?.id
  if (scopes().every(({ revision }) => revision === enforced)) watch.forget()
}
