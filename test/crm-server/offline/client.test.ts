// What the client of a deployment asks of servers that a person goes to, and what of those that it reaches.
import { describe, expect, test } from 'vitest'
import { createDeploymentClient } from '../../../src/crm-server/client.ts'
import type { CrmServerFault } from '../../../src/crm-server/deployment.ts'
import { createOfflineChannel } from '../../../src/crm-server/offline/channel.ts'
import { takeAnswers } from '../../../src/crm-server/offline/take.ts'
import { CERTIFICATE_BASE64 } from '../certificate.ts'
import { failed, lost, ok, type Scripted, scriptedChannel } from '../scripted-channel.ts'
import { answerTo, desk } from './carrying.ts'

const NEVER = new AbortController().signal
const SHA = 'ab'.repeat(32)
const unset = { found: false, value: null, error: null }
const DEPLOYMENT = { authorizationServer: unset, metadataUrl: unset, rows: [], tenantIds: [] }
const START = '2026-11-20T08:00:00.000Z'
const LATER = '2026-11-21T08:00:00.000Z'

const server = (marker: unknown) => ({
  now: LATER,
  powershellVersion: '5.1',
  hasSnapIn: true,
  isLocalAdministrator: true,
  version: null,
  roles: null,
  services: [{ name: 'MSCRMAsyncService', account: 'A\\b', isRunning: true, startedAt: START }],
  certificates: [],
  marker,
})
const document = (result: unknown) => ({ v: 1, ok: true, result, changed: false, warnings: [] })

/** `crm-1` and `crm-2` are carried to; a server that is reached may stand before or after them. */
function farm(reached?: { readonly name: string; readonly answers: Readonly<Record<string, Scripted>> }) {
  const at = desk()
  const carried = ['crm-1', 'crm-2'].map((name) => ({ name, reading: createOfflineChannel(name, at.book) }))
  const ssh = reached && scriptedChannel(reached.name, reached.answers)
  const made = createDeploymentClient({ servers: [...carried, ...(ssh ? [{ name: ssh.host, reading: ssh }] : [])] })
  const wanted = () => at.book.wants().map(({ server: name, call }) => `${name} ${call.script.id}`)
  return { ...at, made, ssh, wanted }
}

/** What a person brings of everything that is wanted. */
function bring({ book, handOut, now }: ReturnType<typeof farm>, results: Readonly<Record<string, unknown>>): void {
  const documents = Object.fromEntries(Object.entries(results).map(([id, result]) => [id, document(result)]))
  for (const { name, server: computer } of handOut(book).bundles)
    takeAnswers([book], [{ name, text: answerTo(book, name, { at: now(), computer, documents }) }], now())
  book.beginPass()
}

describe('reading a deployment', () => {
  test('asks the server that is reached first, and sends nobody', async () => {
    const { made, wanted } = farm({ name: 'crm-3', answers: { 'read-deployment': () => ok(DEPLOYMENT) } })

    const { through } = await made.reader().deployment([], NEVER)

    expect(through).toBe('crm-3')
    expect(wanted()).toEqual([])
  })

  test.each([
    [lost('crm-3', 'Unreachable'), 'Unreachable', [], 'it may be there again soon'],
    [failed('NotDeploymentAdministrator'), 'NotDeploymentAdministrator', [], 'that is put right there'],
    [
      failed('SnapInMissing'),
      'AwaitingResults',
      ['crm-1 read-deployment', 'crm-2 read-deployment'],
      'it will never be able to',
    ],
  ] as const)(
    'sends a person only where those that are reached lack the tools: %#',
    async (answer, code, sent, _reason) => {
      const { made, wanted } = farm({ name: 'crm-3', answers: { 'read-deployment': () => answer } })

      const reading = made.reader().deployment([], NEVER)

      await expect(reading).rejects.toMatchObject({ code: code satisfies CrmServerFault })
      expect(wanted()).toEqual(sent)
    },
  )
})

describe('writing through a person', () => {
  test('asks for a write on one server, not on every one that might', async () => {
    const here = farm()
    await here.made
      .reader()
      .deployment([], NEVER)
      .catch(() => undefined)
    bring(here, { 'read-deployment': DEPLOYMENT })
    await here.made.reader().deployment([], NEVER)

    const writing = here.made.writer().writeTenantId('sales', 'x', NEVER)

    await expect(writing).rejects.toMatchObject({ code: 'AwaitingResults', effect: 'none' })
    expect(here.wanted()).toEqual(['crm-1 write-tenant-id'])
  })

  test.each([
    [null, ['crm-2 set-marker', 'crm-1 set-marker'], 'no restart is due'],
    [{ sha256: SHA, at: '2026-11-19T08:00:00.000Z' }, ['crm-2 set-marker', 'crm-1 set-marker'], 'they started since'],
    [{ sha256: 'cd'.repeat(32), at: LATER }, ['crm-2 set-marker', 'crm-1 set-marker'], 'it is for another certificate'],
    [{ sha256: SHA, at: LATER }, [], 'the import asked for a restart already'],
  ])('asks for everything that a switch takes at once, in order: %#', async (marker, before, _reason) => {
    const here = farm()
    const reader = here.made.reader()
    await Promise.allSettled([
      reader.deployment([], NEVER),
      reader.server('crm-1', NEVER),
      reader.server('crm-2', NEVER),
    ])
    bring(here, { 'read-deployment': DEPLOYMENT, 'read-server': server(marker) })

    const der = Buffer.from(CERTIFICATE_BASE64, 'base64')
    const switching = here.made.writer().switchCertificate({ sha256: SHA, der }, NEVER)

    await expect(switching).rejects.toMatchObject({ code: 'AwaitingResults', effect: 'none' })
    expect(here.wanted()).toEqual([...before, 'crm-1 switch-certificate', 'crm-1 set-marker', 'crm-2 set-marker'])
  })

  test('waits with a switch from here until a person has marked the server that is not reached', async () => {
    const marked: Scripted = ({ input }) => ok({ sha256: input['sha256'], at: LATER })
    const answers: Readonly<Record<string, Scripted>> = {
      'read-deployment': () => ok(DEPLOYMENT),
      'switch-certificate': () => ok({ rows: [] }),
      'set-marker': marked,
    }
    const here = farm({ name: 'crm-3', answers })
    const reader = here.made.reader()
    await Promise.allSettled(['crm-1', 'crm-2'].map((name) => reader.server(name, NEVER)))
    bring(here, { 'read-server': server(null) })
    const der = Buffer.from(CERTIFICATE_BASE64, 'base64')

    const switching = here.made.writer().switchCertificate({ sha256: SHA, der }, NEVER)

    await expect(switching).rejects.toMatchObject({ code: 'AwaitingResults', effect: 'none' })
    expect(here.ssh?.calls.map(({ id }) => id)).toEqual(['read-deployment', 'set-marker'])
    expect(here.wanted()).toEqual(['crm-1 set-marker', 'crm-2 set-marker'])
  })
})
