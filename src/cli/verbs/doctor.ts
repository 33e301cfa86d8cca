import { UsageError } from '../../compose/usage-error.ts'
import { CONFIG, ORGANIZATION, OUTPUT, SPEC } from '../flags.ts'
import { interruptible } from '../interruption.ts'
import { isGiven, textOf, type Verb } from '../verb.ts'

/** `mailkeel doctor` */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'check every connection, right and secret, and say exactly what is missing',
  flags: [
    CONFIG,
    SPEC,
    ORGANIZATION,
    { syntax: '--deadline <duration>', describe: 'the longest one check may take (30s)' },
    {
      syntax: '--probe',
      describe: 'answer what the documentation of the vendors leaves open, by reading only; names no names',
    },
    { syntax: '--out <file>', describe: 'with --probe: save the report that was shown; nothing is ever replaced' },
    OUTPUT,
  ],
  examples: [
    { command: 'mailkeel doctor', does: 'what works, and for what does not the grant or command that is missing' },
    { command: 'mailkeel doctor --output markdown', does: 'the same for a ticket' },
    { command: 'mailkeel doctor --probe --out probe.json', does: 'a report about your servers that you can send us' },
  ],
  run: (invocation, machine) =>
    interruptible(machine, 'stopping', async (signal) => {
      if (isGiven(invocation, 'probe'))
        return (await import('../doctor/run-probe.ts')).runProbe(invocation, machine, signal)
      if (textOf(invocation, 'out') !== undefined) throw new UsageError('--out goes with --probe')
      return (await import('../doctor/run-doctor.ts')).runDoctor(invocation, machine, signal)
    }),
}
