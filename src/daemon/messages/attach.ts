// Messages to people, made from the board. The board only marks that there is news; it is looked at a moment later, and sending has lines of
// its own, so nothing here can hold up a loop.
import type { Machine } from '../../machine.ts'
import type { Channel, Message } from '../../notify/message.ts'
import type { RuntimeConfiguration } from '../../spec/configuration/load.ts'
import type { Board } from '../board.ts'
import { channelsOf } from './channels.ts'
import { advance, type LedgerContext, type Outgoing } from './ledger.ts'
import { createOutbox, type Waiting } from './outbox.ts'
import { createSituationReader } from './situation.ts'
import { messagesStore } from './store.ts'
import { toldOf } from './told.ts'

/** What messages are made with. */
export interface MessagesInput {
  readonly configuration: RuntimeConfiguration
  readonly machine: Machine
  readonly board: Board
  readonly stateDirectory: string
  readonly log: { readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void }
  /** In place of those that the configuration names. */
  readonly channels?: readonly Channel[]
}

/** Running messages. */
export interface Messages {
  /** Looks at the board now. Also happens by itself. */
  look(): Promise<void>
  /** Sends nothing more. What is in line is sent after the next start. Never throws. */
  close(): Promise<void>
}

/** How often the board is looked at: what is told after a while is told so much later at most. */
const LOOK_MS = 5_000

/** Starts to tell. Undefined where no channel is configured. Throws UsageError where a secret of a channel is missing. */
export async function attachMessages(input: MessagesInput): Promise<Messages | undefined> {
  const { configuration, machine, board, log } = input
  const { notifications, listener } = configuration.spec
  if (notifications.length === 0) return undefined
  const channels = input.channels ?? (await channelsOf(input))
  const store = messagesStore(input.stateDirectory, machine.newId)
  const before = await store.load()
  const situationNow = createSituationReader(board)
  const closing = new AbortController()
  let ledger = before.ledger
  let told: readonly Outgoing[] = []

  const save = () => store.save(() => ({ ledger, waiting: outbox.waiting }))
  const outbox = createOutbox({
    channels,
    waiting: before.waiting,
    save,
    sleep: machine.sleep,
    random: machine.random,
    onFailure: (channel, { message, isDropped }) =>
      log.warn({ channel, reason: message }, isDropped ? 'messages were dropped' : 'a message could not be sent'),
  })
  const context = (): LedgerContext => ({
    now: machine.now(),
    newId: machine.newId,
    ...(listener?.publicUrl === undefined ? {} : { link: listener.publicUrl }),
  })

  const unsubscribe = board.subscribe((event) => {
    if (event.type !== 'pass') return
    const standing = board.scope(event.scope)
    if (standing) told = [...told, ...toldOf(standing, event.report, context())].slice(-MOST_TOLD)
  })

  async function look(): Promise<void> {
    const next = advance(ledger, situationNow(), context())
    const outgoing = [...next.outgoing, ...told]
    const isNews = outgoing.length > 0 || JSON.stringify(next.ledger) !== JSON.stringify(ledger)
    ledger = next.ledger
    told = []
    outbox.add(outgoing.flatMap((one) => linesFor(one, notifications)))
    if (isNews) await save()
    outbox.wake()
  }

  async function looking(): Promise<void> {
    while (!closing.signal.aborted) {
      await look().catch((error: unknown) => {
        log.warn({ reason: error instanceof Error ? error.message : '' }, 'messages could not be written down')
        // Better twice after a restart than never.
        outbox.wake()
      })
      await machine.sleep(LOOK_MS, closing.signal).catch((error: unknown) => {
        if (!closing.signal.aborted) throw error
      })
    }
  }

  outbox.wake()
  const loop = looking()
  return {
    look,
    async close() {
      unsubscribe()
      closing.abort(new Error('mailkeel ends'))
      await loop
      await outbox.close()
      await save().catch(() => undefined)
    },
  }
}

/** Of what happens once, between two looks. */
const MOST_TOLD = 200

/** The channels that a message goes to. */
function linesFor(
  { message, organizations }: Outgoing,
  notifications: RuntimeConfiguration['spec']['notifications'],
): readonly Waiting[] {
  return notifications
    .filter(({ on, organizations: only }) => on.includes(message.topic) && concerns(only, organizations))
    .map(({ name }): Waiting => ({ channel: name, message: harmless(message) }))
}

function concerns(only: readonly string[] | undefined, organizations: readonly string[] | undefined): boolean {
  return only === undefined || organizations === undefined || organizations.some((name) => only.includes(name))
}

/** What is kept on the disk and sent is bounded, whatever a server wrote into its errors. */
function harmless(message: Message): Message {
  const cut = (text: string) => (text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text)
  return { ...message, title: cut(message.title), lines: message.lines.slice(0, 50).map(cut) }
}

const LONGEST_LINE = 2_000
