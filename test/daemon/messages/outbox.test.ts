import { expect, test } from 'vitest'
import { createOutbox, type OutboxOptions, type Waiting } from '../../../src/daemon/messages/outbox.ts'
import { ChannelError } from '../../../src/notify/channel-error.ts'
import type { Channel } from '../../../src/notify/message.ts'
import { messageWith } from '../../notify/receiver.ts'

/** A channel that notes what it took; `fails` says what happens instead. */
function channelNamed(name: string, fails: (id: string, attempt: number) => Error | undefined = () => undefined) {
  const taken: string[] = []
  let attempts = 0
  const channel: Channel = {
    name,
    async send({ id }) {
      attempts += 1
      const failure = fails(id, attempts)
      if (failure) throw failure
      taken.push(id)
    },
    close: async () => {},
  }
  return { channel, taken, attempts: () => attempts }
}

function outboxOf(channels: readonly Channel[], options: Partial<OutboxOptions> = {}) {
  const waits: number[] = []
  const failures: string[] = []
  const outbox = createOutbox({
    channels,
    waiting: [],
    save: async () => {},
    sleep: async (ms) => void waits.push(ms),
    random: () => 0.5,
    onFailure: (channel, { message, isDropped }) =>
      failures.push(`${channel}: ${message}${isDropped ? ' (dropped)' : ''}`),
    ...options,
  })
  return { outbox, waits, failures }
}

const line = (channel: string, ...ids: readonly string[]): readonly Waiting[] =>
  ids.map((id) => ({ channel, message: messageWith({ id }) }))

const idle = () => new Promise((resolve) => setTimeout(resolve, 20))

test('messages of a channel are sent in order, again and again until they are taken', async () => {
  const { channel, taken } = channelNamed('a', (_, attempt) => (attempt <= 4 ? new ChannelError('a: down') : undefined))
  const { outbox, waits } = outboxOf([channel])

  outbox.add(line('a', 'began', 'recovered'))
  outbox.wake()
  await idle()

  expect(taken).toEqual(['began', 'recovered'])
  expect(waits).toHaveLength(4)
  expect(outbox.waiting).toEqual([])
})

test('a channel that never answers keeps nobody else waiting', async () => {
  const hanging: Channel = { name: 'a', send: () => new Promise(() => {}), close: async () => {} }
  const { channel, taken } = channelNamed('b')
  const { outbox } = outboxOf([hanging, channel])

  outbox.add([...line('a', '1'), ...line('b', '1', '2')])
  outbox.wake()
  await idle()

  expect(taken).toEqual(['1', '2'])
  expect(outbox.waiting.map(({ channel: name }) => name)).toEqual(['a'])
})

test('one that the other side will never take does not block those behind it, and is told as dropped', async () => {
  const { channel, taken } = channelNamed('a', (id) =>
    id === 'bad' ? new ChannelError('a: HTTP 400', { isFinal: true }) : undefined,
  )
  const { outbox, failures } = outboxOf([channel])

  outbox.add(line('a', 'bad', 'good'))
  outbox.wake()
  await idle()

  expect(taken).toEqual(['good'])
  expect(failures).toEqual(['a: a: HTTP 400', 'a: a: HTTP 400', 'a: a: HTTP 400 (dropped)'])
})

test('waits as long as the other side asks, within reason', async () => {
  const { channel } = channelNamed('a', (_, attempt) => {
    if (attempt === 1) return new ChannelError('later', { retryAfterMs: 90_000 })
    return attempt === 2 ? new ChannelError('next year', { retryAfterMs: 30_000_000_000 }) : undefined
  })
  const { outbox, waits } = outboxOf([channel])

  outbox.add(line('a', '1'))
  outbox.wake()
  await idle()

  expect(waits).toEqual([90_000, 600_000])
})

test('what was in line when the process ended is sent after the next start, and channels that are gone are forgotten', async () => {
  const { channel, taken } = channelNamed('a')
  const { outbox } = outboxOf([channel], { waiting: [...line('a', '1'), ...line('gone', '2')] })

  outbox.wake()
  await idle()

  expect(taken).toEqual(['1'])
  expect(outbox.waiting).toEqual([])
})

test('a line does not grow without end; what only happened once goes first', async () => {
  const hanging: Channel = { name: 'a', send: () => new Promise(() => {}), close: async () => {} }
  const { outbox, failures } = outboxOf([hanging])
  const told = Array.from({ length: 300 }, (_, index) => ({
    channel: 'a',
    message: messageWith({ id: `told-${index}`, state: 'Told' }),
  }))

  outbox.add([...line('a', 'first'), ...told, ...line('a', ...Array.from({ length: 300 }, (_, index) => `${index}`))])

  expect(outbox.waiting).toHaveLength(500)
  expect(outbox.waiting.filter(({ message }) => message.state === 'Began')).toHaveLength(301)
  expect(failures[0]).toContain('101 messages were dropped')
})

test('nothing is sent after the end', async () => {
  const { channel, taken } = channelNamed('a')
  const { outbox } = outboxOf([channel])
  await outbox.close()

  outbox.add(line('a', '1'))
  outbox.wake()
  await idle()

  expect(taken).toEqual([])
})

test('the end does not wait for a channel that does not listen', async () => {
  const hanging: Channel = { name: 'a', send: () => new Promise(() => {}), close: async () => {} }
  const { outbox } = outboxOf([hanging])
  outbox.add(line('a', '1'))
  outbox.wake()

  await outbox.close()

  expect(outbox.waiting).toHaveLength(1)
})
