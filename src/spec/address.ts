// One mailbox, one key. People write addresses in any case and, by accident or on purpose, with letters that only look like the ones
// Exchange knows. The canonical form is NFKC in lower case; an address that is not what it looks like is refused, not repaired.
import { codePoint } from './text.ts'

const ASCII = /^[\x21-\x7e]+$/
/** What nearly every address is: in its canonical form, without disguise or fault. One look at it spares all the others. */
const PLAIN =
  /^[a-z0-9][a-z0-9_-]{0,31}(?:\.[a-z0-9_-]{1,15}){0,2}@[a-z0-9]{1,31}(?:[.-][a-z0-9]{1,31}){0,4}\.[a-z]{2,20}$/
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\u{10ffff}-]{1,64}$/u
const LABEL = /^[a-z0-9\u0080-\u{10ffff}](?:[a-z0-9\u0080-\u{10ffff}-]{0,61}[a-z0-9\u0080-\u{10ffff}])?$/u
const INVISIBLE = /[\p{Cf}\p{Cc}\p{Z}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/u

/** Letters of other scripts, and odd Latin ones, that read as a Latin letter (Unicode UTS 39, confusables). */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'аαɑΑА',
    b: 'ЬВΒƄ',
    c: 'сϲСϹ',
    d: 'ԁⅾ',
    e: 'еЕΕҽ',
    f: 'ғϝ',
    g: 'ɡԍ',
    h: 'һНΗհ',
    i: 'іΙІıιӏİɩ',
    j: 'јЈϳ',
    k: 'кКΚκ',
    l: 'ⅼ',
    m: 'мМΜ',
    n: 'пΝո',
    o: 'оОοΟօσ',
    p: 'рРρΡ',
    q: 'ԛգ',
    r: 'гᴦ',
    s: 'ѕЅ',
    t: 'тТΤτ',
    u: 'υսц',
    v: 'νѵ',
    w: 'ԝωԜ',
    x: 'хХχΧ',
    y: 'уУγΥҮү',
    z: 'ᴢΖ',
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
)

/** Tells whether an address is canonical and faultless at first sight; false says nothing. */
export function isPlainAddress(address: string): boolean {
  return PLAIN.test(address)
}

/** The key of a mailbox: the same for every way to write its address. */
export function canonicalAddress(address: string): string {
  return (ASCII.test(address) ? address : address.normalize('NFKC')).toLowerCase()
}

/** Why an address is not what it looks like, with the plain address it reads as. */
export interface Disguise {
  readonly message: string
  readonly readsAs: string
}

/** Finds characters that make an address look like another one; undefined for an honest address. */
export function findDisguise(address: string): Disguise | undefined {
  if (ASCII.test(address)) return undefined
  const readsAs = skeleton(address)
  const invisible = INVISIBLE.exec(address)
  if (invisible) return { readsAs, message: `holds the invisible character ${codePoint(invisible[0])}; remove it` }
  for (const character of address) {
    const plain = character.normalize('NFKC')
    if (plain !== character && character.normalize('NFC') !== plain) {
      return {
        readsAs,
        message: `holds ${codePoint(character)}, a variant of \`${plain}\`; write \`${plain.toLowerCase()}\``,
      }
    }
  }
  const impostor = findImpostor(address)
  if (impostor === undefined) return undefined
  return { readsAs, message: `holds ${codePoint(impostor)}, which looks like a Latin letter and is none` }
}

/** What is wrong with the form of an address, or undefined. Works on the canonical form. */
export function findAddressFault(canonical: string): string | undefined {
  const at = canonical.indexOf('@')
  const local = canonical.slice(0, at)
  const domain = canonical.slice(at + 1)
  if (at < 1 || domain.includes('@')) return 'it needs one @ between name and domain'
  if (local.length > 64) return 'the part before the @ has more than 64 characters'
  if (!LOCAL.test(local)) return 'the part before the @ holds a character that no address has'
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return 'dots stand between other characters'
  if (!domain.includes('.')) return 'the domain has no dot, such as contoso.com'
  if (!domain.split('.').every((label) => LABEL.test(label))) return 'the part behind the @ is no domain'
  return undefined
}

function skeleton(address: string): string {
  const plain = [...address.normalize('NFKC')].map((character) => LOOK_ALIKES.get(character) ?? character).join('')
  return plain.replace(new RegExp(INVISIBLE, 'gu'), '').replaceAll('\u0307', '').toLowerCase()
}

/** A letter that does not belong: of another script than its neighbours, or one of a part that reads as Latin throughout. */
function findImpostor(address: string): string | undefined {
  for (const part of address.split(/[@.]/)) {
    const letters = [...part].filter((character) => /\p{L}/u.test(character))
    const foreign = letters.filter((letter) => !/\p{Script=Latin}/u.test(letter) || LOOK_ALIKES.has(letter))
    const mixed = foreign.length > 0 && foreign.length < letters.length
    const masked = foreign.length > 0 && foreign.every((letter) => LOOK_ALIKES.has(letter))
    if (mixed || masked) return foreign[0]
  }
  return undefined
}
