import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ChannelError } from '../../src/notify/channel-error.ts'
import { createSmtp, type SmtpOptions } from '../../src/notify/smtp.ts'
import { type Authority, createAuthority, type Identity } from '../network/certificates.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { messageWith, NEVER } from './receiver.ts'

interface Mail {
  readonly isEncrypted: boolean
  readonly user: string | undefined
  readonly text: string
}

async function startServer(options: SMTPServerOptions): Promise<{ readonly port: number; readonly mails: Mail[] }> {
  const mails: Mail[] = []
  const server = new SMTPServer({
    onAuth: ({ username, password }, _session, done) =>
      password === CANARY_SECRET ? done(null, { user: username ?? '' }) : done(new Error(`no: ${password}`)),
    onData(stream, { secure, user }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push({ isEncrypted: secure, user: user as string | undefined, text: Buffer.concat(chunks).toString() })
        done()
      })
    },
    ...options,
  })
  // A client that hangs up in the middle of a handshake is what some of these tests are about.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (server.server.address() as { readonly port: number }).port, mails }
}

function channelTo(port: number, options: Partial<SmtpOptions> = {}) {
  return createSmtp({
    name: 'mail',
    host: 'localhost',
    port,
    security: 'StartTls',
    from: 'mailkeel@contoso.com',
    to: ['ops@contoso.com', 'team@contoso.com'],
    connectTimeoutMs: 5_000,
    timeoutMs: 5_000,
    ...options,
  })
}

needs('openssl')('a mail', () => {
  let authority: Authority
  let identity: Identity
  beforeAll(() => {
    authority = createAuthority()
    identity = authority.issue('DNS:localhost')
  })
  afterAll(() => authority.dispose())
  const signIn = { userName: 'robot', password: async () => CANARY_SECRET }

  test.each(['StartTls', 'Tls'] as const)('goes over %s with a private authority, signed in', async (security) => {
    const { port, mails } = await startServer({ ...identity, secure: security === 'Tls' })
    const channel = channelTo(port, { security, caPem: authority.caPem, ...signIn })

    await channel.send(messageWith({ title: 'grüße: 31 mailboxes do not work' }), NEVER)

    expect(mails).toMatchObject([{ isEncrypted: true, user: 'robot' }])
    expect(mails[0]?.text).toMatch(/^Auto-Submitted: auto-generated/m)
    expect(mails[0]?.text).toMatch(/^Message-ID: <m-1\.i-1@mailkeel>/m)
  })

  test.each([
    { name: 'no TLS offered', server: () => ({ disabledCommands: ['STARTTLS'] }), ca: true },
    { name: 'an authority nobody knows', server: () => identity, ca: false },
    { name: 'a certificate of another host', server: () => authority.issue('DNS:other.example'), ca: true },
  ])('is not sent where the way is not safe, and the password neither: $name', async ({ server, ca }) => {
    const { port, mails } = await startServer({ ...server(), authOptional: true } as SMTPServerOptions)
    const channel = channelTo(port, { ...(ca ? { caPem: authority.caPem } : {}), ...signIn })

    const error = await channel.send(messageWith(), NEVER).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(ChannelError)
    expect(mails).toEqual([])
  })

  test('that is refused tells nothing of what the server says, which may repeat the password', async () => {
    const { port } = await startServer(identity)
    const wrong = { userName: 'robot', password: async () => `${CANARY_SECRET}-old` }
    const channel = channelTo(port, { caPem: authority.caPem, ...wrong })

    const error = (await channel.send(messageWith(), NEVER).catch((thrown: unknown) => thrown)) as Error

    expect(error.message).toContain('look at userName and password')
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(CANARY_SECRET)
  })
})

test('mails of one incident hang together, and a recovery says so in its subject', async () => {
  const { port, mails } = await startServer({ disabledCommands: ['STARTTLS', 'AUTH'], authOptional: true })
  const channel = channelTo(port, { security: 'None' })

  await channel.send(messageWith({ id: 'm-1' }), NEVER)
  await channel.send(messageWith({ id: 'm-2', state: 'Recovered' }), NEVER)

  expect(mails[0]?.text).toMatch(/^References: <i-1@mailkeel>/m)
  expect(mails[1]?.text).toMatch(/^In-Reply-To: <i-1@mailkeel>/m)
  expect(mails[1]?.text).toMatch(/^Subject: Over: contoso-sales/m)
})
