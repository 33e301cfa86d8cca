import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { ChannelError } from '../../src/notify/channel-error.ts'
import type { Channel } from '../../src/notify/message.ts'
import type { PostOptions } from '../../src/notify/post.ts'
import { createTeams } from '../../src/notify/teams.ts'
import { createWebhook } from '../../src/notify/webhook.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { clientTo, messageWith, NEVER, type Receiver, startReceiver } from './receiver.ts'

function optionsFor(receiver: Pick<Receiver, 'origin'>): PostOptions {
  return {
    name: 'operators',
    url: async () => `${receiver.origin}/hook/${CANARY_SECRET}?sig=${CANARY_SECRET}`,
    connect: clientTo,
    now: () => new Date('2026-11-23T08:00:00Z'),
  }
}

const CHANNELS: readonly { readonly name: string; readonly create: (options: PostOptions) => Channel }[] = [
  { name: 'Webhook', create: (options) => createWebhook({ ...options, source: 'mailkeel' }) },
  { name: 'Teams', create: createTeams },
]

async function failureOf(channel: Channel): Promise<ChannelError> {
  const error = await channel.send(messageWith(), NEVER).catch((thrown: unknown) => thrown)
  if (!(error instanceof ChannelError)) throw new Error('expected a ChannelError', { cause: error })
  return error
}

test('a webhook gets a CloudEvent whose signature fits its body', async () => {
  const receiver = await startReceiver()
  const webhook = createWebhook({
    ...optionsFor(receiver),
    source: 'https://mailkeel.contoso.com',
    secret: async () => 'a shared key',
  })

  await webhook.send(messageWith({ title: 'grüße "ann"' }), NEVER)

  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]]
  expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8')
  expect(headers['x-mailkeel-signature']).toBe(
    `sha256=${createHmac('sha256', 'a shared key').update(Buffer.from(body)).digest('hex')}`,
  )
  expect(JSON.parse(body)).toEqual({
    specversion: '1.0',
    id: 'm-1',
    source: 'https://mailkeel.contoso.com',
    type: 'mailkeel.failed.began',
    subject: 'contoso-sales',
    time: '2026-11-23T08:00:00.000Z',
    datacontenttype: 'application/json',
    data: expect.objectContaining({ incident: 'i-1', topic: 'Failed', state: 'Began', title: 'grüße "ann"' }),
  })
})

test('Teams gets a card in the envelope of Workflows', async () => {
  const receiver = await startReceiver()

  await createTeams(optionsFor(receiver)).send(messageWith({ lines: Array.from({ length: 40 }, String) }), NEVER)

  const { type, attachments } = JSON.parse(receiver.received[0]?.body ?? '')
  expect(type).toBe('message')
  expect(attachments[0].contentType).toBe('application/vnd.microsoft.card.adaptive')
  expect(attachments[0].content).toMatchObject({ type: 'AdaptiveCard', version: '1.2' })
  expect(JSON.stringify(attachments[0].content.body.at(-1))).toContain('and 20 more lines')
  expect(attachments[0].content.actions).toEqual([
    { type: 'Action.OpenUrl', title: 'Open the status page', url: 'https://mailkeel.contoso.com/' },
  ])
})

test('Teams says in words that something is over, not by colour alone', async () => {
  const receiver = await startReceiver()

  await createTeams(optionsFor(receiver)).send(messageWith({ title: 'sales fails', state: 'Recovered' }), NEVER)

  const { attachments } = JSON.parse(receiver.received[0]?.body ?? '')
  expect(attachments[0].content.body[0].inlines[0].text).toBe('Over: sales fails')
})

test.each(CHANNELS)('$name: whatever fails, neither path nor query of the address is told', async ({ create }) => {
  const receiver = await startReceiver()
  const channel = create(optionsFor(receiver))
  receiver.answer = { status: 500 }
  const refused = await failureOf(channel)
  const gone = await failureOf(create(optionsFor({ origin: 'http://127.0.0.1:1' })))

  for (const error of [refused, gone]) {
    expect(`${error.message} ${error.stack} ${JSON.stringify(error.cause) ?? ''}`).not.toContain(CANARY_SECRET)
  }
  expect(refused.message).toBe(`operators: HTTP 500 from ${new URL(receiver.origin).host}`)
  expect(gone.message).toContain('operators: no answer from 127.0.0.1:1 (')
})

test.each([
  { status: 503, headers: { 'retry-after': '30' }, isFinal: false, retryAfterMs: 30_000, reason: 'it asks for time' },
  { status: 429, headers: {}, isFinal: false, retryAfterMs: undefined, reason: 'too many' },
  { status: 404, headers: {}, isFinal: false, retryAfterMs: undefined, reason: 'the address may be mended' },
  { status: 400, headers: {}, isFinal: true, retryAfterMs: undefined, reason: 'it will never like this one' },
  { status: 413, headers: {}, isFinal: true, retryAfterMs: undefined, reason: 'too long' },
])('HTTP $status is told as what it is: $reason', async ({ status, headers, isFinal, retryAfterMs }) => {
  const receiver = await startReceiver()
  receiver.answer = { status, headers }

  const error = await failureOf(createTeams(optionsFor(receiver)))

  expect(error).toMatchObject({ isFinal, retryAfterMs })
})

test('a redirect is not followed, so nobody can send us to an address inside', async () => {
  const [receiver, inside] = [await startReceiver(), await startReceiver()]
  receiver.answer = { status: 307, headers: { location: `${inside.origin}/admin` } }

  const error = await failureOf(createTeams(optionsFor(receiver)))

  expect(error.message).toContain('which is not followed')
  expect(inside.received).toEqual([])
})

test('an address that changed counts with the next message', async () => {
  const [first, second] = [await startReceiver(), await startReceiver()]
  let url = `${first.origin}/a`
  const channel = createTeams({ ...optionsFor(first), url: async () => `${url}\n` })
  await channel.send(messageWith(), NEVER)
  url = `${second.origin}/b`

  await channel.send(messageWith(), NEVER)

  expect([first, second].map(({ received }) => received.map(({ path }) => path))).toEqual([['/a'], ['/b']])
})

test.each([
  { url: 'file:///etc/passwd', reason: 'a file' },
  { url: 'http://me:pw@127.0.0.1/', reason: 'with a password' },
  { url: 'nowhere', reason: 'none' },
])('an address that is none is refused without repeating it: $reason', async ({ url }) => {
  const error = await failureOf(createTeams({ ...optionsFor({ origin: '' }), url: async () => url }))

  expect(error.message).toBe('operators: its url is no http(s) address without a user name')
})
