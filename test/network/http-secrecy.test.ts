import { spawnSync } from 'node:child_process'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { CANARY_SECRET } from '../setup/canary.ts'
import { connect, failureOf, get, serve } from './client-and-server.ts'
import { httpAnswer } from './wire-server.ts'

const ORIGIN = 'http://crm.contoso.test'

describe('A21: an error shows neither query nor headers nor bodies, whatever goes wrong:', () => {
  test.each([
    { answer: '', reason: 'no answer' },
    { answer: `${CANARY_SECRET}\r\n\r\n`, reason: 'another protocol' },
    { answer: `HTTP/1.1 200 OK\r\nX: ${CANARY_SECRET}\r\n\r\n${CANARY_SECRET}`, reason: 'a body of unknown length' },
    { answer: `HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n${CANARY_SECRET}`, reason: 'a half body' },
    {
      answer: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${CANARY_SECRET}\r\n`,
      reason: 'a body that is no chunk',
    },
    { answer: `HTTP/1.1 200 OK\r\n: ${CANARY_SECRET}\r\n\r\n`, reason: 'a header without a name' },
    { answer: httpAnswer('200 OK', ['Content-Encoding: gzip'], CANARY_SECRET), reason: 'a body that does not decode' },
    { answer: httpAnswer('200 OK', [`Content-Encoding: ${CANARY_SECRET}`], 'x'), reason: 'a coding that is a secret' },
    { answer: httpAnswer('200 OK', [], CANARY_SECRET.repeat(50)), reason: 'a body that is too large' },
  ])('$reason', async ({ answer }) => {
    const server = await serve(({ socket }) => socket.end(answer))
    const request = {
      ...get(server),
      method: 'POST' as const,
      url: `${server.origin}/api?secret=${CANARY_SECRET}#${CANARY_SECRET}`,
      headers: { authorization: `Bearer ${CANARY_SECRET}` },
      body: CANARY_SECRET,
      maximumBodyBytes: 200,
    }

    const error = await failureOf(connect(server).send(request))

    expect(server.requests[0]?.head).toContain(CANARY_SECRET)
    expect(error.message).toMatch(/^POST 127\.0\.0\.1:\d+\/api: /)
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY_SECRET)
    expect(JSON.stringify(error)).not.toContain(CANARY_SECRET)
  })

  test.each([
    { url: `http://other.test/api?secret=${CANARY_SECRET}`, reason: 'a host that is not allowed' },
    { url: `${ORIGIN.replace('//', `//ann:${CANARY_SECRET}@`)}/api`, reason: 'credentials in the address' },
    { url: `no url ${CANARY_SECRET}`, reason: 'no address' },
  ])('$reason', async ({ url }) => {
    const error = await failureOf(connect({ origin: ORIGIN }).send({ method: 'GET', url }))

    expect(inspect(error, { depth: 9 })).not.toContain(CANARY_SECRET)
  })
})

test('the path in a message is cut', async () => {
  const client = connect({ origin: ORIGIN })
  await client.close()

  const error = await failureOf(client.send({ method: 'GET', url: `${ORIGIN}/${'a'.repeat(5000)}` }))

  expect(error.message.length).toBeLessThan(300)
})

test('a program that makes a client and sends nothing does not load the HTTP library', () => {
  const program = `
    const { createHttpClient } = await import('./dist/network/http-client.js')
    const client = createHttpClient({ allowedOrigins: ['https://crm.contoso.test'], userAgent: 'x' })
    const { createRequire } = await import('node:module')
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('undici')).length
    const before = loaded()
    await client.send({ method: 'GET', url: 'https://crm.contoso.test' , signal: AbortSignal.abort() }).catch(() => {})
    console.log(JSON.stringify({ before, after: loaded() > 0 }))
  `
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })

  expect(run.stderr).toBe('')
  expect(JSON.parse(run.stdout)).toEqual({ before: 0, after: true })
})
