import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createBoard } from '../../../src/daemon/board.ts'
import { checkHealth } from '../../../src/daemon/http/health-check.ts'
import { startMetricsListener } from '../../../src/daemon/http/listener.ts'
import { createMetrics } from '../../../src/daemon/metrics/metrics.ts'
import { certificateDer } from '../../../src/simulator/entra/certificate-der.ts'
import { afterTest, ask, configurationOf, manualMachine, NOW, newFolder, running, TOKEN } from './harness.ts'

/** A certificate for localhost and its key, both as PEM. */
function makePair() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = certificateDer({
    name: 'localhost',
    notBefore: new Date('2020-01-01'),
    notAfter: new Date('2049-01-01'),
    serial: Buffer.from([1, 2, 3]),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    sign: (content) => sign('sha256', content, privateKey),
  })
  const certificate = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
  return { certificate, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

describe('starting the listener', () => {
  it.each([
    [
      { token: { env: 'SHORT' } },
      /`listener.token` has 15 characters; 16 are the least/,
      'a token that can be guessed',
    ],
    [{ token: { env: 'MISSING' } }, /`listener.token`: the environment variable MISSING is not set/, 'no token'],
    [
      { webhooks: [{ name: 'forge', type: 'GitHub', secret: { env: 'SHORT' } }] },
      /secret of webhook forge has 15 characters/,
      'a weak secret of a webhook',
    ],
    [
      { tls: { certificateFile: 'a.pem', privateKeyFile: 'b.pem' } },
      /a\.pem cannot be read \(ENOENT\)/,
      'no certificate',
    ],
  ])('is refused for %j: %s', async (section, message, _reason) => {
    const machine = manualMachine({ SHORT: '0123456789abcde' })

    await expect(running(section, { machine })).rejects.toThrow(message)
  })

  it('is refused where the port is taken, and says by what section', async () => {
    const { listener } = await running()

    await expect(running({ port: listener.port })).rejects.toThrow(
      `\`listener\` cannot listen at 127.0.0.1, port ${listener.port}: another program listens there`,
    )
  })

  it('leaves nothing behind where the port is taken, or the process that cannot start would not end', async () => {
    const { listener } = await running()
    let sleeping = 0
    const sleep = (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        sleeping += 1
        signal?.addEventListener('abort', () => {
          sleeping -= 1
          resolve()
        })
      })

    const second = running({ port: listener.port }, { machine: { ...manualMachine({}), sleep } })

    await expect(second).rejects.toThrow(/cannot listen/)
    expect(sleeping).toBe(0)
  })

  it('tells where people find it', async () => {
    const own = await running()
    const behind = await running({ publicUrl: 'https://mailkeel.contoso.com', token: { env: 'TOKEN' } })

    expect(own.listener.url).toBe(`http://127.0.0.1:${own.listener.port}`)
    expect(behind.listener.url).toBe('https://mailkeel.contoso.com')
  })
})

describe('https', () => {
  it('is served with the certificate of the files, and with the new one once they are replaced', async () => {
    const folder = await newFolder()
    const [first, second] = [makePair(), makePair()]
    const write = async ({ certificate, privateKey }: ReturnType<typeof makePair>) => {
      await writeFile(join(folder, 'tls.crt'), certificate)
      await writeFile(join(folder, 'tls.key'), privateKey)
    }
    await write(first)
    const listener = { port: 0, tls: { certificateFile: 'tls.crt', privateKeyFile: 'tls.key' } }
    const place = await running({}, { configuration: await configurationOf({ listener }, folder) })
    const trusts = (ca: string) =>
      place.ask('/healthz', { ca }).then(
        ({ headers }) => headers['strict-transport-security'],
        () => 'refused',
      )
    const settled = () => new Promise((resolve) => setTimeout(resolve, 50))

    const before = [await trusts(first.certificate), await trusts(second.certificate)]
    await writeFile(join(folder, 'tls.crt'), second.certificate)
    await place.machine.advance(30_000)
    await settled()
    const half = await trusts(first.certificate)
    await write(second)
    await place.machine.advance(30_000)
    await settled()

    expect(before).toEqual(['max-age=31536000', 'refused'])
    expect([half, place.log.map(({ message }) => message)]).toEqual([
      'max-age=31536000',
      ['the new certificate of the listener cannot be used; the one before stays'],
    ])
    expect([await trusts(first.certificate), await trusts(second.certificate)]).toEqual(['refused', 'max-age=31536000'])
  })
})

describe('the metrics listener', () => {
  const start = async (metrics: object) => {
    const configuration = await configurationOf({ listener: { metrics: { port: 0, ...metrics } } })
    const board = createBoard({ kind: 'directory', place: '/spec' }, NOW.toISOString())
    const log = { warn: () => {}, error: () => {} }
    const machine = manualMachine()
    const { route, close } = createMetrics(board, { now: machine.now, version: '1.0.0' })
    const listener = await startMetricsListener({ configuration, board, routes: [route], machine, log })
    afterTest(async () => listener?.close())
    afterTest(async () => close())
    return `${listener?.url}/metrics`
  }

  it('is open to whoever reaches it where no token is named', async () => {
    expect((await ask(await start({}))).status).toBe(200)
  })

  it('asks for its token where one is', async () => {
    const url = await start({ token: { env: 'TOKEN' } })

    const statuses = [{}, { authorization: `Bearer ${TOKEN}` }].map(
      async (headers) => (await ask(url, { headers })).status,
    )

    expect(await Promise.all(statuses)).toEqual([401, 200])
  })

  it('does not listen where the configuration has none', async () => {
    const configuration = await configurationOf({ listener: { port: 0 } })
    const board = createBoard({ kind: 'directory', place: '/spec' }, NOW.toISOString())
    const log = { warn: () => {}, error: () => {} }

    const options = { configuration, board, routes: [], machine: manualMachine(), log }

    expect(await startMetricsListener(options)).toBeUndefined()
  })
})

describe('the health check of a container', () => {
  const fileWith = async (listener: object) => (await configurationOf({ listener })).file

  it('is content with a process that answers', async () => {
    const { listener } = await running()

    expect(await checkHealth(await fileWith({ port: listener.port }))).toEqual({
      ok: true,
      line: `http://127.0.0.1:${listener.port}/healthz answers 200`,
    })
  })

  it('needs no token, and asks this machine where the listener is for all', async () => {
    const { listener } = await running({ address: '0.0.0.0', token: { env: 'TOKEN' } })

    const verdict = await checkHealth(
      await fileWith({ address: '0.0.0.0', port: listener.port, token: { env: 'TOKEN' } }),
    )

    expect(verdict.ok).toBe(true)
  })

  it('is not where nobody answers', async () => {
    const { listener } = await running()
    const file = await fileWith({ port: listener.port })
    await listener.close()

    expect((await checkHealth(file)).ok).toBe(false)
  })

  it('is not where a loop did not come back', async () => {
    const place = await running()
    place.board.setSource({ kind: 'directory', place: '/spec', nextLookAt: NOW.toISOString() })
    await place.machine.advance(11 * 60_000)

    expect((await checkHealth(await fileWith({ port: place.listener.port }))).line).toContain('answers 503')
  })
})
