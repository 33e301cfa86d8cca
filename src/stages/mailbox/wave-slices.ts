import { type Change, type Key, type Reason, ROLLOUT, type Slice, WAITS } from '../../engine/index.ts'
import { type Rollout, type Wave, wavesOf } from './rollout.ts'
import { judgeWave, type Sight, tallyOf } from './wave-state.ts'
import { pausedBy, stoppedBy, waitsFor } from './wave-words.ts'

/** What the slices of a set are made from. */
export interface SetInput {
  readonly set: string
  /** No other set rolls out: its name goes without saying. */
  readonly isAlone: boolean
  readonly rollout: Rollout
  /** All members, in any order. */
  readonly members: readonly Key[]
  /** Changes of this set that go in waves. */
  readonly changes: readonly Change[]
  /** What is seen of the members, or why that is not known. */
  readonly sight: Sight | Reason
  allows(guard: string, key: Key): boolean
}

interface Part {
  readonly wave: Wave
  readonly index: number
  readonly changes: readonly Change[]
}

/** The changes of a set by wave, in order. Of each wave, what may go now and what waits are two slices. */
export function slicesOfSet(input: SetInput): readonly Slice[] {
  const { set, isAlone, rollout, sight, allows } = input
  const parts = partsOf(input)
  const shift = parts[0]?.wave.isCanary ? 0 : 1
  const sliceOf = ({ wave, index }: Part, changes: readonly Change[], waits: Waiting | undefined): Slice => ({
    name: isAlone ? wave.name : `${set}: ${wave.name}`,
    changes,
    ...(waits ? { waits: waits.reason } : {}),
    rollout: {
      name: set,
      wave: index + shift,
      waves: parts.length - 1 + shift,
      ...(waits?.for === undefined ? {} : { waitsFor: waits.for + shift }),
    },
  })
  const reason = rollout.paused
    ? pausedBy(set, rollout.paused, rollout.isPausedForAll)
    : 'code' in sight
      ? sight
      : undefined
  if (reason) return parts.map((part) => sliceOf(part, part.changes, { reason }))
  if ('code' in sight) return []
  const strictly = reasonsOf(input, parts, sight, false)
  if (!strictly.some(isStop)) return parts.map((part) => sliceOf(part, part.changes, strictly[part.index]))
  const freely = reasonsOf(input, parts, sight, true)
  let someoneGoes = false
  return parts.flatMap((part) => {
    const [strict, free] = [strictly[part.index], freely[part.index]]
    if (!isStop(strict)) return [sliceOf(part, part.changes, strict)]
    if (free) return [sliceOf(part, part.changes, someoneGoes ? free : strict)]
    // Asked only for what would go: whoever answers counts the objects that were asked about.
    const going = new Set(part.changes.filter(({ key }) => allows(ROLLOUT, key)))
    someoneGoes ||= going.size > 0
    const staying = part.changes.filter((change) => !going.has(change))
    return [sliceOf(part, [...going], undefined), sliceOf(part, staying, strict)]
  })
}

/** Why a wave waits, and for which by its index. */
interface Waiting {
  readonly reason: Reason
  readonly for?: number
}

function isStop(waiting: Waiting | undefined): boolean {
  return waiting?.reason.code === WAITS.stopped
}

function partsOf({ rollout, members, changes }: SetInput): readonly Part[] {
  const waves = wavesOf(members, rollout)
  const waveOf = new Map(waves.flatMap((wave, index) => wave.members.map((key) => [key, index] as const)))
  const byWave = waves.map((): Change[] => [])
  for (const change of changes) byWave[waveOf.get(change.key) ?? waves.length - 1]?.push(change)
  return waves.map((wave, index) => ({ wave, index, changes: byWave[index] ?? [] }))
}

/** What each wave waits for; undefined for those whose changes may go now. */
function reasonsOf(
  { set, rollout }: SetInput,
  parts: readonly Part[],
  sight: Sight,
  isAllowed: boolean,
): readonly (Waiting | undefined)[] {
  let waits: Waiting | undefined
  return parts.map(({ wave, index }) => {
    if (waits) return waits
    const tally = tallyOf(wave, sight)
    const judging = { openShare: openShare(parts.slice(index + 1), sight), isAllowed }
    const state = judgeWave(wave, tally, rollout, judging)
    if (state === 'finished') return undefined
    const reason = state === 'stopped' ? stoppedBy(set, wave, tally, rollout) : waitsFor(set, wave, tally)
    waits = { reason, for: index }
    return state === 'under way' ? undefined : waits
  })
}

function openShare(parts: readonly Part[], { open }: Sight): number {
  const members = parts.flatMap(({ wave }) => wave.members)
  return members.length === 0 ? 0 : members.filter((key) => open.has(key)).length / members.length
}
