#!/usr/bin/env node
// The composition root: the machine is made here, and nothing else happens here.
import { thisMachine } from './cli/machine.ts'
import { run } from './cli/run.ts'

process.exitCode = await run(process.argv.slice(2), thisMachine())
