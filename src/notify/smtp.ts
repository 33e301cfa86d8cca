// A message as a mail of plain text: no HTML, so nothing in it is markup. Mails of one incident hang together by its id.
import type { Transporter } from 'nodemailer'
import { createTrust } from '../network/trust.ts'
import { ChannelError } from './channel-error.ts'
import type { Channel, Message } from './message.ts'
import { plain } from './plain.ts'

/** How mail is handed over. */
export interface SmtpOptions {
  /** Of the channel, for messages. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** `StartTls` is never left out when the server does not offer it: then nothing is sent. */
  readonly security: 'StartTls' | 'Tls' | 'None'
  readonly userName?: string
  /** Read at the moment of use. */
  readonly password?: () => Promise<string>
  /** PEM of private authorities, trusted beside the usual ones. */
  readonly caPem?: string
  readonly from: string
  readonly to: readonly string[]
  readonly connectTimeoutMs: number
  readonly timeoutMs: number
}

/** A channel to a mail server. nodemailer is loaded with the first message; every message has a connection of its own. */
export function createSmtp(options: SmtpOptions): Channel {
  return {
    name: options.name,
    async send(message, signal) {
      signal.throwIfAborted()
      const transport = await transportOf(options)
      const stop = () => transport.close()
      signal.addEventListener('abort', stop, { once: true })
      try {
        await handOver(transport, options, message)
      } catch (error) {
        signal.throwIfAborted()
        throw error
      } finally {
        signal.removeEventListener('abort', stop)
        transport.close()
      }
    },
    close: async () => {},
  }
}

async function transportOf(options: SmtpOptions): Promise<Transporter> {
  const { host, port, security, userName, password, caPem, connectTimeoutMs, timeoutMs } = options
  const { createTransport } = await import('nodemailer')
  const pass = await password?.()
  return createTransport({
    host,
    port,
    secure: security === 'Tls',
    requireTLS: security === 'StartTls',
    ignoreTLS: security === 'None',
    ...(userName === undefined ? {} : { auth: { user: userName, pass: pass ?? '' } }),
    tls: { ...createTrust(caPem), servername: host },
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // A message is text of ours: nothing in it may make the library read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

async function handOver(
  transport: Transporter,
  { name, host, from, to }: SmtpOptions,
  message: Message,
): Promise<void> {
  try {
    const { rejected = [] } = await transport.sendMail({ from, to: [...to], ...mailOf(message) })
    if (rejected.length > 0) {
      throw new ChannelError(`${name}: ${host} takes no mail for ${rejected.length} of ${to.length} recipients`, {
        isFinal: true,
      })
    }
  } catch (error) {
    throw error instanceof ChannelError ? error : refused(error, name, host)
  }
}

function mailOf({ id, incident, state, topic, title, lines, link }: Message) {
  const thread = `<${word(incident)}@mailkeel>`
  return {
    subject: plain(`${state === 'Recovered' ? 'Over: ' : ''}${title}`, SUBJECT_LENGTH),
    text: [...[title, '', ...lines].map((line) => plain(line, LINE_LENGTH)), ...(link ? ['', link] : []), ''].join(
      '\n',
    ),
    // A second copy of a message has the same id, and mail programs show it once.
    messageId: `<${word(id)}.${word(incident)}@mailkeel>`,
    ...(state === 'Changed' || state === 'Recovered' ? { inReplyTo: thread } : {}),
    references: thread,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Mailkeel-Topic': topic, 'X-Mailkeel-State': state },
  }
}

const SUBJECT_LENGTH = 150
const LINE_LENGTH = 1000

function word(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, '-')
}

/** What a server says is not told: it may repeat what it was sent, the password too. */
function refused(error: unknown, name: string, host: string): ChannelError {
  const { code, responseCode } = (error ?? {}) as { readonly code?: unknown; readonly responseCode?: unknown }
  const what = [
    typeof code === 'string' ? plain(code, 40) : '',
    typeof responseCode === 'number' ? `reply ${responseCode}` : '',
  ].filter((part) => part !== '')
  const isFinal = typeof responseCode === 'number' && [550, 551, 552, 553, 554].includes(responseCode)
  const hint =
    code === 'EAUTH' ? '; look at userName and password' : code === 'ETLS' ? '; the server offers no TLS' : ''
  return new ChannelError(`${name}: ${host} took no mail (${what.join(', ') || 'no reason'})${hint}`, { isFinal })
}
