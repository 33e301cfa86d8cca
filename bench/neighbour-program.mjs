// A pass that only reads over the organizations named, which writes down when the first of them was finished and ends there. Arguments: the
// configuration, the file for the report, the names.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadSpecAt } from '../dist/cli/spec-at.js'
import { compose } from '../dist/compose/compose.js'
import { thisMachine } from '../dist/machine.js'
import { runPass } from '../dist/reconcile/pass.js'
import { openState } from '../dist/reconcile/state.js'
import { compile } from '../dist/spec/compile/compile.js'
import { loadConfiguration } from '../dist/spec/configuration/load.js'

const [file = '', report = '', ...names] = process.argv.slice(2)
const machine = thisMachine()
const { configuration, problems } = await loadConfiguration(file)
if (!configuration) throw new Error(JSON.stringify(problems))
const { loaded } = await loadSpecAt(join(dirname(file), 'spec'), machine.workingDirectory)
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
const organizations = names.map((name) => compile(loaded.spec).organizations.get(name))
const composition = await compose({ configuration, organizations, writing: false, machine })
const { now, newId } = machine
const state = await openState({ directory: join(dirname(file), 'state'), mode: 'plan', now, newId })
const end = new AbortController()
const started = performance.now()
const [first] = await runPass(
  composition.scopes,
  {
    mode: 'plan',
    revision: 'bench',
    allow: new Set(),
    signal: end.signal,
    onEvent({ type, scope }) {
      if (type !== 'finished' || scope !== composition.scopes[0].scope || end.signal.aborted) return
      writeFileSync(report, JSON.stringify({ wallMs: performance.now() - started }))
      end.abort()
    },
  },
  { guards: composition.guards, ...state, now, newId },
)
if (first.failure || first.plan.exceptions.length > 0)
  throw new Error(JSON.stringify(first.failure ?? first.plan.exceptions))
await composition.close()
await state.close()
process.exit(0)
