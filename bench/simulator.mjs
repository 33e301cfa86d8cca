// The simulated organization of a bench, in a process of its own. Argument: the options as JSON. Tells its URL to the parent.
import { startSimulator } from '../dist/simulator/index.js'

const simulator = await startSimulator(JSON.parse(process.argv[2] ?? '{}'))
process.send?.(simulator.url)
process.on('SIGTERM', () => void simulator.close().then(() => process.exit(0)))
process.on('disconnect', () => process.exit(0))
