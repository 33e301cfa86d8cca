// A replica as a process of its own: asks for the lease of its organization until it has it, and then writes one batch after the other,
// through the same composition as the daemon. It looks neither at its lease nor at a signal: only the fence can stop it.
import { setTimeout } from 'node:timers/promises'
import { compose } from '../../../dist/compose/compose.js'
import { leasesOf } from '../../../dist/daemon/leases/leases-of.js'
import { thisMachine } from '../../../dist/machine.js'
import { loadConfiguration } from '../../../dist/spec/configuration/load.js'

const [, , file, mailbox] = process.argv
const never = new AbortController().signal
const machine = thisMachine()
const { configuration } = await loadConfiguration(file)
const leases = await leasesOf({ configuration, machine })

let answer
do {
  await setTimeout(50)
  answer = await leases.acquire('organization/contoso-sales', never)
} while (!answer.granted)
console.log('granted')

const desired = { name: 'contoso-sales', mailboxes: new Map(), profiles: new Map() }
const composition = await compose({
  configuration,
  machine,
  writing: true,
  organizations: [desired],
  trusts: [],
  fence: answer.lease,
})
const [{ writer }] = composition.scopes
for (let refused = 0, turn = 0; refused < 5; turn += 1) {
  const patch = { processEmailFrom: new Date(Date.UTC(2026, 0, 1 + (turn % 28))).toISOString() }
  for await (const result of writer.write([{ kind: 'update-mailbox', ref: 'it', id: mailbox, patch }], never)) {
    if (result.outcome === 'failed') refused += 1
    console.log(result.outcome === 'done' ? 'done' : `${result.outcome} ${result.code} ${result.message}`)
  }
  await setTimeout(20)
}
await composition.close()
await leases.close()
console.log('ended')
