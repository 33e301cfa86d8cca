import { describe, expect, test } from 'vitest'
import { connect, failureOf, serve } from './client-and-server.ts'
import { httpAnswer } from './wire-server.ts'

const METHODS = ['POST', 'PATCH', 'PUT', 'DELETE'] as const

describe('the fence of a client', () => {
  test.each(METHODS)('keeps a %s from the wire, and says that it was not sent', async (method) => {
    const server = await serve(({ socket }) => socket.write(httpAnswer('204 No Content', [])))
    const fenced = connect(server, {
      fence: () => {
        throw new Error('the lease is over')
      },
    })

    const failure = await failureOf(fenced.send({ method, url: `${server.origin}/org`, body: 'x' }))

    expect(failure).toMatchObject({ failure: 'fenced', sent: false })
    expect(failure.message).toBe(`${method} 127.0.0.1:${server.port}/org: the lease is over`)
    expect(server.requests).toEqual([])
  })

  test('lets reads pass unasked', async () => {
    const server = await serve(({ socket }) => socket.write(httpAnswer('204 No Content', [])))
    const fenced = connect(server, {
      fence: () => {
        throw new Error('the lease is over')
      },
    })

    const answer = await fenced.send({ method: 'GET', url: server.origin })

    expect(answer.status).toBe(204)
  })

  test('is asked when the connection is there, not when the request began to wait for it', async () => {
    let [isOpen, asked] = [true, 0]
    const server = await serve(({ socket, head }) => {
      // The first answer closes the fence in front of the one that waits behind it.
      isOpen = false
      socket.write(httpAnswer('200 OK', [], head.split(' ')[1]))
    })
    const fenced = connect(server, {
      connectionsPerOrigin: 1,
      fence: () => {
        asked += 1
        if (!isOpen) throw new Error('the lease is over')
      },
    })

    const first = fenced.send({ method: 'POST', url: `${server.origin}/first`, body: '' })
    const second = failureOf(fenced.send({ method: 'POST', url: `${server.origin}/second`, body: '' }))

    expect((await first).body.toString()).toBe('/first')
    expect(await second).toMatchObject({ failure: 'fenced', sent: false })
    expect(server.requests).toHaveLength(1)
    expect(asked).toBe(2)
  })

  test('leaves the connection to those who come after', async () => {
    let isOpen = false
    const server = await serve(({ socket }) => socket.write(httpAnswer('200 OK', [], 'ok')))
    const fenced = connect(server, {
      connectionsPerOrigin: 1,
      fence: () => {
        if (!isOpen) throw new Error('not yet')
      },
    })
    await failureOf(fenced.send({ method: 'POST', url: server.origin, body: '' }))
    isOpen = true

    const answer = await fenced.send({ method: 'POST', url: server.origin, body: '' })

    expect(answer.status).toBe(200)
  })
})
