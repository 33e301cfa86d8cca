import { EXIT } from '../exit-codes.ts'
import { interruptible } from '../interruption.ts'
import type { Verb } from '../verb.ts'

/** `mailkeel demo` */
export const demo: Verb = {
  name: 'demo',
  summary: 'watch the whole thing work against the simulator',
  flags: [
    { syntax: '--mailboxes <number>', describe: 'people in the simulated organization (300)' },
    { syntax: '--seed <number>', describe: 'another seed gives another mess (7)' },
    { syntax: '--keep', describe: 'leave the folder with the spec and the journal' },
  ],
  examples: [
    { command: 'mailkeel demo', does: 'connects and rotates in less than a minute, no questions, nothing left behind' },
    { command: 'mailkeel demo --mailboxes 2000 --keep', does: 'a bigger company; look at its files afterwards' },
  ],
  async run(invocation, machine) {
    const { runDemo } = await import('../demo/run-demo.ts')
    const wrong = await interruptible(machine, 'stopping the demo', (signal) => runDemo(invocation, machine, signal))
    for (const problem of wrong) machine.errors.write(`mailkeel demo: ${problem}\n`)
    return wrong.length === 0 ? EXIT.inSync : EXIT.error
  },
}
