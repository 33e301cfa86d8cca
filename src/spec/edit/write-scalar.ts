/** Texts that need no quotes, in block and in flow form alike; words that YAML reads as something else are left out below. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_@.+/-]*(?: [A-Za-z0-9_@.+/-]+)*$/
/** Days and times: the core schema of YAML 1.2 reads them as text. */
const DATE = /^\d{4}-\d{2}-\d{2}(?:T[\d:]+(?:Z|[+-]\d{2}:\d{2}))?$/
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|nan|inf)$/i

/** A text as YAML writes it, on one line: plain where that is safe everywhere, else in double quotes. */
export function scalarText(value: string): string {
  if (DATE.test(value) || (PLAIN.test(value) && !WORDS.test(value))) return value
  return JSON.stringify(value).replace(NOT_SHOWN, escaped)
}

/** What JSON leaves as it is and a reader of YAML would not see. */
const NOT_SHOWN = /[\u007f-\u009f\u2028\u2029\ufeff]/g

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A map of texts in flow form: `{ owner: ann, until: 2026-12-01 }`. */
export function flowMapText(fields: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(fields)
    .map(([key, value]) => `${key}: ${scalarText(value)}`)
    .join(', ')} }`
}
