// A process that holds the lock of a state directory, for tests: says so, and ends or stays.
import { openState } from '../../dist/reconcile/state.js'

const [directory, how] = process.argv.slice(2)
await openState({ directory, mode: 'apply', now: () => new Date(), newId: () => `holder-${process.pid}` })
process.stdout.write('held\n')
if (how === 'stay') setInterval(() => undefined, 60_000)
