// The exchanges are written down from the documentation, not from the simulator: here it is held to them.
import { afterEach, describe, expect, it } from 'vitest'
import { seedTenant } from '../../../src/simulator/entra/index.ts'
import { connect, type RunningServers, seedDeployment, startServers } from '../../../src/simulator/servers/index.ts'
import { call } from '../../simulator/servers/call.ts'
import { memberAt, missingMembers } from '../entra/exchanges.ts'
import { makeWrittenCertificate, NOW_MS, readScriptExchanges, type ScriptExchange } from './exchanges.ts'

const TENANT_ID = '84841066-274d-4ec0-a5c1-276be684bdd3'
const certificate = makeWrittenCertificate()
const open: RunningServers[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function play({ world = {}, script, input }: ScriptExchange) {
  const organizations = [{ id: 'a0000000-0000-4000-8000-00000000000a', uniqueName: 'Contoso' }]
  const deployment = seedDeployment({ nowMs: NOW_MS, organizations })
  const tenant = seedTenant({ now: new Date(NOW_MS), tenantId: TENANT_ID })
  if (world.connected) connect(deployment, tenant, certificate, NOW_MS)
  const running = await startServers({ deployment, now: () => NOW_MS })
  open.push(running)
  return call(running, script, input, { server: world.server ?? 0 })
}

for (const { file, source, exchanges } of await readScriptExchanges(certificate)) {
  describe(`${file}: ${source}`, () => {
    it.each([...exchanges])('$name', async (exchange) => {
      const { document, same } = exchange

      const { document: came } = await play(exchange)

      expect(missingMembers(document, came)).toEqual([])
      expect(same.map((path) => memberAt(came, path))).toEqual(same.map((path) => memberAt(document, path)))
    })
  })
}
