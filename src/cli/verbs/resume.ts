import { UsageError } from '../../compose/usage-error.ts'
import type { Target } from '../../spec/edit/target.ts'
import { CONFIG, ORGANIZATION, SPEC } from '../flags.ts'
import { DRY_RUN } from '../spec-edit.ts'
import { isGiven, type Verb } from '../verb.ts'

/** `mailkeel resume` */
export const resume: Verb = {
  name: 'resume',
  summary: 'take a suspension, or the pause of a rollout, out of the spec',
  argument: { syntax: '<name>', describe: 'an address, a set or an organization of the spec' },
  flags: [
    { syntax: '--rollout', describe: 'end the pause of its rollout, and leave a suspension as it is' },
    CONFIG,
    SPEC,
    ORGANIZATION,
    DRY_RUN,
  ],
  examples: [
    { command: 'mailkeel resume ann@contoso.com', does: 'one mailbox' },
    { command: 'mailkeel resume sales --dry-run', does: 'what would be taken out for a set' },
  ],
  async run(invocation, machine) {
    const { editSpec } = await import('../spec-edit.ts')
    const isRollout = isGiven(invocation, 'rollout')
    return editSpec(invocation, machine, {
      asked: isRollout ? 'resume-rollout' : 'resume',
      check: isRollout ? refuseIfNotPaused : refuseIfHeldElsewhere,
      tell: (target, as) => told(target, as, isRollout),
    })
  },
}

/** Whoever resumes a mailbox that its set holds would find it held still. */
function refuseIfHeldElsewhere({ label, own, others, isPaused }: Target): void {
  const [other] = others
  if (own || isPaused || !other) return
  const [whose, { until }] = other
  throw new UsageError(`${label} is not suspended itself; ${whose} is, until ${until}`)
}

function refuseIfNotPaused({ label, isPaused }: Target): void {
  if (!isPaused) throw new UsageError(`${label} has no rollout that is paused in the spec`)
}

function told({ label, own, others, isPaused }: Target, as: 'written' | 'dry' | 'before', isRollout: boolean): string {
  if (as === 'before') return `${label} is not suspended`
  const isDry = as === 'dry'
  const endsSuspension = own !== undefined && !isRollout
  const ended = endsSuspension
    ? `${isDry ? 'would not be' : 'is not'} suspended any more`
    : `${isDry ? 'would go' : 'goes'} on with its rollout`
  const held = new Map([...(own && isRollout ? ([[label, own]] as const) : []), ...others])
  const paused = endsSuspension && isPaused ? '; its rollout stays paused, --rollout ends that' : ''
  const still = [...held].map(([whose, { until }]) => `; ${whose} stays suspended until ${until}`)
  return `${label} ${ended}${paused}${still.join('')}`
}
