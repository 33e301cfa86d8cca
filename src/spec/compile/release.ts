import type { DesiredMailbox } from '../desired.ts'

/**
 * The mailboxes of the previous revision that are gone from this one and whose set, or they themselves, said `onRelease: Stop`: each
 * becomes a wish for no synchronization at all. What was released with `Keep` is simply not there. A mailbox that goes on under a new
 * address is not released.
 */
export function releasedMailboxes(
  before: ReadonlyMap<string, DesiredMailbox>,
  now: ReadonlyMap<string, DesiredMailbox>,
): DesiredMailbox[] {
  const renamed = new Set([...now.values()].map((mailbox) => mailbox.previousAddress))
  const released: DesiredMailbox[] = []
  for (const [address, mailbox] of before) {
    if (mailbox.onRelease !== 'Stop' || now.has(address) || renamed.has(address)) continue
    if (mailbox.manage?.includes('settings') === false) continue
    released.push({
      address,
      type: mailbox.type,
      set: mailbox.set,
      useDefaults: false,
      incoming: 'None',
      outgoing: 'None',
      appointmentsContactsTasks: 'None',
      testAndEnable: false,
      onRelease: 'Stop',
      released: true,
      // Removing a mailbox from git must not do to it what holding it back was to prevent.
      ...(mailbox.policy === undefined ? {} : { policy: mailbox.policy }),
      ...(mailbox.suspensions === undefined ? {} : { suspensions: mailbox.suspensions }),
      origin: mailbox.origin,
    })
  }
  return released
}
