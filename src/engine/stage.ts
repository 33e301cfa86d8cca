// The contract of a stage. A stage brings desired and actual state into one comparable shape, reads and writes in bulk, and names its
// fields in words. Comparing, ordering, guarding, journaling and reading back are the engine's and the same for all stages.
import type { Change } from './change.ts'
import type { Fields, FieldValue, Key, Observed, Read, Reason } from './observation.ts'
import type { Exception } from './plan.ts'
import type { Projection } from './projection.ts'
import type { RemoteRecord } from './record.ts'

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
  /** Mail from before today is pulled into CRM. */
  | 'old-mail'
  /** Mail is deleted in Exchange once CRM has it. */
  | 'delete-mail'
  /** What every new object gets is another one. */
  | 'default'
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

/** How one field is compared, weighed and told: pure functions of values as they stand in the comparable shape. */
export interface FieldRule<V extends FieldValue = FieldValue> {
  /** True where the actual value satisfies the desired one. Default: equal by value. */
  satisfied?(desired: V, actual: V): boolean
  /** True where a write took effect. Default: `satisfied(to, after)`. */
  effective?(to: V, before: V | undefined, after: V): boolean
  effect(from: V | undefined, to: V): Effect
  words(from: V | undefined, to: V): Phrase
  /** The remote system changes this value by itself: it is not part of a change's identity, and its moving does not refuse a write. */
  readonly volatile?: boolean
  /** What was proven of the object before this field changed holds after it as well. */
  readonly keepsProof?: true
}

/** What a change brings about beside what its fields say, for example old mail that is pulled after a move. No part of a change's id. */
export interface Consequence {
  /** Absent: it is only told, and no guard counts it. */
  readonly effect?: Effect
  readonly phrase: Phrase
}

/** What is known when a change is weighed. */
export interface ConsequenceContext<D> {
  readonly desired: D
  readonly projection: Projection
  readonly now: Date
  /** False where a person leaves the changes of that stage to this object out of the plan. */
  isChosen(stage: string): boolean
}

/** Where a slice stands in something that is rolled out in waves. The waves of one name follow one another. */
export interface RolloutPlace {
  /** What is rolled out, for example the name of a set. */
  readonly name: string
  /** From 1; 0 is the canary, which goes before the waves. */
  readonly wave: number
  /** How many waves there are, without the canary. */
  readonly waves: number
  /** The wave that this one waits for: it is under way, or it stopped the rollout. */
  readonly waitsFor?: number
}

/** A part of the changes of one stage. Slices follow one another; one that `waits` is planned, reviewed and approved, but not applied in this pass. */
export interface Slice {
  /** `all`, `canary`, `wave 1`, `rest`. */
  readonly name: string
  readonly changes: readonly Change[]
  /** What it waits for, and what a person can do. */
  readonly waits?: Reason
  /** How long it takes until its results are there, as far as that can be told. */
  readonly estimateMs?: number
  readonly rollout?: RolloutPlace
}

/** What a stage is given to spread its changes over passes. */
export interface PaceContext<D> {
  readonly desired: D
  /** What was observed before any change, by stage; also of later stages. */
  readonly reads: ReadonlyMap<string, Read>
  readonly projection: Projection
  /** Wished objects of this stage that are neither in sync nor changed; also those nobody chose. */
  readonly exceptions: ReadonlyMap<Key, Exception>
  /** Changes that are not to be spread but open: the person who planned left them out, or they need one that waits. */
  readonly leftOut: ReadonlyMap<Key, Change>
  readonly now: Date
  /** True where a person allowed, for this object, what the guard of that name objects to. */
  allows(guard: string, key: Key): boolean
}

/** What is asked about. */
export interface Subject {
  readonly kind: string
  readonly key: Key
}

/** What a stage is given to explain an object. `reads` and `projection` are those of a pass that only read. */
export interface ExplainContext<D> {
  readonly desired: D
  readonly reads: ReadonlyMap<string, Read>
  readonly projection: Projection
  readonly now: Date
}

