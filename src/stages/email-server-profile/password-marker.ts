// A password can be written but never read, so it cannot be compared. What is compared is the version label the spec gives it. The label
// stands in the profile's description, in a line of its own at the end: it is state of CRM like the password itself, written together with
// it, and losing our own memory loses nothing.

/** Which of the two passwords of a profile. */
export type PasswordField = 'incomingPassword' | 'outgoingPassword'

/** Version labels by password; absent = no label known. */
export type PasswordLabels = { readonly [P in PasswordField]?: string }

/** A description as people wrote it, and the labels found behind it. */
export interface Described {
  readonly text: string
  readonly labels: PasswordLabels
}

const NAMES = { incomingPassword: 'incoming-password', outgoingPassword: 'outgoing-password' } as const
const OPENING = '[mailkeel '

/** Takes a description apart. Line ends become `\n`, and space at the end goes away; both are nothing to compare. */
export function readDescription(description: string | null | undefined): Described {
  const lines = normalize(description ?? '').split('\n')
  const labels: { [P in PasswordField]?: string } = {}
  for (let line = lines.at(-1); line !== undefined; line = lines.at(-1)) {
    const marker = readMarker(line)
    if (!marker) break
    labels[marker.field] ??= marker.label
    lines.pop()
  }
  return { text: normalize(lines.join('\n')), labels }
}

/** Puts a description together again. The text keeps no markers of its own: only the labels given are written. */
export function writeDescription({ text, labels }: Described): string {
  const lines = [readDescription(text).text]
  for (const field of ['incomingPassword', 'outgoingPassword'] as const) {
    const label = labels[field]
    if (label !== undefined) lines.push(`${OPENING}${NAMES[field]} ${label}]`)
  }
  return lines[0] === '' ? lines.slice(1).join('\n') : lines.join('\n')
}

function readMarker(line: string): { readonly field: PasswordField; readonly label: string } | undefined {
  if (!line.startsWith(OPENING) || !line.endsWith(']')) return undefined
  for (const field of ['incomingPassword', 'outgoingPassword'] as const) {
    const opening = `${OPENING}${NAMES[field]} `
    if (line.startsWith(opening) && line.length > opening.length + 1)
      return { field, label: line.slice(opening.length, -1) }
  }
  return undefined
}

function normalize(text: string): string {
  return text.replaceAll('\r\n', '\n').trimEnd()
}
