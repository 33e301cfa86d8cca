// With an encoded command and a redirected standard error PowerShell writes its streams there as XML, after a line `#< CLIXML`, progress
// included, and several documents may follow each other (PowerShell issue 5912). Only its errors are of interest, and only as a hint.

/** Whether these bytes were written by PowerShell, and not by a shell that did not find it. */
export function isCliXml(stderr: string): boolean {
  return stderr.includes('#< CLIXML') || stderr.includes('<Objs ')
}

/** The text of all error records, in their order, on one line; empty where there is none. Text that is no CLIXML has none. */
export function errorsOf(stderr: string): string {
  const entries = [...stderr.matchAll(/<S S="Error">([^<]*)<\/S>/g)]
  return entries
    .map(([, text = '']) => unescapeText(text))
    .join('')
    .replace(/\s+/g, ' ')
    .trim()
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** `_x000D_` is a UTF-16 code unit; two of them may be a pair. A literal underscore that would look like one comes as `_x005F_`. */
function unescapeText(text: string): string {
  return text
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
