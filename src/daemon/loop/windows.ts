// Change windows: when mailkeel may write. Windows may overlap, follow one another without a gap, and last over midnight; what counts is
// whether a moment is inside any of them. Looking is always allowed.
import type { Reason } from '../../engine/index.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import type { Schedule } from '../../spec/configuration/schedule.ts'

/** Whether a window is open. `until`: when nothing is open any more, absent where it never closes as far as one can see. */
export type WindowState =
  | { readonly open: true; readonly name?: string; readonly until?: Date }
  | { readonly open: false; readonly name: string; readonly reason: Reason; readonly opensAt?: Date }

/** The change windows of all scopes: of an organization by metadata.name, `undefined` of a trust. */
export type WindowClock = (organization: string | undefined, now: Date) => WindowState

/** Windows that follow one another without a gap are looked at so far; further off nobody needs to know. */
const CHAINED = 200

/** Where windows stand in the state of a moment. Without any window everything is open. Pure. */
export function windowAt(schedules: readonly Schedule[], now: Date): WindowState {
  const [first] = schedules
  if (!first) return { open: true }
  const current = openAt(schedules, now)
  if (!current) return closedUntil(schedules, first, now)
  let { closes } = current
  for (let more = 0; more < CHAINED; more += 1) {
    const next = openAt(schedules, closes)
    if (!next) return { open: true, name: current.name, until: closes }
    closes = next.closes
  }
  return { open: true, name: current.name }
}

/** The window that is open at a moment and closes last. */
function openAt(
  schedules: readonly Schedule[],
  at: Date,
): { readonly name: string; readonly closes: Date } | undefined {
  let last: { readonly name: string; readonly closes: Date } | undefined
  for (const { name, openForMs, lastOpening } of schedules) {
    const opened = lastOpening(at)
    if (!opened) continue
    const closes = new Date(opened.getTime() + openForMs)
    if (closes > at && (!last || closes > last.closes)) last = { name, closes }
  }
  return last
}

function closedUntil(schedules: readonly Schedule[], first: Schedule, now: Date): WindowState {
  let next: { readonly schedule: Schedule; readonly opensAt: Date } | undefined
  for (const schedule of schedules) {
    const opensAt = schedule.nextOpening(now)
    if (opensAt && (!next || opensAt < next.opensAt)) next = { schedule, opensAt }
  }
  if (!next) return { open: false, name: first.name, reason: closed(`\`${first.name}\` never opens again`) }
  const { schedule, opensAt } = next
  const { name, timeZone } = schedule
  return { open: false, name, reason: closed(`\`${name}\` opens ${timeIn(opensAt, timeZone, now)}`), opensAt }
}

function closed(when: string): Reason {
  return { code: 'NoChangeWindow', message: `no change window is open; ${when}` }
}

/**
 * The windows of a configuration. An organization has its own where it says any, also none, and else those of all; a trust has those of all.
 * What reads cron is loaded only where there are windows.
 */
export async function windowsOf({ spec }: Pick<RuntimeConfiguration, 'spec'>): Promise<WindowClock> {
  const own = Object.entries(spec.organizations).flatMap(([name, { changeWindows }]) =>
    changeWindows ? [[name, changeWindows] as const] : [],
  )
  if ([spec.changeWindows, ...own.map(([, windows]) => windows)].every(({ length }) => length === 0)) return ALWAYS
  const { scheduleOf } = await import('../../spec/configuration/schedule.ts')
  const ofAll = spec.changeWindows.map(scheduleOf)
  const byName = new Map(own.map(([name, windows]) => [name, windows.map(scheduleOf)]))
  return (organization, now) =>
    windowAt((organization === undefined ? undefined : byName.get(organization)) ?? ofAll, now)
}

const ALWAYS: WindowClock = () => ({ open: true })

/** `20:00 Europe/Berlin`, with the day where it is another one. */
function timeIn(at: Date, timeZone: string, now: Date): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const [day, time] = format.format(at).split(' ')
  const [today] = format.format(now).split(' ')
  return day === today ? `${time} ${timeZone}` : `${day} ${time} ${timeZone}`
}
