import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { pageRoutes } from '../../../src/daemon/http/page-routes.ts'

function server() {
  const app = fastify()
  for (const { method, url, handle } of pageRoutes())
    app.route({ method, url, handler: (request, reply) => handle(request, reply, undefined) })
  return app
}

const script = (page: string) => /src="([^"]+\.js)"/.exec(page)?.[1] ?? ''

describe('the files of the page', () => {
  test('are a page, a script, a style sheet and icons, for whoever may see the page', () => {
    const routes = pageRoutes()

    expect(routes.map(({ url }) => url.replace(/-[A-Z0-9]{8}\./, '-HASH.')).sort()).toEqual([
      '/',
      '/icon-calm.svg',
      '/icon-trouble.svg',
      '/icon-unknown.svg',
      '/icon-waiting.svg',
      '/mailkeel-HASH.js',
      '/style-HASH.css',
    ])
    expect(new Set(routes.map(({ method, access }) => `${method} ${access}`))).toEqual(new Set(['GET Overview']))
  })

  test('need nothing from outside and nothing inline', async () => {
    const page = (await server().inject('/')).body

    expect(page).not.toMatch(/https?:|\/\/|<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/)
    expect(page).not.toContain('{{')
  })

  test.each([
    { accept: 'gzip, deflate, br', encoding: 'br', decode: brotliDecompressSync, reason: 'the smallest wins' },
    { accept: 'gzip;q=0.9, br;q=0', encoding: 'gzip', decode: gunzipSync, reason: 'br is refused' },
    { accept: 'identity', encoding: undefined, decode: (bytes: Buffer) => bytes, reason: 'nothing is understood' },
    { accept: '__proto__', encoding: undefined, decode: (bytes: Buffer) => bytes, reason: 'nonsense' },
  ])('go out compressed as the browser understands it: $reason', async ({ accept, encoding, decode }) => {
    const app = server()
    const plain = (await app.inject('/')).body

    const answer = await app.inject({ url: '/', headers: { 'accept-encoding': accept } })

    expect(answer.headers['content-encoding']).toBe(encoding)
    expect(decode(answer.rawPayload).toString()).toBe(plain)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['vary']).toBe('accept-encoding')
  })

  test('are kept by the browser: for ever where the name has the hash, else asked for by ETag', async () => {
    const app = server()
    const page = await app.inject('/')

    const again = await app.inject({ url: '/', headers: { 'if-none-match': String(page.headers['etag']) } })
    const code = await app.inject(`/${script(page.body)}`)

    expect(page.headers['cache-control']).toBe('private, no-cache')
    expect([again.statusCode, again.body]).toEqual([304, ''])
    expect(code.headers['cache-control']).toBe('private, max-age=31536000, immutable')
  })

  test.each(['/..%2f..%2fpackage.json', '/index.html.br', '/index.html/../main.js', '/%2e%2e/main.js', '//etc/passwd'])(
    'are no way to other files: %s',
    async (url) => {
      expect((await server().inject(url)).statusCode).toBe(404)
    },
  )

  test('stay small', async () => {
    const app = server()
    const { rawPayload } = await app.inject(`/${script((await app.inject('/')).body)}`)

    expect(rawPayload.length).toBeLessThan(60_000)
  })
})
