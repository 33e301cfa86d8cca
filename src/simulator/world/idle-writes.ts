import { isProcessing } from './async-service.ts'
import { type Core, systemUser, touch } from './core.ts'
import { numberIn } from './row-values.ts'

/**
 * Writes up to `count` active mailboxes as the asynchronous service does in every cycle: nothing a person set changes, but row version and
 * modifiedon do. Returns the ids; none where nothing runs in the background.
 */
export function idleWrites(core: Core, count: number): readonly string[] {
  if (!isProcessing(core)) return []
  const now = core.clock.nowText()
  const active = [...core.store.rows('mailbox')].filter(([, row]) => row['statecode'] === 0)
  const first = active.length === 0 ? 0 : core.random.below(active.length)
  const chosen = [...active.slice(first), ...active.slice(0, first)].slice(0, Math.max(0, count))
  for (const [id, row] of chosen) {
    touch(core, systemUser(core), 'mailbox', id, {
      processinglastattemptedon: now,
      lastsyncstartedon: now,
      lastsuccessfulsynccompletedon: now,
      processedtimes: numberIn(row, 'processedtimes') + 1,
    })
  }
  return chosen.map(([id]) => id)
}
