// What waits in a plan, and in which waves the rest goes: told once per rollout, not per change.
import { type Step, sentences, WAITS } from '../engine/index.ts'
import type { PassResult } from '../reconcile/contract.ts'
import type { ReportInput } from './plan-view.ts'
import type { Remark } from './remarks.ts'
import { count, minute, type Noun, number, sentenceList } from './wording.ts'

/** Codes of what keeps a whole rollout from going on by itself. */
const HELD: ReadonlySet<string> = new Set([WAITS.stopped, WAITS.paused, WAITS.unread])

/** One remark per rollout, and one for all that wait for a place among the tests. */
export function remarksOnPace(
  { result, desired }: Pick<ReportInput, 'result' | 'desired'>,
  nounOf: (stage: string) => Noun,
): readonly Remark[] {
  const { steps } = result.plan
  const names = [...new Set(steps.flatMap(({ rollout }) => rollout?.name ?? []))]
  const rollouts = names.flatMap((name) => {
    const own = steps.filter(({ rollout }) => rollout?.name === name)
    const prefix = names.length > 1 ? `${name}: ` : ''
    const hasCanary = (desired.rollouts?.get(name)?.canary.length ?? 0) > 0
    return [...heldRemarks(own, nounOf), ...waveRemarks(own, prefix, hasCanary), ...untestedRemarks(name, desired)]
  })
  return [...rollouts, ...commonRemarks(steps, nounOf)]
}

/** Waves of mailboxes that nobody tests have no results to wait for. */
function untestedRemarks(name: string, { mailboxes }: ReportInput['desired']): readonly Remark[] {
  const members = [...mailboxes.values()].filter(({ set, released }) => set === name && !released)
  if (members.length === 0 || members.some(({ testAndEnable }) => testAndEnable)) return []
  const text = `no mailbox of the set "${name}" is tested, so each wave goes as soon as those before are changed`
  const next = 'Write `testAndEnable: true` to have it wait until they work.'
  return [{ heading: 'rollout', code: 'RolloutUntested', text, next, names: [] }]
}

function heldRemarks(steps: readonly Step[], nounOf: (stage: string) => Noun): readonly Remark[] {
  const held = steps.filter(({ waits }) => waits && HELD.has(waits.code))
  const [first] = held
  if (!first?.waits) return []
  const { what: why, next } = sentences(first.waits.message)
  const told = { heading: 'rollout', code: first.waits.code, text: `${waiting(held, nounOf)}: ${why}`, names: [] }
  return [next === undefined ? told : { ...told, next }]
}

/** Codes of what waits no matter in which wave it is. */
const COMMON: readonly string[] = [WAITS.place, WAITS.service, WAITS.unread]

function commonRemarks(steps: readonly Step[], nounOf: (stage: string) => Noun): readonly Remark[] {
  return COMMON.flatMap((code) => {
    const held = steps.filter(({ waits, rollout }) => waits?.code === code && !(rollout && HELD.has(code)))
    const [first] = held
    if (!first?.waits) return []
    const { what: why, next } = sentences(first.waits.message)
    const told = { heading: 'waiting', code, text: `${waiting(held, nounOf)}: ${why}`, names: [] }
    return [next === undefined ? told : { ...told, next }]
  })
}

function waiting(steps: readonly Step[], nounOf: (stage: string) => Noun): string {
  const changes = steps.flatMap((step) => step.changes)
  const total = count(new Set(changes.map(({ key }) => key)).size, nounOf(steps[0]?.stage ?? ''))
  return total.startsWith('1 ') ? `${total} waits` : `${total} wait`
}

/** `first ann@contoso.com, then 2, then 9; each wave waits for its tests` */
function waveRemarks(steps: readonly Step[], prefix: string, hasCanary: boolean): readonly Remark[] {
  const waves = [...byWave(steps.filter(({ waits }) => !waits || !HELD.has(waits.code))).values()]
  const [first, ...others] = waves
  const place = first?.[0]?.rollout
  if (!first || !place || (place.waves === 1 && !hasCanary)) return []
  const turn = first.find(({ waits }) => waits?.code === WAITS.turn)?.waits
  const begin = place.wave === (hasCanary ? 0 : 1) ? 'first' : `${placeInWords(place)}:`
  const head = turn ? `${turn.message}, then ${number(sizeOf(first))}` : `${begin} ${whoOf(first)}`
  const then = others.map((wave) => `then ${number(sizeOf(wave))}`)
  const ending = others.length > 0 ? '; each wave waits for its tests' : ''
  const text = `${prefix}${[head, ...then].join(', ')}${ending}`
  return [{ heading: 'rollout', code: turn?.code ?? 'RollsOut', text, names: [] }]
}

function byWave(steps: readonly Step[]): ReadonlyMap<number, readonly Step[]> {
  const waves = new Map<number, Step[]>()
  for (const step of steps) {
    const wave = step.rollout?.wave ?? 0
    waves.set(wave, [...(waves.get(wave) ?? []), step])
  }
  return waves
}

function sizeOf(wave: readonly Step[]): number {
  return new Set(wave.flatMap(({ changes }) => changes.map(({ key }) => key))).size
}

function whoOf(wave: readonly Step[]): string {
  const labels = new Map(wave.flatMap(({ changes }) => changes.map(({ key, label }) => [key, label] as const)))
  const [only = ''] = labels.values()
  return labels.size === 1 ? only : number(labels.size)
}

/** Where a rollout is: `the canary`, `wave 2 of 4`. */
export function placeInWords({ wave, waves }: { readonly wave: number; readonly waves: number }): string {
  return wave === 0 ? 'the canary' : `wave ${wave} of ${waves}`
}

/** Since when rollouts stand where they do: `sales at wave 2 of 4 since 2026-11-20 09:14 UTC`; empty where nothing rolls out. */
export function rolloutsInWords({ rollouts }: Pick<PassResult, 'rollouts'>): string {
  const all = [...(rollouts ?? [])].map(
    ([name, progress]) => `${name} at ${placeInWords(progress)} since ${minute(progress.since)}`,
  )
  return sentenceList(all)
}

/** How long the results of a plan take, as far as that can be told: `about 6 minutes`; empty where nothing is tested. */
export function estimateInWords(steps: readonly Pick<Step, 'estimateMs'>[]): string {
  const minutes = steps.reduce((sum, { estimateMs = 0 }) => sum + estimateMs, 0) / 60_000
  if (minutes === 0) return ''
  if (minutes < 1.5) return 'about a minute'
  if (minutes < 90) return `about ${Math.round(minutes)} minutes`
  return `about ${Math.round(minutes / 60)} hours`
}
