#!/usr/bin/env node
import { run } from './cli/run.ts'
// The composition root: the machine is made here, and nothing else happens here.
import { thisMachine } from './machine.ts'

process.exitCode = await run(process.argv.slice(2), thisMachine())
