import { NetworkError, type NetworkFailure } from './http.ts'
import { toMessage } from './redact.ts'

const BY_CODE: Readonly<Record<string, NetworkFailure>> = {
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  EAI_FAIL: 'unresolved',
  EAI_NODATA: 'unresolved',
  EAI_NONAME: 'unresolved',
  ENODATA: 'unresolved',
  ETIMEOUT: 'unresolved',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  EPROTO: 'tls',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'truncated',
  UND_ERR_HEADERS_OVERFLOW: 'too-large',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_DESTROYED: 'aborted',
  UND_ERR_CLOSED: 'aborted',
  UND_ERR_ABORTED: 'aborted',
  UND_ERR_INVALID_ARG: 'malformed',
}

/** What a failure of a socket or of the HTTP parser amounts to. What is unknown is 'reset': the connection came to nothing. */
export function failureOf(error: unknown): NetworkFailure {
  if (error instanceof NetworkError) return error.failure
  if (error instanceof AggregateError && error.errors.length > 0) return failureOf(error.errors[0])
  if (isParserError(error)) return error.message.includes('Invalid EOF state') ? 'truncated' : 'malformed'
  const code = codeOf(error)
  if (code === undefined) return 'reset'
  if (isTlsCode(code)) return 'tls'
  return BY_CODE[code] ?? 'reset'
}

/** The code of a Node or undici error; it never holds more than a constant. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** undici gives its parser's errors no code; what llhttp had to complain about stands in the message. */
function isParserError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'HTTPParserError'
}

/** OpenSSL's verification results have plain upper-case names without a common prefix; Node lists them in its tls documentation. */
function isTlsCode(code: string): boolean {
  return (
    code.startsWith('ERR_TLS_') ||
    code.startsWith('ERR_SSL_') ||
    /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH)/.test(
      code,
    )
  )
}

const WORDS: Readonly<Record<NetworkFailure, string>> = {
  timeout: 'no complete answer in time',
  reset: 'the connection was lost',
  refused: 'the host does not accept connections',
  unresolved: 'the host name does not resolve',
  tls: 'the TLS connection could not be trusted',
  proxy: 'the proxy gave no connection',
  truncated: 'the answer ended early',
  'too-large': 'the answer is larger than allowed',
  malformed: 'the exchange does not follow HTTP',
  aborted: 'aborted',
  'forbidden-host': 'the host is not allowed',
  fenced: 'it may not be sent',
}

/**
 * What is kept of an error as the cause of ours: name, message, code and stack. Parser errors carry the bytes they stumbled over and
 * TLS errors whole certificates; a cause is printed with its error, and bodies must not be.
 */
export function leanCause(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined
  const code = codeOf(error)
  const lean = Object.assign(new Error(toMessage(error.message)), code === undefined ? {} : { code })
  lean.name = error.name
  lean.stack = `${error.name}: ${lean.message}`
  return lean
}

/** The failure in words, with the code where there is one. */
export function describeFailure(failure: NetworkFailure, error: unknown): string {
  const code = codeOf(error)
  return code === undefined ? WORDS[failure] : `${WORDS[failure]} (${code})`
}
