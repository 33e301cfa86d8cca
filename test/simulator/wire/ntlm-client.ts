// The client's side of NTLM version 2, written down from [MS-NLMP], over one connection that is kept.
import { createHmac, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { md4 } from '../../../src/simulator/wire/sign-in/md4.ts'

export interface Answered {
  readonly status: number
  readonly challenges: readonly string[]
  readonly text: string
}

/** Sends requests over one connection. */
export interface KeptConnection {
  send(url: string, headers?: Readonly<Record<string, string>>): Promise<Answered>
  close(): void
}

export function keepConnection(): KeptConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    send: (url, headers = {}) =>
      new Promise((resolve, reject) => {
        const sending = request(url, { agent, headers }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const raw = response.rawHeaders
            resolve({
              status: response.statusCode ?? 0,
              challenges: raw.filter((_, at) => raw[at - 1] === 'WWW-Authenticate'),
              text: Buffer.concat(chunks).toString('utf8'),
            })
          })
        })
        sending.on('error', reject)
        sending.end()
      }),
    close: () => agent.destroy(),
  }
}

export interface Credentials {
  readonly user: string
  readonly password: string
  readonly domain?: string
  /** Answer as version 1 of the protocol would, or spoil the integrity code. */
  readonly flaw?: 'version-1' | 'integrity'
  /** Leave the integrity code out and do not speak of it. */
  readonly plain?: boolean
}

const NEGOTIATE_FLAGS = 0xe2088297

export const NEGOTIATE = Buffer.concat([
  Buffer.from('NTLMSSP\0', 'latin1'),
  Buffer.from([1, 0, 0, 0]),
  uint32(NEGOTIATE_FLAGS),
  Buffer.alloc(16),
  Buffer.from([10, 0, 0x63, 0x45, 0, 0, 0, 15]),
])

/** The whole handshake; the answer to its last message. */
export async function signIn(
  connection: KeptConnection,
  url: string,
  credentials: Credentials,
  scheme = 'NTLM',
): Promise<Answered> {
  const challenged = await connection.send(url, { Authorization: `${scheme} ${NEGOTIATE.toString('base64')}` })
  const token = challenged.challenges[0]?.split(' ')[1] ?? ''
  const authenticate = authenticateMessage(Buffer.from(token, 'base64'), credentials)
  return connection.send(url, { Authorization: `${scheme} ${authenticate.toString('base64')}` })
}

export function authenticateMessage(challenge: Buffer, credentials: Credentials): Buffer {
  const { user, password, domain = 'CONTOSO', flaw, plain = false } = credentials
  const serverChallenge = challenge.subarray(24, 32)
  const info = challenge.subarray(challenge.readUInt32LE(44), challenge.readUInt32LE(44) + challenge.readUInt16LE(40))
  const key = hmac(md4(utf16(password)), utf16(user.toUpperCase() + domain))
  const flags = Buffer.concat([Buffer.from([6, 0, 4, 0]), uint32(2)])
  const pairs = plain ? info : Buffer.concat([info.subarray(0, -4), flags, Buffer.alloc(4)])
  const blob = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(8),
    randomBytes(8),
    Buffer.alloc(4),
    pairs,
    Buffer.alloc(4),
  ])
  const proof = hmac(key, Buffer.concat([serverChallenge, blob]))
  const response = flaw === 'version-1' ? randomBytes(24) : Buffer.concat([proof, blob])
  const sessionKey = hmac(key, proof)
  const exported = randomBytes(16)
  const message = laidOut([
    Buffer.alloc(24),
    response,
    utf16(domain),
    utf16(user),
    utf16('DESK'),
    rc4(sessionKey, exported),
  ])
  const code = hmac(exported, Buffer.concat([NEGOTIATE, challenge, message]))
  if (!plain) code.copy(message, 72)
  if (flaw === 'integrity') message[72] = (message[72] ?? 0) ^ 1
  return message
}

function laidOut(fields: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(88)
  head.write('NTLMSSP\0', 'latin1')
  head.writeUInt32LE(3, 8)
  let offset = 88
  fields.forEach((field, index) => {
    head.writeUInt16LE(field.length, 12 + index * 8)
    head.writeUInt16LE(field.length, 14 + index * 8)
    head.writeUInt32LE(offset, 16 + index * 8)
    offset += field.length
  })
  uint32(NEGOTIATE_FLAGS).copy(head, 60)
  return Buffer.concat([head, ...fields])
}

/** RC4 as its definition has it; OpenSSL 3 does not offer it. */
function rc4(key: Buffer, data: Buffer): Buffer {
  const box = [...Array(256).keys()]
  let j = 0
  for (let i = 0; i < 256; i++) {
    j = (j + (box[i] ?? 0) + (key[i % key.length] ?? 0)) % 256
    ;[box[i], box[j]] = [box[j] ?? 0, box[i] ?? 0]
  }
  let i = 0
  j = 0
  return Buffer.from(
    [...data].map((byte) => {
      i = (i + 1) % 256
      j = (j + (box[i] ?? 0)) % 256
      ;[box[i], box[j]] = [box[j] ?? 0, box[i] ?? 0]
      return byte ^ (box[((box[i] ?? 0) + (box[j] ?? 0)) % 256] ?? 0)
    }),
  )
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le')
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest()
}
