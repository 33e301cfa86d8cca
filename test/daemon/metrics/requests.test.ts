import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { httpClientTo } from '../../../src/compose/connections.ts'
import { createRequestMeter } from '../../../src/daemon/metrics/requests.ts'
import type { Sample } from '../../../src/daemon/metrics/sample.ts'
import { thisMachine } from '../../../src/machine.ts'
import { loadConfiguration } from '../../../src/spec/configuration/load.ts'
import { directoryWith } from '../../cli/process.ts'

const SCOPE = 'organization/contoso-sales'

/** A server that answers with the status its path names, and closes the connection for `/reset`. */
async function server(): Promise<string> {
  const http = createServer((request, response) => {
    if (request.url === '/reset') response.destroy()
    else response.writeHead(Number(request.url?.slice(1))).end()
  })
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  onTestFinished(() => void http.close())
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

/** A client that counts, to an organization and to what must then be a tenant. */
async function client() {
  const [crm, login] = [await server(), await server()]
  const folder = directoryWith({
    'mailkeel.yaml': `apiVersion: mailkeel/v1
kind: Configuration
spec:
  identities: { nobody: { type: None } }
  organizations: { contoso-sales: { url: "${crm}/ContosoSales", reading: nobody } }
  network: { maximumConcurrency: 4 }
`,
  })
  const loaded = await loadConfiguration(`${folder}/mailkeel.yaml`)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const samples: Sample[] = []
  const meter = createRequestMeter((sample) => void samples.push(sample))
  const http = await meter.connectFor(SCOPE, httpClientTo)([crm, login], {
    configuration: loaded.configuration,
    machine: thisMachine(),
  })
  onTestFinished(() => http.close())
  return { crm, login, http, meter, samples }
}

it('every request is counted by system and by how it ended', async () => {
  const { crm, login, http, samples } = await client()

  for (const path of ['/200', '/204', '/404', '/429', '/503', '/500', '/401'])
    await http.send({ method: 'GET', url: `${crm}${path}` })
  await http.send({ method: 'POST', url: `${login}/200` })
  await expect(http.send({ method: 'GET', url: `${crm}/reset` })).rejects.toThrow()

  expect(samples.map(({ labels }) => `${labels['system']} ${labels['outcome']}`)).toEqual([
    'crm 2xx',
    'crm 2xx',
    'crm 4xx',
    'crm 429',
    'crm 503',
    'crm 5xx',
    'crm 401',
    'entra 2xx',
    'crm reset',
  ])
  expect(new Set(samples.map(({ metric, labels }) => `${metric} ${labels['scope']}`))).toEqual(
    new Set([`mailkeel_remote_requests_total ${SCOPE}`]),
  )
})

it('requests under way are told beside how many may be, also after one that failed', async () => {
  const { crm, http, meter } = await client()
  const told = () => meter.gauges().map(({ metric, value }) => [metric.replace('mailkeel_remote_requests_', ''), value])

  const running = http.send({ method: 'GET', url: `${crm}/reset` })
  const during = told()
  await running.catch(() => {})

  expect(during).toEqual([
    ['in_flight', 1],
    ['limit', 4],
  ])
  expect(told()).toEqual([
    ['in_flight', 0],
    ['limit', 4],
  ])
})

it('what holds requests back is counted with its time', () => {
  const samples: Sample[] = []
  const meter = createRequestMeter((sample) => void samples.push(sample))

  meter.onEvent(SCOPE, { kind: 'waiting', reason: 'throttled', waitMs: 2500, attempt: 1 })
  meter.onEvent(SCOPE, { kind: 'page', table: 'mailboxes', rows: 1, rowsSoFar: 1 })

  expect(samples.map(({ metric, value }) => [metric, value])).toEqual([
    ['mailkeel_remote_waits_total', 1],
    ['mailkeel_remote_wait_seconds_total', 2.5],
  ])
})