/** One link of the chain that makes an object work. The first one that is `broken` is what a person is told. */
export interface Link {
  /** One word or two, for example `approval`. */
  readonly name: string
  /** `told`: neither good nor bad, or not this version's business. */
  readonly state: 'good' | 'broken' | 'unknown' | 'told'
  /** What it is like, without a full stop: `approved on the user`. */
  readonly words: string
  /** What shows it: an alert, a value, a file with its line. */
  readonly evidence?: string
  /** When that was seen or happened, ISO 8601 in UTC. */
  readonly at?: string
  /** A sentence: the one thing to do. Only where it is broken or unknown. */
  readonly next?: string
}

/** Another object that must be in order first, or a check that must have passed. */
export interface Dependency {
  readonly stage: string
  readonly key: Key
  /** Not only its creation must be done first, its update too: a plan that leaves it out leaves out what depends on it. */
  readonly updated?: true
}

/** What the spec asks of one object. Fields that are absent are not managed. */
export interface Wish<F extends Fields = Fields> {
  readonly ensure: 'present' | 'absent'
  readonly fields: Partial<F>
  readonly label: string
  readonly origin: Origin
  readonly needs?: readonly Dependency[]
  /** The spec holds the object back: what would be done is told and not done, whatever it is. */
  readonly hold?: Reason
  /** The wish cannot be told completely (for example an owner that is not found): nothing is written for it. */
  readonly unclear?: Reason
  /** Although it is unclear, what only stops is done: the rest does not matter to that. */
  readonly stopsAllTheSame?: true
}

/** What a stage is given to observe with. A reader cannot write, by type. */
export interface ObserveContext<D, Reader> {
  readonly reader: Reader
  readonly desired: D
  /** `all` for planning; the keys about to be written, or just written, for applying. */
  readonly keys: 'all' | ReadonlySet<Key>
  readonly now: Date
  readonly signal: AbortSignal
  /**
   * When a change of ours was last applied to the object, as far as that is remembered (ISO 8601). It may veto and be told. What it permits
   * (removing what we added), it permits only where everything else speaks for it too.
   */
  readonly changedAt?: ((key: Key) => string | undefined) | undefined
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
  /** What else came of the write, and must be told even where it took effect. */
  readonly harm?: Reason
}

/** What a stage is given to write with. `reader` holds what was read just before, for resolving names to identifiers. */
export interface ApplyContext<D, Reader, Writer> {
  readonly writer: Writer
  readonly reader: Reader
  readonly desired: D
  readonly now: Date
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
  desire(desired: D, projection: Projection, now: Date): Iterable<readonly [Key, Wish<F>]>
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
  /** What a change needs beside what its wish needs, where that depends on the fields it writes. */
  needs?(key: Key, fields: Partial<F>, projection: Projection): readonly Dependency[]
  /** What a change brings about beside its fields. `fields` are those that will be written. */
  consequences?(
    key: Key,
    fields: Partial<F>,
    wish: Wish<F>,
    row: Observed<F, Ref> | undefined,
    context: ConsequenceContext<D>,
  ): readonly Consequence[]
  /** Spreads the changes over passes: waves, and tests that are metered. Every change is in exactly one slice. Default: one slice, now. */
  pace?(changes: readonly Change[], context: PaceContext<D>): Iterable<Slice>
  /** Its links of the chain that makes an object work; empty where it has nothing to say about it. */
  explain?(subject: Subject, context: ExplainContext<D>): readonly Link[]
  /** Why nobody wishes for an object (or for one that cannot be told), as the end of `18 mailboxes are not managed: …`; absent = no more is known. */
  unmanagedReason?(object: Observed<F, Ref> | Reason): string
  /** What it added must be known for good: of a scope whose memory is lost, the journal is asked when its objects were changed. */
  readonly ownsWhatItAdds?: true
  /** The row that a person changes when this object is changed by hand; undefined where there is none, or more than one could be meant. */
  record?(object: Observed<F, Ref>): RemoteRecord | undefined
  /** How creating or deleting an object is told. */
  words?(action: 'create' | 'delete', label: string): Phrase
  /**
   * Writes in bulk and returns; never waits for what the remote system does afterwards. May be called for further objects while earlier
   * ones are still being written: many objects of one step are written in no certain order.
   */
  apply?(context: ApplyContext<D, Reader, Writer>, assignments: readonly Assignment<F, Ref>[]): AsyncIterable<Reply>
}
