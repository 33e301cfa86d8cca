import { it } from 'vitest'
import { playMove } from './move.ts'

it('5,000 mailboxes move in waves, stop at the broken one, and end where the spec says', async () => {
  await playMove({ mailboxes: 5000, waves: [1, 10, 25], maximumInFlight: 100 })
}, 1_800_000)
