import type { RunningSimulator } from '../../simulator/index.ts'
import type { DemoMember } from './spec-files.ts'

/** Everybody an organization has a mailbox for, but its own service account. */
export function membersOf({ world }: Pick<RunningSimulator, 'world'>): readonly DemoMember[] {
  const members: DemoMember[] = []
  for (const row of world.rows('mailbox').values()) {
    const { emailaddress: address, regardingobjectid: holder, isserviceaccount: isService } = row
    if (isService === true || typeof address !== 'string' || holder === null || typeof holder !== 'object') continue
    members.push({ address: address.toLowerCase(), type: holder.entity === 'queue' ? 'Queue' : 'User' })
  }
  return members.sort((a, b) => (a.address < b.address ? -1 : 1))
}
