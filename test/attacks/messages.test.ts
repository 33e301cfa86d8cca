// A24: names of mailboxes, people and commits are chosen by others. In a message they are shown letter by letter: no formatting, no link, no
// mention, no header, whatever the channel makes of text.
import fc from 'fast-check'
import { SMTPServer } from 'smtp-server'
import { expect, it, onTestFinished } from 'vitest'
import { createSmtp } from '../../src/notify/smtp.ts'
import { createTeams } from '../../src/notify/teams.ts'
import { createWebhook } from '../../src/notify/webhook.ts'
import { clientTo, messageWith, NEVER, startReceiver } from '../notify/receiver.ts'

const HOSTILE = [
  '**bold** [click](https://evil.example/) ![x](https://evil.example/x.png)',
  '<at>everyone</at> @everyone @channel <!channel>',
  '{{DATE(2026-01-01T00:00:00Z, LONG)}}',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  'ann\r\nBcc: evil@evil.example\r\n\r\nbody of theirs',
  'ann\u202egro.elpmaxe\u2066 \u200b\u0000\u001b[31m \u{e0041}',
  '"}],"actions":[{"type":"Action.OpenUrl","url":"https://evil.example"}]',
] as const

const WORDS = fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' })), { maxLength: 5 })

it('A24: a Teams card has no place where text is Markdown, a mention or a date', async () => {
  const receiver = await startReceiver()
  const teams = createTeams({
    name: 'teams',
    url: async () => receiver.origin,
    connect: clientTo,
    now: () => new Date(),
  })
  await fc.assert(
    fc.asyncProperty(WORDS, WORDS, async (title, lines) => {
      await teams.send(messageWith({ title: title.join(' '), lines }), NEVER)

      const card = JSON.parse(receiver.received.at(-1)?.body ?? '').attachments[0].content
      const types = new Set<string>()
      const texts: string[] = []
      walk(card, (key, value) => {
        if (key === 'type') types.add(value)
        if (key === 'text') texts.push(value)
      })
      expect([...types].sort()).toEqual(['Action.OpenUrl', 'AdaptiveCard', 'RichTextBlock', 'TextRun'])
      expect(card.actions).toHaveLength(1)
      expect(card).not.toHaveProperty('msteams')
      for (const text of texts) expect(text).not.toMatch(/\{\{|<\/?[a-z]|@[a-z]|:\/\/|[\p{Cc}\u202e\u2066]/iu)
    }),
    { numRuns: 40 },
  )
})

it('A24: a webhook gets names as they are, and nothing but names', async () => {
  const receiver = await startReceiver()
  const options = { name: 'hook', url: async () => receiver.origin, connect: clientTo, now: () => new Date() }
  const webhook = createWebhook({ ...options, source: 'mailkeel' })

  await webhook.send(messageWith({ title: HOSTILE.join(' '), lines: HOSTILE }), NEVER)

  const event = JSON.parse(receiver.received[0]?.body ?? '')
  expect(event.data.lines).toEqual(HOSTILE)
  expect(Object.keys(event)).toEqual([
    'specversion',
    'id',
    'source',
    'type',
    'subject',
    'time',
    'datacontenttype',
    'data',
  ])
})

it('A24: no name becomes a header, a recipient or a second part of a mail', async () => {
  const mails: { readonly to: readonly string[]; readonly text: string }[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        mails.push({ to, text: Buffer.concat(chunks).toString('utf8') })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as { readonly port: number }
  const smtp = createSmtp({
    name: 'mail',
    host: '127.0.0.1',
    port,
    security: 'None',
    from: 'mailkeel@contoso.com',
    to: ['ops@contoso.com'],
    connectTimeoutMs: 5_000,
    timeoutMs: 5_000,
  })

  for (const title of HOSTILE) await smtp.send(messageWith({ title, incident: title, lines: HOSTILE }), NEVER)

  for (const { to, text } of mails) {
    const [head = ''] = text.split('\r\n\r\n')
    const names = head.split(/\r\n(?![ \t])/).map((line) => line.split(':')[0]?.toLowerCase())
    expect(to).toEqual(['ops@contoso.com'])
    expect(names).not.toContain('bcc')
    expect(names.filter((name) => name === 'content-type')).toHaveLength(1)
    expect(head).toMatch(/content-type: text\/plain/i)
  }
  expect(mails).toHaveLength(HOSTILE.length)
})

function walk(value: unknown, visit: (key: string, text: string) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') visit(key, inner)
    else walk(inner, visit)
  }
}
