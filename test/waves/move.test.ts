import { it } from 'vitest'
import { playMove } from './move.ts'

it('300 mailboxes move in waves, stop at the broken one, and end where the spec says', async () => {
  await playMove({ mailboxes: 300, waves: [5, 25, 50], maximumInFlight: 40 })
}, 60_000)
