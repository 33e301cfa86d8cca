import { dayFault, endFault, timeFault } from '../dates.ts'
import { isOfKind, type SpecDocument } from '../document.ts'
import type { MemberFields } from '../members.ts'
import { problemAt } from '../problem.ts'
import type { Path } from '../yaml/positions.ts'
import type { CheckContext } from './context.ts'

/** Every date is one of the calendar. The schemas only see its form. */
export function checkDates(context: CheckContext): void {
  for (const document of context.spec.documents) {
    for (const [path, fault] of faultsOf(document)) {
      if (fault !== undefined) context.report(problemAt(document.origin(path, 'value'), fault))
    }
  }
}

function faultsOf(document: SpecDocument): (readonly [Path, string | undefined])[] {
  if (isOfKind(document, 'Tenant')) {
    return Object.entries(document.value.spec.attestations).map(([name, { on }]) => [
      ['spec', 'attestations', name, 'on'],
      dayFault(on),
    ])
  }
  if (isOfKind(document, 'EmailServerProfile')) {
    return [[['spec', 'processEmailFrom'], timeFault(document.value.spec.processEmailFrom)]]
  }
  if (isOfKind(document, 'Organization')) {
    return [[['spec', 'suspend', 'until'], endFault(document.value.spec.suspend?.until)]]
  }
  if (isOfKind(document, 'Override')) return [[['spec', 'expires'], timeFault(document.value.spec.expires)]]
  return isOfKind(document, 'MailboxSet') ? setFaults(document) : []
}

function setFaults(set: SpecDocument<'MailboxSet'>): (readonly [Path, string | undefined])[] {
  const { spec } = set.value
  const faults: (readonly [Path, string | undefined])[] = [
    [['spec', 'processEmailFrom'], dayFault(spec.processEmailFrom)],
    ...endFaults(['spec'], spec),
  ]
  for (const [index, member] of spec.mailboxes.entries()) {
    if (typeof member === 'string' || set.wrong.has(index)) continue
    if (member.processEmailFrom !== undefined)
      faults.push([['spec', 'mailboxes', index, 'processEmailFrom'], dayFault(member.processEmailFrom)])
    if (member.suspend ?? member.ignore) faults.push(...endFaults(['spec', 'mailboxes', index], member))
  }
  return faults
}

/** What ends must end on a day there is. */
function endFaults(at: Path, { suspend, ignore = [] }: Pick<MemberFields, 'suspend' | 'ignore'>) {
  const ends: (readonly [Path, string | undefined])[] = [[[...at, 'suspend', 'until'], endFault(suspend?.until)]]
  for (const [index, { until }] of ignore.entries()) ends.push([[...at, 'ignore', index, 'until'], endFault(until)])
  return ends
}
