// Messages on their way: a line per channel, first in, first out, so that nobody hears of a recovery before the failure. A message leaves its
// line when the other side took it, or will never take it; lines are on the disk before anything is sent, so each is sent at least once. A
// channel that does not answer keeps only its own line waiting.
import { createBackOff } from '../../network/back-off.ts'
import { ChannelError } from '../../notify/channel-error.ts'
import type { Channel, Message } from '../../notify/message.ts'

/** A message that is to go to a channel. */
export interface Waiting {
  readonly channel: string
  readonly message: Message
}

/** What the lines need. */
export interface OutboxOptions {
  readonly channels: readonly Channel[]
  /** What was waiting when the process ended. */
  readonly waiting: readonly Waiting[]
  /** Resolves when the lines as they are now are on the disk. */
  readonly save: () => Promise<void>
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly random: () => number
  readonly onFailure: (channel: string, problem: { readonly message: string; readonly isDropped: boolean }) => void
}

/** The lines. */
export interface Outbox {
  readonly waiting: readonly Waiting[]
  /** Puts messages in line. They are sent after `start`, or at once where that was called. */
  add(waiting: readonly Waiting[]): void
  /** To be called when what was added is on the disk. */
  wake(): void
  close(): Promise<void>
}

/** The most that wait for one channel. */
const LONGEST_LINE = 500
/** Attempts at a message that the other side says it will never take. */
const FINAL_ATTEMPTS = 3
const SEND_MS = 60_000
const BACK_OFF = { baseMs: 2_000, maximumMs: 600_000 } as const

/** Creates the lines. What waits is sent as soon as `wake` is called. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { channels, sleep, random, onFailure, save } = options
  const closing = new AbortController()
  const known = new Set(channels.map(({ name }) => name))
  let waiting = options.waiting.filter(({ channel }) => known.has(channel))
  const running = new Map<string, Promise<void>>()

  function add(more: readonly Waiting[]): void {
    waiting = [...waiting, ...more.filter(({ channel }) => known.has(channel))]
    for (const name of new Set(more.map(({ channel }) => channel))) shorten(name)
  }

  function shorten(name: string): void {
    const line = waiting.filter(({ channel }) => channel === name)
    const tooMany = line.length - LONGEST_LINE
    if (tooMany <= 0) return
    // What only happened once is missed least; the first in line may be under way.
    const order = [...line.slice(1).filter(isTold), ...line.slice(1).filter((one) => !isTold(one))]
    const dropped = new Set(order.slice(0, tooMany))
    waiting = waiting.filter((one) => !dropped.has(one))
    onFailure(name, {
      message: `${tooMany} messages were dropped, because more than ${LONGEST_LINE} wait`,
      isDropped: true,
    })
  }

  async function work(channel: Channel): Promise<void> {
    const pause = createBackOff({ ...BACK_OFF, random })
    for (let attempts = 0; ; ) {
      const next = waiting.find((one) => one.channel === channel.name)
      if (!next || closing.signal.aborted) return
      try {
        await sendWithin(channel, next.message, AbortSignal.any([closing.signal, AbortSignal.timeout(SEND_MS)]))
      } catch (error) {
        if (closing.signal.aborted) return
        attempts += 1
        const isFinal = error instanceof ChannelError && error.isFinal && attempts >= FINAL_ATTEMPTS
        onFailure(channel.name, { message: wordsOf(error), isDropped: isFinal })
        if (!isFinal) {
          await rest(Math.max(pause(attempts), (error instanceof ChannelError && error.retryAfterMs) || 0))
          continue
        }
      }
      attempts = 0
      waiting = waiting.filter((one) => one !== next)
      // Where that fails the message is sent once more after a restart, which is better than never.
      await save().catch(() => undefined)
    }
  }

  async function rest(ms: number): Promise<void> {
    await sleep(Math.min(ms, BACK_OFF.maximumMs), closing.signal).catch((error: unknown) => {
      if (!closing.signal.aborted) throw error
    })
  }

  function wake(): void {
    for (const channel of channels) {
      const { name } = channel
      if (closing.signal.aborted || running.has(name) || !waiting.some((one) => one.channel === name)) continue
      const run = work(channel).finally(() => {
        running.delete(name)
        // Something may have come in line after the last look.
        wake()
      })
      running.set(name, run)
    }
  }

  return {
    get waiting() {
      return waiting
    },
    add,
    wake,
    async close() {
      closing.abort(new Error('mailkeel ends'))
      await Promise.allSettled(running.values())
      await Promise.allSettled(channels.map((channel) => channel.close()))
    },
  }
}

/** A channel that does not listen to its signal must not keep us. */
function sendWithin(channel: Channel, message: Message, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    signal.addEventListener('abort', giveUp, { once: true })
    channel
      .send(message, signal)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', giveUp))
  })
}

function isTold({ message }: Waiting): boolean {
  return message.state === 'Told'
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it failed'
}
