// MD4 (RFC 1320), which NTLM hashes passwords with. OpenSSL 3 keeps it in its legacy provider, which Node.js does not load.

/** The MD4 digest of bytes. */
export function md4(message: Uint8Array): Buffer {
  const bytes = padded(message)
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let at = 0; at < bytes.length; at += 64) {
    const words = Array.from({ length: 16 }, (_, index) => bytes.readUInt32LE(at + index * 4))
    const mixed = rounds(state, words)
    mixed.forEach((word, index) => {
      state[index] = ((state[index] ?? 0) + word) >>> 0
    })
  }
  const digest = Buffer.alloc(16)
  state.forEach((word, index) => {
    digest.writeUInt32LE(word, index * 4)
  })
  return digest
}

function padded(message: Uint8Array): Buffer {
  const length = Math.ceil((message.length + 9) / 64) * 64
  const bytes = Buffer.alloc(length)
  bytes.set(message)
  bytes[message.length] = 0x80
  bytes.writeBigUInt64LE(BigInt(message.length) * 8n, length - 8)
  return bytes
}

type Mix = (x: number, y: number, z: number) => number

/** Each round: how it mixes, what it adds, the order of the words, the shifts. */
const ROUNDS: readonly (readonly [Mix, number, readonly number[], readonly number[]])[] = [
  [(x, y, z) => (x & y) | (~x & z), 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [3, 7, 11, 19]],
  [
    (x, y, z) => (x & y) | (x & z) | (y & z),
    0x5a827999,
    [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    [3, 5, 9, 13],
  ],
  [(x, y, z) => x ^ y ^ z, 0x6ed9eba1, [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], [3, 9, 11, 15]],
]

function rounds(state: readonly number[], words: readonly number[]): readonly number[] {
  let [a = 0, b = 0, c = 0, d = 0] = state
  for (const [mix, constant, order, shifts] of ROUNDS) {
    order.forEach((word, step) => {
      const sum = (a + mix(b, c, d) + (words[word] ?? 0) + constant) >>> 0
      const shift = shifts[step % 4] ?? 0
      const next = ((sum << shift) | (sum >>> (32 - shift))) >>> 0
      ;[a, b, c, d] = [d, next, b, c]
    })
  }
  return [a, b, c, d]
}
