import type { Target } from '../../spec/edit/target.ts'
import { CONFIG, ORGANIZATION, SPEC } from '../flags.ts'
import { DRY_RUN } from '../spec-edit.ts'
import { UsageError, type Verb } from '../verb.ts'

/** `mailkeel resume` */
export const resume: Verb = {
  name: 'resume',
  summary: 'take a suspension, or the pause of a rollout, out of the spec',
  argument: { syntax: '<name>', describe: 'an address, a set or an organization of the spec' },
  flags: [CONFIG, SPEC, ORGANIZATION, DRY_RUN],
  examples: [
    { command: 'mailkeel resume ann@contoso.com', does: 'one mailbox' },
    { command: 'mailkeel resume sales --dry-run', does: 'what would be taken out for a set' },
  ],
  async run(invocation, machine) {
    const { editSpec } = await import('../spec-edit.ts')
    return editSpec(invocation, machine, { asked: 'resume', check: refuseIfHeldElsewhere, tell: told })
  },
}

/** Whoever resumes a mailbox that its set holds would find it held still. */
function refuseIfHeldElsewhere({ label, own, others, isPaused }: Target): void {
  const [other] = others
  if (own || isPaused || !other) return
  const [whose, { until }] = other
  throw new UsageError(`${label} is not suspended itself; ${whose} is, until ${until}`)
}

function told({ label, own, others, isPaused }: Target, as: 'written' | 'dry' | 'before'): string {
  if (as === 'before') return `${label} is not suspended`
  const isDry = as === 'dry'
  const ended = [
    own ? `${isDry ? 'would not be' : 'is not'} suspended any more` : '',
    isPaused ? `${isDry ? 'would go' : 'goes'} on with its rollout` : '',
  ]
  const still = [...others].map(([whose, { until }]) => `; ${whose} stays suspended until ${until}`)
  return `${label} ${ended.filter((part) => part !== '').join(' and ')}${still.join('')}`
}
