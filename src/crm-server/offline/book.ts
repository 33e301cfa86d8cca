// The book of one deployment whose servers a person carries scripts to: what was asked for in this pass, what was handed out before, and what
// came back. Which answer counts is decided here and nowhere else.
//
// A read counts while it is young enough and no write on its server is newer. A write is heard once, and only while the plan still holds a
// change it was handed out for, and nothing else was handed out since. No write follows from an answer: what is planned follows from reads.
import type { ScriptAnswer, ScriptCall } from '../channel.ts'
import { answerOf } from '../frame.ts'
import { scriptOf } from '../scripts.ts'
import { type EmittedCall, inputDigest, type KeptAnswer, type OfflineRecords } from './records.ts'

/** A call that a pass made and nobody has answered. */
export interface Want {
  readonly server: string
  readonly call: ScriptCall
}

/** What a book is opened with. */
export interface BookOptions {
  readonly deployment: string
  /** Names of the servers that are carried to. */
  readonly servers: readonly string[]
  readonly records: OfflineRecords
  /** How old an answer may be. */
  readonly maxAgeMs: number
  readonly now: () => Date
}

/** Scripts that change what belongs to all servers. */
const DEPLOYMENT_WIDE: ReadonlySet<string> = new Set(['write-server-settings', 'write-tenant-id', 'switch-certificate'])

/** What is kept of answers is forgotten after so many times the age they count for. */
const REMEMBERED_AGES = 30

/** See the head of this file. It lives as long as a run. */
export class OfflineBook {
  readonly deployment: string
  readonly servers: readonly string[]
  readonly #maxAgeMs: number
  readonly #now: () => Date
  #records: OfflineRecords
  #planned: ReadonlySet<string> = new Set()
  #wants: Want[] = []
  /** Reads of this pass, wanted or answered. */
  #reads: Want[] = []
  readonly #answered = new Set<string>()

  constructor({ deployment, servers, records, maxAgeMs, now }: BookOptions) {
    this.deployment = deployment
    this.servers = servers
    this.#records = records
    this.#maxAgeMs = maxAgeMs
    this.#now = now
  }

  get records(): OfflineRecords {
    return this.#records
  }

  get maxAgeMs(): number {
    return this.#maxAgeMs
  }

  /** A new pass begins: what an earlier one wanted may not be wanted any more. */
  beginPass(): void {
    this.#wants = []
    this.#reads = []
    this.#answered.clear()
    this.#planned = new Set()
  }

  /** Ids of what the pass plans. */
  plan(changes: Iterable<string>): void {
    this.#planned = new Set(changes)
  }

  /** The answer to a call, or undefined: then it is wanted. A write is heard once. */
  answer(server: string, call: ScriptCall): ScriptAnswer | undefined {
    if (!call.script.writes) this.#noteRead(server, call)
    const found = this.#counting(server, call)
    if (!found) {
      this.want(server, call)
      return undefined
    }
    if (call.script.writes) this.#use(found)
    if (found.document.ok) this.#answered.add(call.script.id)
    return answerOf(found.document, found.ranAt)
  }

  /** Wants a call of a server after everything else that is wanted there. The same call may be wanted more than once. */
  want(server: string, call: ScriptCall): void {
    if (!call.script.writes && this.#wants.some((one) => isSame(one, { server, call }))) return
    this.#wants.push({ server, call })
  }

  /** What a person has to run, in this order. What belongs to all servers need not be read on a second one. */
  wants(): readonly Want[] {
    return this.#wants.filter(
      ({ call: { script } }) => script.id !== 'read-deployment' || !this.#answered.has(script.id),
    )
  }

