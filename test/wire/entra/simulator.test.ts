// The exchanges are written down from the documentation, not from the simulator: here it is held to them.
import { describe, expect, it } from 'vitest'
import { SEEDED_CLIENTS } from '../../../src/simulator/entra/index.ts'
import { makeCertificate, startTenant } from '../../simulator/entra/tenant.ts'
import { send } from '../../simulator/wire/exchange.ts'
import { type EntraExchange, memberAt, missingMembers, readEntraExchanges } from './exchanges.ts'

const certificate = makeCertificate('crm-s2s-2026')

async function play({ tenant, keyId, without, fault, as, request }: EntraExchange) {
  const api = await startTenant(tenant)
  const { users } = api.entra.tenant
  const user = users.get(without ?? '')
  if (without !== undefined && user) {
    const { mailbox: _, ...onPremises } = user
    users.set(without, onPremises)
  }
  if (keyId !== undefined) {
    const dates = { startDateTime: '2025-12-01T00:00:00Z', endDateTime: '2026-12-01T00:00:00Z' }
    api.entra.foreign.addKey({ keyId, ...dates })
  }
  const token = await api.token(as === 'reading' ? SEEDED_CLIENTS.reading : undefined)
  if (fault !== undefined) api.entra.faults.add(fault)
  const text = JSON.stringify(request.body)?.replace('<certificate>', certificate.base64)
  const body = request.form === undefined ? text : new URLSearchParams(request.form).toString()
  const headers = { ...request.headers, ...(request.form ? {} : { Authorization: `Bearer ${token}` }) }
  const path = request.path.includes('<principal>')
    ? request.path.replace('<principal>', api.principal().id)
    : request.path
  return send(api.entra.loginUrl + path, { method: request.method, headers, body })
}

for (const { file, source, exchanges } of await readEntraExchanges()) {
  describe(`${file}: ${source}`, () => {
    it.each([...exchanges])('$name', async (exchange) => {
      const { status, headers, body, same = [] } = exchange.answer

      const came = await play(exchange)

      expect(came.status).toBe(status)
      expect(came.headers).toMatchObject(headers ?? {})
      const json: unknown = came.text === '' ? undefined : came.json()
      expect(missingMembers(body, json)).toEqual([])
      expect(same.map((path) => memberAt(json, path))).toEqual(same.map((path) => memberAt(body, path)))
      if (body === undefined) expect(came.text).toBe('')
    })
  })
}
