// A thin layer over the ASN.1 reader of node-forge: every step says what it expects, so that a file that is built otherwise is told as such
// and never read wrongly.
import forge from 'node-forge'

/** A node of an ASN.1 tree. */
export type DerNode = forge.asn1.Asn1

const { Class, Type } = forge.asn1

/** A file that is built in a way this reader does not know. Another reader may. */
export class UnknownFormat extends Error {
  constructor(what: string) {
    super(`this reader does not know ${what}`)
    this.name = 'UnknownFormat'
  }
}

/** Reads DER, or the BER of older exporters. Throws an Error of the library where it is neither. */
export function parseDer(bytes: Uint8Array | string): DerNode {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1')
  return forge.asn1.fromDer(text)
}

/** The bytes of a tree. */
export function derOf(node: DerNode): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1')
}

/** The nodes within a node. Throws UnknownFormat where it has none. */
export function childrenOf(node: DerNode | undefined): readonly DerNode[] {
  if (node === undefined || !Array.isArray(node.value)) throw new UnknownFormat('a value where a list should be')
  return node.value
}

/** The node at these positions, one per level. Throws UnknownFormat where there is none. */
export function nodeAt(node: DerNode, ...positions: readonly number[]): DerNode {
  let at: DerNode | undefined = node
  for (const position of positions) at = childrenOf(at)[position]
  if (at === undefined) throw new UnknownFormat('a list that is too short')
  return at
}

/** The text of an object identifier, `1.2.840.113549.1.7.1`. Throws UnknownFormat where it is none. */
export function oidOf(node: DerNode): string {
  if (node.type !== Type.OID || typeof node.value !== 'string') throw new UnknownFormat('a name that is no OID')
  return forge.asn1.derToOid(forge.util.createBuffer(node.value))
}

/** The bytes of an octet string, also of one in pieces. Throws UnknownFormat where it is none. */
export function octetsOf(node: DerNode): Buffer {
  if (typeof node.value === 'string') return Buffer.from(node.value, 'latin1')
  return Buffer.concat(childrenOf(node).map(octetsOf))
}

/** A small whole number. Throws UnknownFormat where it is negative or too large to be one. */
export function numberOf(node: DerNode): number {
  if (node.type !== Type.INTEGER || typeof node.value !== 'string') throw new UnknownFormat('a number that is none')
  const hex = Buffer.from(node.value, 'latin1').toString('hex')
  const value = Number.parseInt(hex, 16)
  if (!Number.isSafeInteger(value) || value > 0x7fffffff) throw new UnknownFormat('a number of that size')
  return value
}

/** The first byte of the bits of a bit string; 0 where it has none. */
export function firstBitsOf(node: DerNode): number {
  const raw = 'bitStringContents' in node ? node.bitStringContents : node.value
  return typeof raw === 'string' && raw.length > 1 ? raw.charCodeAt(1) : 0
}

/** True for the context-specific tag of this number. */
export function isTagged({ tagClass, type }: DerNode, tag: number): boolean {
  return tagClass === Class.CONTEXT_SPECIFIC && Number(type) === tag
}

/** A list: SEQUENCE. */
export function sequence(...members: readonly DerNode[]): DerNode {
  return forge.asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [...members])
}

/** SET. */
export function set(...members: readonly DerNode[]): DerNode {
  return forge.asn1.create(Class.UNIVERSAL, Type.SET, true, [...members])
}

/** A context-specific tag around nodes. */
export function tagged(tag: number, ...members: readonly DerNode[]): DerNode {
  return forge.asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [...members])
}

/** OBJECT IDENTIFIER. */
export function oid(text: string): DerNode {
  return forge.asn1.create(Class.UNIVERSAL, Type.OID, false, forge.asn1.oidToDer(text).getBytes())
}

/** OCTET STRING. */
export function octets(bytes: Uint8Array): DerNode {
  return forge.asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, Buffer.from(bytes).toString('latin1'))
}

/** INTEGER, not negative. */
export function integer(value: number): DerNode {
  return forge.asn1.create(Class.UNIVERSAL, Type.INTEGER, false, forge.asn1.integerToDer(value).getBytes())
}

/** BIT STRING of one byte. */
export function bits(value: number): DerNode {
  return forge.asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, `\0${String.fromCharCode(value)}`)
}

/** NULL. */
export function nothing(): DerNode {
  return forge.asn1.create(Class.UNIVERSAL, Type.NULL, false, '')
}

/** BMPString, as Windows writes names. */
export function wideText(text: string): DerNode {
  return forge.asn1.create(Class.UNIVERSAL, Type.BMPSTRING, false, text)
}
