import { describe, expect, test } from 'vitest'
import { createDeploymentClient } from '../../src/crm-server/client.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { CERTIFICATE_BASE64 } from './certificate.ts'
import { AT, failed, lost, ok, type Scripted, scriptedChannel } from './scripted-channel.ts'

const NEVER = new AbortController().signal
const SHA = 'ab'.repeat(32)
const credential = { userName: 'CONTOSO\\svc-mailkeel', password: async () => CANARY_SECRET }
const unset = { found: false, value: null, error: null }
const SERVER = ok({
  now: AT,
  computerName: 'CRM',
  powershellVersion: '5.1',
  hasSnapIn: true,
  isLocalAdministrator: true,
  version: null,
  roles: null,
  services: [],
  certificates: [],
  marker: null,
})
const deployment = (rows: readonly unknown[] = []) =>
  ok({ authorizationServer: unset, metadataUrl: unset, rows, tenantIds: [] })
const marked: Scripted = ({ input }) => ok({ sha256: input['sha256'], at: AT })
const wrote = () => ok({ written: [] })

/** A client of two servers that answer as told. */
function client(one: Readonly<Record<string, Scripted>>, two: Readonly<Record<string, Scripted>> = {}) {
  const channels = [scriptedChannel('crm-1', one), scriptedChannel('crm-2', two)] as const
  const servers = channels.map((reading) => ({ name: reading.host, reading }))
  const made = createDeploymentClient({ servers, credential })
  return { made, one: channels[0], two: channels[1], reader: made.reader(), writer: made.writer() }
}

const ids = (channel: { readonly calls: readonly { readonly id: string }[] }) => channel.calls.map(({ id }) => id)

describe('a reader', () => {
  test('reads each server once, and a new one reads anew', async () => {
    const { made, reader, one } = client({ 'read-server': () => SERVER })

    await Promise.all([reader.server('crm-1', NEVER), reader.server('crm-1', NEVER)])
    await made.reader().server('crm-1', NEVER)

    expect(one.calls).toHaveLength(2)
    expect(one.calls[0]).toMatchObject({
      input: { credential: { user: 'CONTOSO\\svc-mailkeel' } },
      secrets: { 'credential.password': CANARY_SECRET },
    })
  })

  test('remembers within a pass that a server is down', async () => {
    const { reader, one } = client({ 'read-server': () => lost('crm-1', 'Unreachable') })

    await expect(reader.server('crm-1', NEVER)).rejects.toMatchObject({ code: 'Unreachable' })
    await expect(reader.server('crm-1', NEVER)).rejects.toMatchObject({ code: 'Unreachable' })

    expect(one.calls).toHaveLength(1)
  })

  test('forgets a call that was cancelled', async () => {
    const { reader, one } = client({ 'read-server': () => lost('crm-1', 'Cancelled') })

    await expect(reader.server('crm-1', NEVER)).rejects.toMatchObject({ code: 'Cancelled' })
    await expect(reader.server('crm-1', NEVER)).rejects.toMatchObject({ code: 'Cancelled' })

    expect(one.calls).toHaveLength(2)
  })

  test('knows only the servers of the configuration', async () => {
    await expect(client({}).reader.server('crm-9', NEVER)).rejects.toMatchObject({ code: 'Unreachable' })
  })

  test.each([
    [failed('SnapInMissing'), 'the Deployment Tools are on one server only'],
    [lost('crm-1', 'Unreachable'), 'it is down'],
    [lost('crm-1', 'HostKeyChanged'), 'it is not who it was'],
    [ok('nonsense'), 'its answer cannot be read'],
  ])('asks the next server of the deployment after %j: %s', async (answer, _reason) => {
    const { made, reader, one, two } = client(
      { 'read-deployment': () => answer },
      { 'read-deployment': () => deployment() },
    )

    const state = await reader.deployment(['Contoso', 'contoso'], NEVER)
    await made.reader().deployment(['contoso'], NEVER)

    expect(state.through).toBe('crm-2')
    expect(two.calls[0]?.input['organizations']).toEqual(['contoso'])
    expect([one.calls.length, two.calls.length]).toEqual([1, 2])
  })

  test('tells what says most where no server can tell', async () => {
    const { reader } = client(
      { 'read-deployment': () => failed('SnapInMissing') },
      { 'read-deployment': () => failed('NotDeploymentAdministrator', 'denied') },
    )

    const told = reader.deployment([], NEVER)

    await expect(told).rejects.toMatchObject({ code: 'NotDeploymentAdministrator', host: 'crm-2' })
    await expect(told).rejects.toThrow(/read-deployment on crm-2 failed: denied; make the account a Deployment/)
  })

  test('takes a code that nobody knows as a failure of the script', async () => {
    const { reader } = client({ 'read-server': () => failed('toString') })

    await expect(reader.server('crm-1', NEVER)).rejects.toMatchObject({ code: 'ScriptFailed', effect: 'none' })
  })
})

