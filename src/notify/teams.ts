// A message as an Adaptive Card, in the envelope that the webhooks of Workflows take (Microsoft, "Create incoming webhooks with Workflows").
// Text stands in TextRuns only: there Markdown is not read, unlike in a TextBlock (Adaptive Cards schema, TextRun). What Teams replaces in any
// text, dates in braces and mentions, is parted by an invisible space.
import type { Channel, Message } from './message.ts'
import { plain } from './plain.ts'
import { createPoster, type PostOptions } from './post.ts'

/** A channel to a Workflows webhook of Teams. */
export function createTeams(options: PostOptions): Channel {
  const poster = createPoster(options)
  return {
    name: options.name,
    send: (message, signal) =>
      poster.post(JSON.stringify(envelopeOf(message)), { 'Content-Type': 'application/json; charset=utf-8' }, signal),
    close: poster.close,
  }
}

/** A message of Teams has room for about 28 KB (Microsoft, "Format cards in Teams"). */
const LINES = 20
const LINE_LENGTH = 500

const COLORS = { Began: 'Attention', Changed: 'Warning', Recovered: 'Good', Told: 'Default' } as const

function envelopeOf(message: Message): object {
  return {
    type: 'message',
    attachments: [
      { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: cardOf(message) },
    ],
  }
}

function cardOf({ title, lines, state, link }: Message): object {
  const shown = lines.slice(0, LINES)
  const more = lines.length - shown.length
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.2',
    body: [
      run(state === 'Recovered' ? `Over: ${title}` : title, { weight: 'Bolder', size: 'Medium', color: COLORS[state] }),
      ...shown.map((line) => run(line)),
      ...(more > 0 ? [run(`and ${more} more lines`, { isSubtle: true })] : []),
    ],
    ...(link && isWeb(link) ? { actions: [{ type: 'Action.OpenUrl', title: 'Open the status page', url: link }] } : {}),
  }
}

function run(text: string, look: object = {}): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: inert(text), ...look }] }
}

/** Foreign text that Teams shows letter by letter. */
function inert(text: string): string {
  return plain(text, LINE_LENGTH)
    .replace(/\{(?=\{)|<(?=\/?[a-z])|@(?=[\p{L}\p{N}])/giu, '$&\u200b')
    .replace(/:(?=\/\/)/g, ':\u200b')
}

function isWeb(link: string): boolean {
  return URL.canParse(link) && ['http:', 'https:'].includes(new URL(link).protocol)
}
