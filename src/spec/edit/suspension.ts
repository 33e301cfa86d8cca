// Suspending and resuming: what to splice into the file of a mailbox set or an organization.
import { CST } from 'yaml'
import type { Suspension } from '../desired.ts'
import { EditError } from './edit-error.ts'
import { addPair, addPairBefore, removePair, replaceValue } from './map-fields.ts'
import type { Splice } from './splice.ts'
import { endOf, isMap, type MapToken, pairOf, pairsOf, tokenAt } from './tokens.ts'
import { flowMapText, scalarText } from './write-scalar.ts'

/** What is suspended or resumed. */
export interface Place {
  /** Somewhere in the document, as an offset of the text of its file. */
  readonly offset: number
  /** Which member of the set; absent = the set, or the organization, itself. */
  readonly index?: number
}

/** What suspends the place. One that is suspended already gets the new owner, reason and end. */
export function suspendSplices(text: string, place: Place, suspension: Suspension): readonly Splice[] {
  const token = tokenAt(text, place.offset, pathOf(place))
  const { owner, reason, until } = suspension
  const fields = { owner, reason, until }
  if (!isMap(token)) {
    return [replaceValue(text, token, `{ address: ${addressText(text, token)}, suspend: ${flowMapText(fields)} }`)]
  }
  const there = pairOf(token, 'suspend')?.value
  if (!there) return [addSuspend(text, token, `suspend: ${flowMapText(fields)}`)]
  if (!isMap(there)) throw new EditError('`suspend` is no map')
  return Object.entries(fields).flatMap(([key, value]) => setField(text, there, key, value))
}

/**
 * What ends a suspension of the place; where it has none, or only that is `asked`, the pause of its rollout, which may be somebody else's.
 * Nothing where there is neither.
 */
export function resumeSplices(
  text: string,
  place: Place,
  asked: 'resume' | 'resume-rollout' = 'resume',
): readonly Splice[] {
  const token = tokenAt(text, place.offset, pathOf(place))
  if (!isMap(token)) return []
  const own = asked === 'resume' ? pairOf(token, 'suspend') : undefined
  const collapsed = own && place.index !== undefined ? plainMember(text, token) : undefined
  if (collapsed) return [collapsed]
  if (own) return removePair(text, token, own)
  return place.index === undefined ? unpauseSplices(text, token) : []
}

/** A person's pause of a rollout goes, and how to roll out stays. */
function unpauseSplices(text: string, spec: MapToken): readonly Splice[] {
  const { value: rollout, sep } = pairOf(spec, 'rollout') ?? {}
  const paused = pairOf(rollout, 'paused')
  if (!paused || !isMap(rollout)) return []
  if (pairsOf(rollout).length > 1) return removePair(text, rollout, paused)
  if (rollout.type === 'flow-collection') return [{ start: rollout.offset, end: endOf(rollout), text: '{}' }]
  // A `rollout` that says nothing rolls out as usual; without it nothing would be rolled out step by step.
  const colon = sep?.find(({ type }) => type === 'map-value-ind')?.offset ?? rollout.offset
  if (text.slice(colon, endOf(rollout)).includes('#')) throw new EditError('there is a comment inside `rollout`')
  return [{ start: colon, end: endOf(rollout), text: ': {}' }]
}

function pathOf({ index }: Place): readonly (string | number)[] {
  return index === undefined ? ['spec'] : ['spec', 'mailboxes', index]
}

/** How people see it: before the list of members, which may be long. */
function addSuspend(text: string, map: MapToken, pair: string): Splice {
  const pairs = pairsOf(map)
  const mailboxes = pairOf(map, 'mailboxes')
  if (!mailboxes || map.type === 'flow-collection') return addPair(text, map, pair)
  const before = pairs[pairs.indexOf(mailboxes) - 1]
  return before ? addPair(text, map, pair, before) : addPairBefore(text, map, pair, mailboxes)
}

function setField(text: string, map: MapToken, key: string, value: string): readonly Splice[] {
  const there = pairOf(map, key)?.value
  if (!there) return [addPair(text, map, `${key}: ${scalarText(value)}`)]
  const isSame = 'source' in there && there.type !== 'block-scalar' && there.source === scalarText(value)
  return isSame ? [] : [replaceValue(text, there, scalarText(value))]
}

/** The address of a plain member as it was written, where it can stand in braces as it is. */
function addressText(text: string, token: CST.Token): string {
  const written = text.slice(token.offset, endOf(token))
  if (token.type === 'single-quoted-scalar' || token.type === 'double-quoted-scalar') return written
  if (token.type === 'scalar' && /^[A-Za-z0-9][A-Za-z0-9_.+-]*@[A-Za-z0-9_.+-]+$/.test(written)) return written
  return scalarText(CST.resolveAsScalar(token)?.value ?? '')
}

/** `{ address: ann@contoso.com, suspend: { … } }` on one line, where no comment can be inside, becomes the plain address it was. */
function plainMember(text: string, map: MapToken): Splice | undefined {
  const address = pairOf(map, 'address')?.value
  if (map.type !== 'flow-collection' || !address || pairsOf(map).length !== 2) return undefined
  const end = endOf(map)
  if (text.slice(map.offset, end).includes('\n')) return undefined
  return { start: map.offset, end, text: text.slice(address.offset, endOf(address)) }
}
