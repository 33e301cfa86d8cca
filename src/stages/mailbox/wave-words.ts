// What people are told of a rollout that waits: for what, or what failed of how many and why, and what to do.
import { type Reason, sentences, WAITS } from '../../engine/index.ts'
import type { Rollout, Wave } from './rollout.ts'
import type { Tally } from './wave-state.ts'

/** It is not its turn: another wave is not finished. */
export function waitsFor(set: string, { name }: Wave, tally: Tally): Reason {
  const { running, retesting, pending, unclear, failed, healthy } = tally
  const parts = [
    pending > 0 ? `${mailboxes(pending)} to be changed or tested` : '',
    unclear > 0 ? `${mailboxes(unclear)} without a clear result` : '',
    running > 0 ? (running === 1 ? '1 test runs' : `${running} tests run`) : '',
    retesting > 0 ? `${mailboxes(retesting)} tested again` : '',
    running + retesting + pending + unclear === 0 && healthy === 0 ? 'none of it works yet' : '',
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
  const told = repeating ?? commonest(failed)
  const [why, next] = partsOf(told?.message ?? '')
  const same = failed.filter(({ code }) => code === told?.code).length
  const share = `${failed.length} of ${mailboxes(members)} failed (${percent(failed.length, members)} %`
  const limit = repeating
    ? `${share}), and this cause will fail everywhere`
    : `${share}, the limit is ${maximumFailurePercent} %)`
  const cause = failed.length === same ? why : `${same} because ${why}, the others for other causes`
  return {
    code: WAITS.stopped,
    message: `stopped at ${where}: ${limit}: ${cause}. ${next}Then \`mailkeel test --failed --set ${set}\`; or go on all the same with \`mailkeel apply --allow rollout\`.`,
  }
}

/** The spec or the configuration holds it back. */
export function pausedBy(set: string, { reason, owner }: NonNullable<Rollout['paused']>, isOfAll = false): Reason {
  const who = owner === undefined ? '' : `, ${owner} ends it`
  const next = isOfAll ? 'Take `rollout.paused` out of the configuration' : `\`mailkeel resume ${set}\` lets it go on`
  const message = `the rollout of the set "${set}" is paused: ${reason}${who}. ${next}; no flag passes a pause.`
  return { code: WAITS.paused, message }
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

/** Nothing is processed at all, so no test would end. */
export function serviceOff(): Reason {
  const message =
    'CRM processes no mailbox at all, so no test would end. Start the asynchronous service of CRM, and see that its background operations are on.'
  return { code: WAITS.service, message }
}

/** Nobody can tell how many tests there are. */
export function notCounted(): Reason {
  return {
    code: WAITS.unread,
    message: 'it is not known how many tests are under way, because mailboxes were not read',
  }
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

/** The first of the failures whose code is the most frequent. */
function commonest(reasons: readonly Reason[]): Reason | undefined {
  const counts = new Map<string, number>()
  for (const { code } of reasons) counts.set(code, (counts.get(code) ?? 0) + 1)
  const [most] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? []
  return reasons.find(({ code }) => code === most)
}

/** A verdict as its cause and its next step: which direction failed and when is each mailbox's own. */
function partsOf(message: string): readonly [why: string, next: string] {
  const { what, next = '' } = sentences(message)
  const why = what.replace(/^.*? UTC: /, '').replace(/\.$/, '')
  return [why, next === '' ? '' : `${next.endsWith('.') ? next : `${next}.`} `]
}
