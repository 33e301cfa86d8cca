// Redaction is the second line of defence: messages and logs are built from allow-listed fields, and what a remote system says (its
// error texts above all) passes through here before it is shown. It errs on the side of hiding too much. Every pattern is linear: no
// repetition begins with what may also precede it.

/** What stands where a secret stood. */
export const REDACTED = '[redacted]'

const SECRET_WORD =
  '(?:pass(?:word|wd|phrase)|pwd|secret|token|assertion|credential|authorization|cookie|api[-_]?key|private[-_]?key|account[-_]?key)'
/** The end of a name that has such a word in it, and the quotes around names in JSON, escaped ones too. */
const NAME_END = '[\\w.-]{0,40}'
const QUOTE = '(?<escapes>\\\\*)(?<quote>["\'])'
/** Up to the same quote behind the same number of backslashes, or to the end where somebody cut the text. */
const QUOTED_VALUE = `${QUOTE}[\\s\\S]*?(?:(?<!\\\\)\\k<escapes>\\k<quote>|$)`

const PEM = /-----BEGIN [A-Z0-9 ]{1,60}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,60}-----|$)/g
const HEADER_LINE = /((?:authorization|cookie)\s{0,8}[:=]\s{0,8})(?!["'\\])[^\r\n]+/gi
const QUOTED_PAIR = new RegExp(
  `(?<name>${SECRET_WORD}${NAME_END}\\\\*["']?\\s{0,8}(?:[:=]|,\\s{0,8}\\\\*["']value\\\\*["']\\s{0,8}:)\\s{0,8})${QUOTED_VALUE}`,
  'gi',
)
const PLAIN_PAIR = new RegExp(`(${SECRET_WORD}${NAME_END}\\\\*["']?\\s{0,8}[:=]\\s{0,8})(?![\\\\"'\\s])[^\\s&;]+`, 'gi')
/** What an element holds goes up to the next closing tag, or to the end where somebody cut the text. */
const XML_ELEMENT = new RegExp(`(${xmlTag('<', '>')})[\\s\\S]*?(?=</|$)`, 'gi')
/** In CDATA a closing tag is text. */
const XML_CDATA = new RegExp(`(${xmlTag('<', '>')})\\s{0,99}<!\\[CDATA\\[[\\s\\S]*?(?:\\]\\]>|$)`, 'gi')
/** XML that stands as text inside XML. */
const ESCAPED_XML_ELEMENT = new RegExp(`(${xmlTag('&lt;', '&gt;')})[\\s\\S]*?(?=&lt;/|$)`, 'gi')
const QUERY_VALUE = /([?&](?:sig|code|key|state|nonce|ticket|samlresponse)=)[^\s&#"'<>]+/gi
const USER_INFO = /(:\/\/)[^\s/?#"<>]{1,512}@/g
const SCHEME = /\b(bearer|basic|negotiate|ntlm|digest|sharedaccesssignature)(\s{1,8})([\w.~+/=-]{6,})/gi
const JSON_WEB_TOKEN = /\beyJ[\w-]{5,}\.[\w-]*(?:\.[\w-]*)*/g

/**
 * Hides what looks like a secret: PEM blocks, Authorization and Cookie headers, credentials and tokens in URLs, JSON web tokens, and
 * the values of whatever is named like a password, secret or token in JSON, XML, forms and connection strings. Applying it twice is
 * the same as once.
 */
export function redact(text: string): string {
  return text
    .replace(PEM, REDACTED)
    .replace(
      QUOTED_PAIR,
      (_, name: string, escapes: string, quote: string) => `${name}${escapes}${quote}${REDACTED}${escapes}${quote}`,
    )
    .replace(HEADER_LINE, `$1${REDACTED}`)
    .replace(XML_CDATA, `$1${REDACTED}`)
    .replace(XML_ELEMENT, `$1${REDACTED}`)
    .replace(ESCAPED_XML_ELEMENT, `$1${REDACTED}`)
    .replace(PLAIN_PAIR, `$1${REDACTED}`)
    .replace(QUERY_VALUE, `$1${REDACTED}`)
    .replace(USER_INFO, `$1${REDACTED}@`)
    .replace(JSON_WEB_TOKEN, REDACTED)
    .replace(SCHEME, (match, scheme: string, gap: string, token: string) =>
      // "Basic authentication" is prose, not a credential.
      /^[a-z]+$/.test(token) ? match : `${scheme}${gap}${REDACTED}`,
    )
}

function xmlTag(open: string, close: string): string {
  return `${open}[\\w:.-]{0,40}${SECRET_WORD}${NAME_END}(?:\\s[^<>]{0,400}?)?(?<!/)${close}`
}

/** Secrets shorter than this would be found everywhere. */
const SHORTEST_SECRET = 4

/** Hides every literal occurrence of these secrets: plain, in a URL, in a form, in JSON, in XML and in base64. */
export function createConcealer(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf))
  // A secret may contain another; the longer one goes first.
  const ordered = [...forms].sort((one, other) => other.length - one.length)
  return (text) => ordered.reduce((rest, form) => rest.replaceAll(form, REDACTED), text)
}

/** `redact`, and beside the patterns what `createConcealer` hides. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const conceal = createConcealer(secrets)
  return (text) => redact(conceal(text))
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8')
  return [
    secret,
    encodeURIComponent(bytes.toString('utf8')),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ]
}

const LONGEST_MESSAGE = 300
// Controls, line and paragraph separators, and the marks that reorder or hide text on a screen.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\ufeff]+/gu

/** Foreign text made fit for a message: redacted, on one line, without control characters, and cut to a length in characters. */
export function toMessage(text: string, maximumLength: number = LONGEST_MESSAGE): string {
  // Cut first too, roughly, so that a huge text costs no more than a long one.
  const plain = redact(text.slice(0, maximumLength * 20))
    .replace(UNPRINTABLE, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const characters = [...plain]
  return characters.length <= maximumLength ? plain : `${characters.slice(0, maximumLength - 1).join('')}…`
}