  /** The reads that tell how a server is after something was written there. */
  readsOf(server: string): readonly ScriptCall[] {
    const reads = this.#reads.filter((one) => one.server === server).map(({ call }) => call)
    const useful = reads.filter((call) => this.#failure(server, call) !== 'SnapInMissing')
    // A narrower read of the same is told by the wider one.
    return useful.filter(
      (call) => !useful.some((wider) => wider !== call && covers(wider.input, call.input) && isWider(wider, call)),
    )
  }

  /** The file that was handed out for this call and is not answered; undefined where there is none. */
  handedOut(server: string, { script, input }: ScriptCall): string | undefined {
    const { emission, calls, answers } = this.#records
    const answered = new Set(answers.map(({ token }) => token))
    return calls.find(
      (one) =>
        one.emission === emission?.id &&
        one.server === server &&
        one.sha256 === script.sha256 &&
        covers(one.input, input) &&
        !answered.has(one.token),
    )?.file
  }

  /** Notes what was handed out. Whatever was handed out before is only good for its reads from now on. */
  handOut(emission: { readonly id: string; readonly changes: readonly string[] }, calls: readonly EmittedCall[]): void {
    const now = this.#now()
    const oldest = now.getTime() - REMEMBERED_AGES * this.#maxAgeMs
    const kept = this.#records.calls.filter(
      ({ at, token }) => Date.parse(at) >= oldest && !calls.some((one) => one.token === token),
    )
    const tokens = new Set([...kept, ...calls].map(({ token }) => token))
    this.#records = {
      v: 1,
      emission: { ...emission, at: now.toISOString() },
      calls: [...kept, ...calls],
      answers: this.#records.answers.filter(({ token }) => tokens.has(token)),
    }
  }

  /** Keeps answers that were found good. */
  keep(answers: readonly KeptAnswer[]): void {
    const tokens = new Set(answers.map(({ token }) => token))
    const others = this.#records.answers.filter(({ token }) => !tokens.has(token))
    this.#records = { ...this.#records, answers: [...others, ...answers] }
  }

  #noteRead(server: string, call: ScriptCall): void {
    if (!this.#reads.some((one) => isSame(one, { server, call }))) this.#reads.push({ server, call })
  }

  #failure(server: string, call: ScriptCall): string | undefined {
    const document = this.#counting(server, call)?.document
    return document && !document.ok ? document.error.code : undefined
  }

  #use(answer: KeptAnswer): void {
    this.keep([{ ...answer, isUsed: true }])
  }

  /** The newest answer that counts for a call. */
  #counting(server: string, { script, input }: ScriptCall): KeptAnswer | undefined {
    const oldest = this.#now().getTime() - this.#maxAgeMs
    const known = this.#joined().filter(
      ({ call, answer }) =>
        call.server === server &&
        call.sha256 === script.sha256 &&
        Date.parse(answer.ranAt) >= oldest &&
        (script.writes ? inputDigest(call.input) === inputDigest(input) : covers(call.input, input)),
    )
    const counting = script.writes
      ? known.filter((one) => this.#isStillMeant(one))
      : this.#unspoilt(known, server, script.id)
    const byAge = counting.map(({ answer }) => answer).sort((a, b) => Date.parse(a.ranAt) - Date.parse(b.ranAt))
    return script.writes ? byAge[0] : byAge.at(-1)
  }

  #isStillMeant({ call, answer }: Joined): boolean {
    const { emission } = this.#records
    if (answer.isUsed || call.emission !== emission?.id) return false
    return emission.changes.some((id) => this.#planned.has(id))
  }

  #unspoilt(known: readonly Joined[], server: string, script: string): readonly Joined[] {
    const writes = this.#joined().filter(
      ({ call }) =>
        call.writes && (call.server === server || (script === 'read-deployment' && DEPLOYMENT_WIDE.has(call.script))),
    )
    const newest = Math.max(...writes.map(({ answer }) => Date.parse(answer.ranAt)), Number.NEGATIVE_INFINITY)
    return known.filter(({ answer }) => Date.parse(answer.ranAt) >= newest)
  }

  #joined(): readonly Joined[] {
    const calls = new Map(this.#records.calls.map((call) => [call.token, call]))
    return this.#records.answers.flatMap((answer) => {
      const call = calls.get(answer.token)
      return call ? [{ call, answer }] : []
    })
  }
}

interface Joined {
  readonly call: EmittedCall
  readonly answer: KeptAnswer
}

/** The call that restarts the asynchronous services of a server. */
export function restartCall(): ScriptCall {
  return { script: scriptOf('restart-services'), input: {}, secrets: [] }
}

function isSame(a: Want, b: Want): boolean {
  return (
    a.server === b.server && a.call.script === b.call.script && inputDigest(a.call.input) === inputDigest(b.call.input)
  )
}

function isWider(wider: ScriptCall, call: ScriptCall): boolean {
  return wider.script === call.script && inputDigest(wider.input) !== inputDigest(call.input)
}

/** Whether who asked `wide` learned what `narrow` asks: the same, or of more organizations. */
function covers(wide: Readonly<Record<string, unknown>>, narrow: Readonly<Record<string, unknown>>): boolean {
  const { organizations: many, ...wideRest } = wide
  const { organizations: few, ...narrowRest } = narrow
  if (inputDigest(wideRest) !== inputDigest(narrowRest)) return false
  if (!Array.isArray(few)) return few === many
  return Array.isArray(many) && few.every((one) => many.includes(one))
}
