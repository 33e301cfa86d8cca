// One edit of one file: what it does to the text, and the proof that it does only that.
import { isDeepStrictEqual } from 'node:util'
import type { Suspension } from '../desired.ts'
import { lineStartsOf } from '../yaml/positions.ts'
import { EditError } from './edit-error.ts'
import { type Hunk, hunksOf } from './hunks.ts'
import { type Splice, spliced } from './splice.ts'
import { type Place, resumeSplices, suspendSplices } from './suspension.ts'
import type { Target } from './target.ts'

/** What to do to a target: suspend it, end its suspension (or, where it has none, the pause of its rollout), or end the pause alone. */
export type Asked = Suspension | 'resume' | 'resume-rollout'

/** An edit that was not written yet. */
export interface Edit {
  readonly bytes: Uint8Array
  /** Empty where everything is as asked already. */
  readonly hunks: readonly Hunk[]
}

const MARK = Uint8Array.of(0xef, 0xbb, 0xbf)

/** What a file becomes by doing what is asked. Everything it does not say stays byte for byte. Throws EditError where that cannot be done in place. */
export function editFile(bytes: Uint8Array, target: Target, asked: Asked): Edit {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  const place = placeOf(text, target)
  const splices: readonly Splice[] =
    typeof asked === 'string' ? resumeSplices(text, place, asked) : suspendSplices(text, place, asked)
  if (splices.length === 0) return { bytes, hunks: [] }
  const after = new TextEncoder().encode(spliced(text, splices))
  const isMarked = MARK.every((byte, index) => bytes[index] === byte)
  return { bytes: isMarked ? Buffer.concat([MARK, after]) : after, hunks: hunksOf(text, splices) }
}

function placeOf(text: string, { document, index }: Target): Place {
  const { line, column } = document.origin(['kind'])
  const offset = (lineStartsOf(text)[line - 1] ?? 0) + column - 1
  return index === undefined ? { offset } : { offset, index }
}

/** Throws EditError unless `after` is what the target's document says with only what was asked changed. */
export function proveEdit(target: Target, after: unknown, asked: Asked): void {
  if (!isDeepStrictEqual(plain(expected(target, asked)), plain(after))) {
    throw new EditError('the edit would change something else too; edit the file by hand')
  }
}

interface Loose {
  spec: Record<string, unknown> & { mailboxes?: unknown[]; rollout?: Record<string, unknown> }
}

function expected({ document, index }: Target, asked: Asked): unknown {
  const value = structuredClone(document.value) as unknown as Loose
  const holder = index === undefined ? value.spec : asMap(value.spec.mailboxes?.[index])
  const endsSuspension = asked === 'resume' && holder['suspend'] !== undefined
  if (endsSuspension) delete holder['suspend']
  else if (typeof asked !== 'string') holder['suspend'] = { ...asked }
  if (index === undefined) {
    if (typeof asked === 'string' && !endsSuspension && value.spec.rollout) delete value.spec.rollout['paused']
  } else if (value.spec.mailboxes) value.spec.mailboxes[index] = holder
  return value
}

function asMap(member: unknown): Record<string, unknown> {
  return typeof member === 'string' ? { address: member } : (member as Record<string, unknown>)
}

/** A member that says nothing but its address is the same in both forms. */
function plain(value: unknown): unknown {
  const { spec } = value as Loose
  if (spec.mailboxes === undefined) return value
  return { ...(value as object), spec: { ...spec, mailboxes: spec.mailboxes.map(plainMember) } }
}

function plainMember(member: unknown): unknown {
  const map = asMap(member)
  return Object.keys(map).length === 1 ? map['address'] : map
}
