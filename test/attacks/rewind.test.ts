import { expect, it } from 'vitest'
import { FIRST, startFleet } from '../daemon/fleet.ts'
import { fakeSource } from '../daemon/harness.ts'

const MINUTE_MS = 60_000

it('A28: the revision that was taken last is known after a restart, so that an old one is refused, and changes nothing', async () => {
  const { harness, spec, restart } = await startFleet()
  const taken = await harness.push(spec())
  const source = fakeSource(harness.machine.now)
  source.answerWith({
    outcome: 'Refused',
    info: { id: 'old', seenAt: harness.machine.now().toISOString() },
    reason: { code: 'NotFastForward', message: 'the branch was moved back' },
  })

  const again = await restart({ source })
  await again.advance(5 * MINUTE_MS)

  expect(source.accepted[0]).toBe(taken)
  expect(again.daemon.board.source().refused).toMatchObject({
    revision: { id: 'old' },
    reason: { code: 'NotFastForward' },
  })
  expect(again.daemon.board.scope(`organization/${FIRST}`)).toBeUndefined()
})
