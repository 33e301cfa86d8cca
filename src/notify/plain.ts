import { toMessage } from '../network/redact.ts'

/** What is invisible or turns the direction of text, beside what `toMessage` takes out. */
const INVISIBLE = /[\p{Cf}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]|[\u{fe00}-\u{fe0f}]/gu

/**
 * Text of others for a message: one line, nothing invisible, nothing that looks like a secret, cut to a length. Markup is left as it is: that is
 * for the channel, which alone knows what is markup there.
 */
export function plain(text: string, maximumLength = 300): string {
  return toMessage(text.slice(0, maximumLength * 20).replace(INVISIBLE, ''), maximumLength)
}
