// The contract of a stage. A stage brings desired and actual state into one comparable shape, reads and writes in bulk, and names its
// fields in words. Comparing, ordering, guarding, journaling and reading back are the engine's and the same for all stages.
import type { Change } from './change.ts'
import type { Fields, FieldValue, Key, Observed, Read, Reason } from './observation.ts'
import type { Projection } from './projection.ts'

/** Where a wish was written: 1-based line and column of a file of the spec. */
export interface Origin {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What a change does to people; guards count these. */
export type Effect =
  | 'create'
  | 'delete'
  | 'rename'
  | 'move'
  | 'start'
  | 'stop'
  | 'approve'
  | 'unapprove'
  | 'claim'
  | 'release'
  | 'test'
  | 'adjust'

/** True where mail of people ends: what stops, takes an approval away, or deletes. */
export function isStopping(effects: readonly Effect[]): boolean {
  return effects.some((effect) => effect === 'stop' || effect === 'unapprove' || effect === 'delete')
}

/** A change in words. `group` heads the line in a plan; the sentences follow a label or a count: "ann is approved", "3 mailboxes are approved". */
export interface Phrase {
  readonly group: string
  readonly one: string
  readonly many: string
}

/** How one field is compared, weighed and told. Values are given as they stand in the comparable shape. */
export interface FieldRule<V extends FieldValue = FieldValue> {
  /** True where the actual value satisfies the desired one. Default: equal by value. */
  satisfied?(desired: V, actual: V): boolean
  /** True where a write took effect. Default: `satisfied(to, after)`. */
  effective?(to: V, before: V | undefined, after: V): boolean
  effect(from: V | undefined, to: V): Effect
  words(from: V | undefined, to: V): Phrase
  /** The remote system changes this value by itself: it is not part of a change's identity, and its moving does not refuse a write. */
  readonly volatile?: boolean
}

/** Another object that must be in order first. */
export interface Dependency {
  readonly stage: string
  readonly key: Key
}

/** What the spec asks of one object. Fields that are absent are not managed. */
export interface Wish<F extends Fields = Fields> {
  readonly ensure: 'present' | 'absent'
  readonly fields: Partial<F>
  readonly label: string
  readonly origin: Origin
  readonly needs?: readonly Dependency[]
  /** The wish cannot be told completely (for example an owner that is not found): nothing is written for it. */
  readonly unclear?: Reason
}

/** What a stage is given to observe with. A reader cannot write, by type. */
export interface ObserveContext<D, Reader> {
  readonly reader: Reader
  readonly desired: D
  /** `all` for planning; the keys about to be written, or just written, for applying. */
  readonly keys: 'all' | ReadonlySet<Key>
  readonly now: Date
  readonly signal: AbortSignal
}

/** A change on its way to a writer, with the object as it was read just before. `row` is absent where the object is to be created. */
export interface Assignment<F extends Fields = Fields, Ref = unknown> {
  readonly change: Change
  /** The fields to write: those of the change that nobody brought about since it was planned. */
  readonly fields: Partial<F>
  readonly row: Observed<F, Ref> | undefined
  readonly origin: Origin
}

/** What the writer said of one change. `unknown`: it may or may not have taken effect; the read-back decides. */
export interface Reply {
  readonly id: string
  readonly outcome: 'done' | 'failed' | 'unknown'
  readonly reason?: Reason
}

/** What a stage is given to write with. `reader` holds what was read just before, for resolving names to identifiers. */
export interface ApplyContext<D, Reader, Writer> {
  readonly writer: Writer
  readonly reader: Reader
  readonly desired: D
  readonly signal: AbortSignal
}

/** One step of the connection. */
export interface Stage<D, F extends Fields, Reader, Writer, Ref = unknown> {
  /** Kebab-case, for example `email-server-profile`; `--only` and plans use it. */
  readonly name: string
  /** What its objects are; stages that speak of the same objects share it and their keys, for example `Mailbox`. */
  readonly kind: string
  readonly noun: { readonly one: string; readonly many: string }
  readonly scope: 'tenant' | 'deployment' | 'organization'
  /** `checks` never writes: what is not ready is reported, and blocks or advises. */
  readonly mode: 'writes' | 'checks'
  readonly gate: 'blocks' | 'advises'
  readonly fields: { readonly [K in keyof F]: FieldRule<F[K]> }
  /** Reads in bulk. May throw: the engine turns that into an incomplete read. */
  observe(context: ObserveContext<D, Reader>): Promise<Read<F, Ref>>
  /** The actual state as it will be when the changes of earlier stages are done. Default: as observed. */
  project?(actual: Read<F, Ref>, earlier: Projection): Read<F, Ref>
  /** The wishes, each key once. They are asked for one after the other and not kept: yield them where there may be many. */
  desire(desired: D, projection: Projection): Iterable<readonly [Key, Wish<F>]>
  /** What it means that a complete read lacks a wished object: create it, or wait for somebody else to. */
  absent(wish: Wish<F>): 'create' | Reason
  /** What a change brings with it, for example a test after a move. Also asked where nothing differs (`draft` empty). */
  entail?(
    key: Key,
    draft: Partial<F>,
    wish: Wish<F>,
    row: Observed<F, Ref> | undefined,
    projection: Projection,
  ): Partial<F>
  /** How creating or deleting an object is told. */
  words?(action: 'create' | 'delete', label: string): Phrase
  /** Writes in bulk and returns; never waits for what the remote system does afterwards. */
  apply?(context: ApplyContext<D, Reader, Writer>, assignments: readonly Assignment<F, Ref>[]): AsyncIterable<Reply>
}
