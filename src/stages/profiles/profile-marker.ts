// What mailkeel must know of a profile and CRM does not tell, kept where the profile itself is: a line of its own at the end of the
// description. A password can be written but never read, so the version label that the spec gives it is compared instead. And when the
// connection was changed last decides whose test is older than that. Both are written together with what they speak of, in one request,
// and losing our own memory loses nothing. A line that somebody removed or garbled is no evidence; it is text like any other.

/** Which of the two passwords of a profile. */
export type PasswordField = 'incomingPassword' | 'outgoingPassword'

/** Version labels by password; absent = no label known. */
export type PasswordLabels = { readonly [P in PasswordField]?: string }

/** A description as people wrote it, and what was found behind it. */
export interface Described {
  readonly text: string
  readonly labels: PasswordLabels
  /** When mailkeel changed last how the profile connects: the server's time, ISO 8601 in UTC, in whole seconds. */
  readonly connectionChangedAt?: string
}

/** The most that CRM keeps (Microsoft, entity reference: emailserverprofile). */
const LONGEST = 2000
const OPENING = '[mailkeel: '
const NAMES = { incomingPassword: 'incoming password', outgoingPassword: 'outgoing password' } as const
const PART = /(?:connection changed (\S+)|(incoming|outgoing) password ("(?:[^"\\]|\\.)*"))(?:, |\]$)/y

/** Takes a description apart. Line ends become `\n`, and space at the end goes away; both are nothing to compare. */
export function readDescription(description: string | null | undefined): Described {
  const lines = normalize(description ?? '').split('\n')
  let labels: PasswordLabels = {}
  let changedAt: string | undefined
  for (let line = lines.at(-1); line !== undefined; line = lines.at(-1)) {
    const marker = readMarker(line)
    if (!marker) break
    labels = { ...marker.labels, ...labels }
    changedAt ??= marker.connectionChangedAt
    lines.pop()
  }
  const text = normalize(lines.join('\n'))
  return { text, labels, ...(changedAt !== undefined && { connectionChangedAt: changedAt }) }
}

/**
 * Puts a description together again. The text keeps no marker of its own: only what is given is written. What people wrote is never cut:
 * the time is left out where the text leaves no room for it, and tests are then only asked for in the pass that changes the connection.
 */
export function writeDescription({ text, labels, connectionChangedAt }: Described): string {
  const plain = readDescription(text).text
  const passwords = (['incomingPassword', 'outgoingPassword'] as const).flatMap((field) => {
    const label = labels[field]
    return label === undefined ? [] : [`${NAMES[field]} ${JSON.stringify(label)}`]
  })
  if (connectionChangedAt === undefined) return withMarker(plain, passwords)
  const whole = withMarker(plain, [`connection changed ${connectionChangedAt}`, ...passwords])
  return whole.length <= LONGEST ? whole : withMarker(plain, passwords)
}

/** A time as a marker holds it. */
export function markerTime(time: Date): string {
  return `${time.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`
}

/**
 * When the connection was changed last, in milliseconds of the server's clock. Undefined where no marker tells; a time that has not come
 * yet was not written by us and tells nothing.
 */
export function connectionChangedMs(description: string | null | undefined, latestMs: number): number | undefined {
  const { connectionChangedAt } = readDescription(description)
  const ms = connectionChangedAt === undefined ? Number.NaN : Date.parse(connectionChangedAt)
  return ms <= latestMs ? ms : undefined
}

function withMarker(text: string, parts: readonly string[]): string {
  if (parts.length === 0) return text
  const marker = `${OPENING}${parts.join(', ')}]`
  return text === '' ? marker : `${text}\n${marker}`
}

function readMarker(line: string): Omit<Described, 'text'> | undefined {
  if (!line.startsWith(OPENING)) return undefined
  const labels: { [P in PasswordField]?: string } = {}
  let changedAt: string | undefined
  PART.lastIndex = OPENING.length
  while (PART.lastIndex < line.length) {
    const part = PART.exec(line)
    if (!part) return undefined
    const [, time, which, quoted] = part
    if (time !== undefined) changedAt = isTime(time) ? time : undefined
    else {
      const label = labelOf(quoted ?? '')
      if (label === undefined) return undefined
      labels[which === 'incoming' ? 'incomingPassword' : 'outgoingPassword'] = label
    }
  }
  return { labels, ...(changedAt !== undefined && { connectionChangedAt: changedAt }) }
}

function isTime(time: string): boolean {
  const moment = new Date(time)
  return !Number.isNaN(moment.getTime()) && markerTime(moment) === time
}

function labelOf(quoted: string): string | undefined {
  try {
    const label: unknown = JSON.parse(quoted)
    return typeof label === 'string' && label !== '' ? label : undefined
  } catch {
    return undefined
  }
}

function normalize(text: string): string {
  return text.replaceAll('\r\n', '\n').trimEnd()
}
