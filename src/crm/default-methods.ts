// The delivery methods of new mailboxes as words. They stand as option numbers in organization.defaultemailsettings; each number is that of
// the mailbox column of the same name, so server-side synchronization is 2, 2 and 1.
import {
  EmailSettingsError,
  type MethodElement,
  type MethodNumbers,
  readEmailSettings,
  writeEmailSettings,
} from './email-settings-xml.ts'
import { INCOMING_METHOD, type OptionSet, OUTGOING_METHOD, SYNCHRONIZATION_METHOD } from './options.ts'
import type { DefaultMethods, DefaultMethodsRow, Other } from './rows.ts'

/** What of a column can be read: the methods, and the text they were found in. */
export function readDefaultMethods(text: string | null): DefaultMethodsRow {
  try {
    const numbers = readEmailSettings(text)
    return {
      text,
      methods: {
        incoming: word(INCOMING_METHOD, numbers.IncomingEmailDeliveryMethod),
        outgoing: word(OUTGOING_METHOD, numbers.OutgoingEmailDeliveryMethod),
        appointmentsContactsTasks: word(SYNCHRONIZATION_METHOD, numbers.ACTDeliveryMethod),
      },
    }
  } catch (error) {
    if (error instanceof EmailSettingsError) return { text, notUnderstood: error.message }
    throw error
  }
}

/**
 * The text with these methods in it and all else as it was. `refused` where a method is shown and never written, or where the text is not
 * understood: it is never written over.
 */
export function writeDefaultMethods(
  text: string | null,
  methods: Partial<DefaultMethods>,
): { readonly text: string } | { readonly refused: string } {
  const numbers: { [E in MethodElement]?: number } = {}
  for (const [element, set, method] of [
    ['IncomingEmailDeliveryMethod', INCOMING_METHOD, methods.incoming],
    ['OutgoingEmailDeliveryMethod', OUTGOING_METHOD, methods.outgoing],
    ['ACTDeliveryMethod', SYNCHRONIZATION_METHOD, methods.appointmentsContactsTasks],
  ] as const) {
    if (method === undefined) continue
    const number = method === null ? undefined : set.number(method)
    if (number === undefined) return { refused: `${method ?? 'nothing'} is no value that is ever written` }
    numbers[element] = number
  }
  return printed(text, numbers)
}

function printed(
  text: string | null,
  numbers: MethodNumbers,
): { readonly text: string } | { readonly refused: string } {
  try {
    return { text: writeEmailSettings(text, numbers) }
  } catch (error) {
    if (error instanceof EmailSettingsError) return { refused: `the default e-mail settings: ${error.message}` }
    throw error
  }
}

function word<Word extends string>(set: OptionSet<Word>, number: number | undefined): Word | Other | null {
  return number === undefined ? null : (set.word(number) ?? null)
}
