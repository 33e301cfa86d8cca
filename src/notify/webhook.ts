// A message as an event of CloudEvents 1.0 in structured JSON (CNCF, CloudEvents JSON event format; HTTP protocol binding), signed over its
// body. Names in it are as others wrote them: JSON needs no more than JSON's own escapes.
import { createHmac } from 'node:crypto'
import type { Channel, Message } from './message.ts'
import { createPoster, type PostOptions } from './post.ts'

/** How a webhook is called. */
export interface WebhookOptions extends PostOptions {
  /** Key of the signature, read at the moment of use. Without it there is none. */
  readonly secret?: () => Promise<string>
  /** Who speaks: the address of the status page, or a name. */
  readonly source: string
}

/** A channel to a webhook. */
export function createWebhook(options: WebhookOptions): Channel {
  const poster = createPoster(options)
  return {
    name: options.name,
    async send(message, signal) {
      const body = JSON.stringify(eventOf(message, options.source))
      const key = await options.secret?.()
      await poster.post(
        body,
        {
          'Content-Type': 'application/cloudevents+json; charset=utf-8',
          ...(key === undefined ? {} : { 'X-Mailkeel-Signature': signatureOf(body, key) }),
        },
        signal,
      )
    },
    close: poster.close,
  }
}

/** `sha256=` and the HMAC of the body in lower-case hexadecimal. */
function signatureOf(body: string, key: string): string {
  return `sha256=${createHmac('sha256', key).update(body, 'utf8').digest('hex')}`
}

function eventOf(message: Message, source: string): object {
  const { id, incident, topic, state, at, scope, title, lines, link } = message
  return {
    specversion: '1.0',
    id,
    source,
    type: `mailkeel.${topic.toLowerCase()}.${state.toLowerCase()}`,
    ...(scope === undefined ? {} : { subject: scope }),
    time: at,
    datacontenttype: 'application/json',
    data: {
      incident,
      topic,
      state,
      ...(scope === undefined ? {} : { scope }),
      title,
      lines,
      ...(link ? { link } : {}),
    },
  }
}
