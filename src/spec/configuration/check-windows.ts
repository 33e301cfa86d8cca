import type { ChangeWindow, Configuration } from '../generated/types.ts'
import type { Path } from '../yaml/positions.ts'
import type { Report } from './check-identities.ts'
import { windowFault } from './schedule.ts'

/** Where windows stand: those of all, and those of one organization in their place. */
type Windows = Pick<Configuration['spec'], 'changeWindows' | 'organizations'>

/** Every window opens some day, in a time zone that exists, and has a name of its own. */
export function checkWindows({ changeWindows, organizations }: Windows, now: Date, report: Report): void {
  checkList(changeWindows, ['changeWindows'], now, report)
  for (const [name, endpoint] of Object.entries(organizations)) {
    checkList(endpoint.changeWindows ?? [], ['organizations', name, 'changeWindows'], now, report)
  }
}

function checkList(windows: readonly ChangeWindow[], path: Path, now: Date, report: Report): void {
  const names = new Set<string>()
  for (const [index, window] of windows.entries()) {
    const { name } = window
    if (names.has(name)) report([...path, index, 'name'], `there are two windows \`${name}\``)
    names.add(name)
    const fault = windowFault(window, now)
    if (fault) report([...path, index, fault.field], fault.message)
  }
}
