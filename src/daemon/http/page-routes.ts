// Hands out the status page. Its few files are read once and kept, compressed already when they were built: nothing a browser asks for
// can become a path on the disk.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Route } from './route.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Encodings in the order of preference, with the ending of their files. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** A name with the hash of its content never means anything else. */
const HASHED = /-[A-Z0-9]{8}\.(js|css)$/

interface Asset {
  readonly type: string
  readonly etag: string
  readonly cacheControl: string
  readonly plain: Buffer
  readonly encoded: Readonly<Partial<Record<'br' | 'gzip', Buffer>>>
}

/**
 * The addresses of the page: `/` and its files. They hold nothing of anybody, yet only whoever may see the page gets them. Throws where
 * the page was not built into `folder`.
 */
export function pageRoutes(folder = builtPage()): readonly Route[] {
  const names = readdirSync(folder).filter((name) => extname(name) in TYPES)
  return names.map((name) => {
    const asset = readAsset(folder, name)
    return {
      method: 'GET',
      url: name === 'index.html' ? '/' : `/${name}`,
      access: 'Overview',
      summary: name === 'index.html' ? 'The status page.' : 'A file of the status page.',
      handle: (request, reply) => send(request, reply, asset),
    }
  })
}

/** Beside this file in the package; in the build where this is run from the sources. */
function builtPage(): string {
  const places = ['../../web/', '../../../dist/web/'].map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const built = places.find((place) => existsSync(join(place, 'index.html')))
  if (built === undefined) throw new Error('the status page was not built; run: npm run build')
  return built
}

function readAsset(folder: string, name: string): Asset {
  const path = join(folder, name)
  const plain = readFileSync(path)
  const encoded = ENCODINGS.filter(([, ending]) => existsSync(path + ending))
  return {
    type: TYPES[extname(name)] ?? 'application/octet-stream',
    etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    cacheControl: HASHED.test(name) ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    plain,
    encoded: Object.fromEntries(encoded.map(([encoding, ending]) => [encoding, readFileSync(path + ending)])),
  }
}

function send(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  reply.headers({ 'cache-control': asset.cacheControl, etag: asset.etag, vary: 'accept-encoding' })
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send()
  const accepted = acceptedEncodings(String(request.headers['accept-encoding'] ?? ''))
  const [encoding] = ENCODINGS.find(([name]) => accepted.has(name) && asset.encoded[name]) ?? []
  if (encoding) reply.header('content-encoding', encoding)
  return reply.type(asset.type).send((encoding && asset.encoded[encoding]) ?? asset.plain)
}

/** `gzip, br;q=0` is gzip only. */
function acceptedEncodings(header: string): ReadonlySet<string> {
  const offers = header.toLowerCase().split(',', 16)
  return new Set(
    offers.flatMap((offer) => {
      const [name = '', ...parameters] = offer.split(';').map((part) => part.trim())
      return parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) ? [] : [name]
    }),
  )
}