describe('a writer', () => {
  const certificate = {
    sha256: SHA,
    thumbprint: 'CD'.repeat(20),
    pfx: async () => ({ bytes: Buffer.from('pfx'), password: CANARY_SECRET }),
    readers: ['CONTOSO\\svc'],
  }

  test('hands the PFX over as secrets only', async () => {
    const imported = () => ok({ imported: true, granted: [], keySpec: 1, sameSubject: [] })
    const { writer, one } = client({ 'ensure-certificate': imported })

    await writer.ensureCertificate('crm-1', certificate, NEVER)

    expect(one.calls[0]?.input).toEqual({ sha256: SHA, thumbprint: 'CD'.repeat(20), readers: ['CONTOSO\\svc'] })
    expect(one.calls[0]?.secrets).toEqual({ 'pfx.data': 'cGZ4', 'pfx.password': CANARY_SECRET })
  })

  test.each([
    ['WrongPassword', 'none', 'it stopped before it imported'],
    ['NotAdministrator', 'none', 'the same'],
    ['WrongKeySpec', 'possible', 'it may have imported'],
    ['ScriptFailed', 'possible', 'nobody knows how far it came'],
  ])('tells of %s that an effect is %s: %s', async (code, effect, _reason) => {
    const { writer } = client({ 'ensure-certificate': () => failed(code) })

    await expect(writer.ensureCertificate('crm-1', certificate, NEVER)).rejects.toMatchObject({ code, effect })
  })

  test('tells of an effect where access was denied half-way', async () => {
    const halfway = () => ({ ...failed('NotAdministrator'), changed: true }) as const
    const { writer } = client({ 'restart-services': halfway, 'ensure-certificate': halfway })

    await expect(writer.restartAsyncServices('crm-1', NEVER)).rejects.toMatchObject({ effect: 'possible' })
    await expect(writer.ensureCertificate('crm-1', certificate, NEVER)).rejects.toMatchObject({ effect: 'possible' })
  })

  test('writes through the channel for writing where there is one', async () => {
    const reading = scriptedChannel('crm-1', {})
    const writing = scriptedChannel('crm-1', { 'restart-services': () => ok({ services: [] }) })
    const made = createDeploymentClient({ servers: [{ name: 'crm-1', reading, writing }] })

    await made.writer().restartAsyncServices('crm-1', NEVER)
    await made.close()

    expect(ids(writing)).toEqual(['restart-services'])
    expect([reading.isClosed, writing.isClosed]).toEqual([true, true])
  })

  test('goes on to the next server only where nothing can have happened', async () => {
    const first = client(
      { 'write-tenant-id': () => failed('SnapInMissing') },
      { 'write-tenant-id': wrote, 'write-server-settings': wrote },
    )
    const second = client({ 'write-tenant-id': () => lost('crm-1', 'Cut', 'possible') }, { 'write-tenant-id': wrote })

    await first.writer.writeTenantId('contoso', 'x', NEVER)
    await first.writer.writeServerSettings({ metadataUrl: 'u' }, NEVER)
    await expect(second.writer.writeTenantId('contoso', 'x', NEVER)).rejects.toMatchObject({ code: 'Cut' })

    expect(first.two.calls.map(({ id, input }) => ({ id, ...input }))).toMatchObject([
      { id: 'write-tenant-id', organization: 'contoso', tenantId: 'x' },
      { id: 'write-server-settings', metadataUrl: 'u' },
    ])
    expect(second.two.calls).toEqual([])
  })
})

describe('a switch of the certificate', () => {
  const row = { id: 'a', type: 'S2STokenIssuer', name: null, data: CERTIFICATE_BASE64 }
  const der = Buffer.from(CERTIFICATE_BASE64, 'base64')
  const switched = () => ok({ rows: [row] })

  test('marks all servers before the row is written, and after it', async () => {
    const order: string[] = []
    const noting =
      (host: string, answer: Scripted): Scripted =>
      (call) => {
        order.push(`${call.id} ${host}`)
        return answer(call)
      }
    const { writer, one } = client(
      {
        'read-deployment': () => deployment(),
        'set-marker': noting('crm-1', marked),
        'switch-certificate': noting('crm-1', switched),
      },
      { 'set-marker': noting('crm-2', marked) },
    )

    await writer.switchCertificate({ sha256: SHA, der }, NEVER)

    const marks = ['set-marker crm-1', 'set-marker crm-2']
    expect(order).toEqual([...marks, 'switch-certificate crm-1', ...marks])
    expect(one.calls.find(({ id }) => id === 'switch-certificate')?.input).toMatchObject({
      sha256: SHA,
      certificate: CERTIFICATE_BASE64,
    })
  })

  test('does not happen where one server cannot be marked', async () => {
    const { writer, one } = client(
      { 'read-deployment': () => deployment(), 'set-marker': marked },
      { 'set-marker': () => lost('crm-2', 'Unreachable') },
    )

    await expect(writer.switchCertificate({ sha256: SHA, der }, NEVER)).rejects.toMatchObject({ host: 'crm-2' })

    expect(ids(one)).toEqual(['read-deployment', 'set-marker'])
  })

  test('is told as possible where only the second marker fails', async () => {
    let markers = 0
    const dying: Scripted = (call) => (++markers > 1 ? lost('crm-2', 'Unreachable') : marked(call))
    const { writer } = client(
      { 'read-deployment': () => deployment(), 'set-marker': marked, 'switch-certificate': switched },
      { 'set-marker': dying },
    )

    await expect(writer.switchCertificate({ sha256: SHA, der }, NEVER)).rejects.toMatchObject({
      code: 'Unreachable',
      effect: 'possible',
      message: expect.stringMatching(/^the row was switched/),
    })
  })

  test('that is done already asks for no restart', async () => {
    const { createHash } = await import('node:crypto')
    const sha256 = createHash('sha256').update(der).digest('hex')
    const { writer, one } = client({ 'read-deployment': () => deployment([row]) })

    await writer.switchCertificate({ sha256, der }, NEVER)

    expect(ids(one)).toEqual(['read-deployment'])
  })
})
