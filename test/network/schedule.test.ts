import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { pause, realSchedule } from '../../src/network/schedule.ts'
import { manualTime } from './manual-time.ts'

test('a pause ends when its time has passed, and leaves no listener', async () => {
  const time = manualTime()
  const { signal } = new AbortController()
  let isOver = false
  const waiting = pause(100, signal, time.schedule).then(() => {
    isOver = true
  })

  await time.advance(99)
  const before = isOver
  await time.advance(1)
  await waiting

  expect(before).toBe(false)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('an abort ends a pause at once and calls its timer off', async () => {
  const time = manualTime()
  const stop = new AbortController()
  const waiting = pause(100, stop.signal, time.schedule)

  stop.abort(new Error('enough'))

  await expect(waiting).rejects.toMatchObject({ failure: 'aborted', sent: false, cause: { message: 'enough' } })
  expect(time.pending()).toBe(0)
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0)
})

test('a pause after the abort does not begin', async () => {
  const time = manualTime()

  await expect(pause(100, AbortSignal.abort(), time.schedule)).rejects.toMatchObject({ failure: 'aborted' })
  expect(time.pending()).toBe(0)
})

test('a delay beyond the range of the timers does not fire at once', async () => {
  let hasFired = false
  const callOff = realSchedule(2 ** 40, () => {
    hasFired = true
  })

  await new Promise((resolve) => setTimeout(resolve, 5))
  callOff()

  expect(hasFired).toBe(false)
})
