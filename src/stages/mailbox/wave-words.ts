// What people are told of a rollout that waits: for what, or what failed of how many and why, and what to do.
import { type Reason, sentences, WAITS } from '../../engine/index.ts'
import type { Rollout, Wave } from './rollout.ts'
import type { Tally } from './wave-state.ts'

/** It is not its turn: another wave is not finished. */
export function waitsFor(set: string, { name }: Wave, { running, pending, failed, healthy }: Tally): Reason {
  const parts = [
    pending > 0 ? `${mailboxes(pending)} to be changed` : '',
    running > 0 ? (running === 1 ? '1 test runs' : `${running} tests run`) : '',
    running + pending === 0 && healthy === 0 ? 'none of it works yet' : '',
    failed.length > 0 ? `${failed.length} failed` : '',
  ].filter((part) => part !== '')
  return { code: WAITS.turn, message: `waits for ${waveOf(set, name)} (${parts.join(', ')})` }
}

/** Too much of a wave failed, or something that will fail everywhere. */
export function stoppedBy(
  set: string,
  { name }: Wave,
  { members, failed, repeating }: Tally,
  { maximumFailurePercent }: Rollout,
): Reason {
  const where = waveOf(set, name)
  if (failed.length === 0) {
    const message = `stopped before ${where}: none of it can be tried. Name another canary.`
    return { code: WAITS.stopped, message }
  }
  const [why, next] = partsOf(repeating?.message ?? commonest(failed))
  const same = failed.filter(({ message }) => partsOf(message)[0] === why).length
  const share = `${failed.length} of ${mailboxes(members)} failed (${percent(failed.length, members)} %`
  const limit = repeating
    ? `${share}), and this cause will fail everywhere`
    : `${share}, the limit is ${maximumFailurePercent} %)`
  const cause = failed.length === same ? why : `${same} because ${why}, the others for other causes`
  return {
    code: WAITS.stopped,
    message: `stopped at ${where}: ${limit}: ${cause}. ${next}Then test again; or go on all the same with \`--allow rollout\`.`,
  }
}

/** The spec or the configuration holds it back. */
export function pausedBy(set: string, { reason, owner }: NonNullable<Rollout['paused']>): Reason {
  const who = owner === undefined ? '' : `, ${owner} ends it`
  return { code: WAITS.paused, message: `the rollout of the set "${set}" is paused: ${reason}${who}` }
}

/** Nobody can tell how the waves before are. */
export function notKnown(set: string, why: string): Reason {
  const message = `the rollout of the set "${set}" waits, because it is not known how its tests ended: ${why}`
  return { code: WAITS.unread, message }
}

/** There are as many tests as there may be. */
export function metered(inFlight: number, maximum: number): Reason {
  const message = `at most ${maximum} tests may be under way at once${inFlight === 0 ? '' : `, and ${inFlight} are`}`
  return { code: WAITS.place, message }
}

function waveOf(set: string, name: string): string {
  const told = /^(canary|rest)$/.test(name) ? `the ${name}` : name
  return `${told} of the set "${set}"`
}

function mailboxes(count: number): string {
  return count === 1 ? '1 mailbox' : `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} mailboxes`
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 100)
}

function commonest(reasons: readonly Reason[]): string {
  const counts = new Map<string, number>()
  for (const { message } of reasons) {
    const [why] = partsOf(message)
    counts.set(why, (counts.get(why) ?? 0) + 1)
  }
  const [most = ''] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? []
  return reasons.find(({ message }) => partsOf(message)[0] === most)?.message ?? most
}

/** A verdict as its cause and its next step: which direction failed and when is each mailbox's own. */
function partsOf(message: string): readonly [why: string, next: string] {
  const { what, next = '' } = sentences(message)
  const why = what.replace(/^.*? UTC: /, '').replace(/\.$/, '')
  return [why, next === '' ? '' : `${next.endsWith('.') ? next : `${next}.`} `]
}
