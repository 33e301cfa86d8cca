// What stages that only check have in common: whatever they looked at is wished for, and nothing of it has fields.
import type { Key, Origin, Projection, Wish } from '../engine/index.ts'

/** Checks have no fields, only verdicts. */
export type NoFields = Readonly<Record<never, never>>

/** A wish for every check that the stage of this name made; none where it could not look. `origin`: where what is checked was written. */
export function checkWishes(stage: string, projection: Projection, origin: Origin): ReadonlyMap<Key, Wish<NoFields>> {
  const read = projection.read(stage)
  const wishes = new Map<Key, Wish<NoFields>>()
  if (!read?.complete) return wishes
  for (const [key, { label = key }] of read.rows) wishes.set(key, { ensure: 'present', fields: {}, label, origin })
  return wishes
}
