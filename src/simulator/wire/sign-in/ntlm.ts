// The server's side of NTLM version 2 (Microsoft, [MS-NLMP]): reading the client's two messages, writing the challenge between them, and
// checking the proof. Version 1 and Kerberos are not spoken.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { md4 } from './md4.ts'

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1')
const KEY_EXCHANGE = 0x40000000
/** Unicode, target name, NTLM, always sign, target type domain, extended session security, target info, 128, key exchange, 56. */
const FLAGS = 0xe2898205
const AV = { end: 0, computer: 1, domain: 2, flags: 6, timestamp: 7 } as const
const HAS_MIC = 2

/** The number of an NTLM message; undefined for bytes that are none. */
export function messageType(bytes: Buffer): number | undefined {
  if (bytes.length < 12 || !bytes.subarray(0, 8).equals(SIGNATURE)) return undefined
  return bytes.readUInt32LE(8)
}

/** The challenge message for 8 random bytes. It carries the server's time, so clients owe a message integrity code. */
export function challengeMessage(domain: string, challenge: Buffer, now: Date): Buffer {
  const name = utf16(domain)
  const info = Buffer.concat([
    pair(AV.domain, name),
    pair(AV.computer, utf16('CRMWEB01')),
    pair(AV.timestamp, fileTime(now)),
    pair(AV.end, Buffer.alloc(0)),
  ])
  const head = Buffer.alloc(56)
  SIGNATURE.copy(head)
  head.writeUInt32LE(2, 8)
  writeField(head, 12, name.length, 56)
  head.writeUInt32LE(FLAGS, 20)
  challenge.copy(head, 24)
  writeField(head, 40, info.length, 56 + name.length)
  // Version: Windows 10, NTLM revision 15.
  Buffer.from([10, 0, 0x63, 0x45, 0, 0, 0, 15]).copy(head, 48)
  return Buffer.concat([head, name, info])
}

/** What the last message of a handshake says about who sent it. */
export interface Proof {
  readonly user: string
  readonly domain: string
}

/** Reads the names in an authenticate message. Undefined where it is cut short. */
export function proofOf(message: Buffer): Proof | undefined {
  const domain = field(message, 28)
  const user = field(message, 36)
  return domain && user && { domain: domain.toString('utf16le'), user: user.toString('utf16le') }
}

/** The three messages of a handshake, and the random bytes in the second. */
export interface Handshake {
  readonly negotiate: Buffer
  readonly challenge: Buffer
  readonly authenticate: Buffer
  readonly serverChallenge: Buffer
}

/** Whether the authenticate message proves this password: version 2 only, and with the integrity code where it says that it has one. */
export function provesPassword(handshake: Handshake, { user, domain }: Proof, password: string): boolean {
  const { authenticate, serverChallenge } = handshake
  const response = field(authenticate, 20)
  // A version 1 response has exactly 24 bytes.
  if (response === undefined || response.length <= 24 + 20) return false
  const proof = response.subarray(0, 16)
  const blob = response.subarray(16)
  const key = hmac(md4(utf16(password)), utf16(user.toUpperCase() + domain))
  const expected = hmac(key, Buffer.concat([serverChallenge, blob]))
  if (!timingSafeEqual(proof, expected)) return false
  return !owesIntegrity(blob) || hasIntegrity(handshake, hmac(key, proof))
}

/** The attribute pairs begin behind 28 bytes of version, time and client challenge. */
function owesIntegrity(blob: Buffer): boolean {
  for (let at = 28; at + 4 <= blob.length; ) {
    const id = blob.readUInt16LE(at)
    const length = blob.readUInt16LE(at + 2)
    if (id === AV.end) return false
    if (id === AV.flags && length === 4 && at + 8 <= blob.length) return (blob.readUInt32LE(at + 4) & HAS_MIC) !== 0
    at += 4 + length
  }
  return false
}

function hasIntegrity({ negotiate, challenge, authenticate }: Handshake, sessionKey: Buffer): boolean {
  if (authenticate.length < 88) return false
  const exchanged = field(authenticate, 52)
  const usesExchange = (authenticate.readUInt32LE(60) & KEY_EXCHANGE) !== 0
  if (usesExchange && exchanged?.length !== 16) return false
  const key = usesExchange && exchanged !== undefined ? rc4(sessionKey, exchanged) : sessionKey
  const blank = Buffer.from(authenticate).fill(0, 72, 88)
  return timingSafeEqual(authenticate.subarray(72, 88), hmac(key, Buffer.concat([negotiate, challenge, blank])))
}

function field(message: Buffer, at: number): Buffer | undefined {
  if (message.length < at + 8) return undefined
  const length = message.readUInt16LE(at)
  const offset = message.readUInt32LE(at + 4)
  return offset + length <= message.length ? message.subarray(offset, offset + length) : undefined
}

function writeField(head: Buffer, at: number, length: number, offset: number): void {
  head.writeUInt16LE(length, at)
  head.writeUInt16LE(length, at + 2)
  head.writeUInt32LE(offset, at + 4)
}

function pair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, value])
}

/** 100 nanoseconds since 1601. */
function fileTime(moment: Date): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE((BigInt(moment.getTime()) + 11_644_473_600_000n) * 10_000n)
  return bytes
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le')
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest()
}

/** RC4, which OpenSSL 3 keeps in its legacy provider too. */
function rc4(key: Buffer, data: Buffer): Buffer {
  const box = Array.from({ length: 256 }, (_, index) => index)
  const swap = (left: number, right: number) => {
    ;[box[left], box[right]] = [box[right] ?? 0, box[left] ?? 0]
  }
  for (let index = 0, other = 0; index < 256; index += 1) {
    other = (other + (box[index] ?? 0) + (key[index % key.length] ?? 0)) & 255
    swap(index, other)
  }
  let other = 0
  return Buffer.from(data).map((byte, at) => {
    const index = (at + 1) & 255
    other = (other + (box[index] ?? 0)) & 255
    swap(index, other)
    return byte ^ (box[((box[index] ?? 0) + (box[other] ?? 0)) & 255] ?? 0)
  }) as Buffer
}
