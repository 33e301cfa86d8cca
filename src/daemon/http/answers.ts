// Answers that are no success. What we throw ourselves is told; everything else is told as an id that stands in the log.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { redact, toMessage } from '../../network/redact.ts'
import type { ErrorShape } from '../api/shapes.ts'
import type { ListenerLog } from './log.ts'
import { HttpError } from './route.ts'

/** The body of a refusal. */
function errorBody(code: string, message: string): ErrorShape {
  return { error: { code, message } }
}

/** Sends a refusal as JSON. */
export function refuse(reply: FastifyReply, { status, code, message }: HttpError): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(status).type('application/json; charset=utf-8').send(errorBody(code, message))
}

/** What is thrown by fastify for requests that are wrong, in our words. */
const KNOWN: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'TooLarge', 'the body is larger than this address takes'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'BadRequest', 'the body is not as long as its header says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'BadRequest', 'the body is empty'],
  FST_ERR_BAD_URL: [400, 'BadRequest', 'the address is not written as a URL must be'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'BadRequest', 'a part of the address is too long'],
}

/** An error as a refusal that may be told. What is none of ours is written to the log, and told by its id there. */
export function asHttpError(
  error: unknown,
  request: FastifyRequest,
  { log, newId }: { readonly log: ListenerLog; readonly newId: () => string },
): HttpError {
  if (error instanceof HttpError) return error
  const { code = '', validation, statusCode } = error as Partial<FastifyError>
  const known = Object.hasOwn(KNOWN, code) ? KNOWN[code] : undefined
  if (known) return new HttpError(...known)
  if (validation !== undefined) return new HttpError(400, 'BadRequest', toMessage((error as Error).message))
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HttpError(statusCode, 'BadRequest', 'the request was not understood')
  }
  const id = newId()
  const { method, routeOptions } = request
  log.error({ id, method, route: routeOptions.url, ...toldError(error) }, 'a request failed')
  return new HttpError(500, 'InternalError', `something went wrong here; the log has it as ${id}`)
}

/** An error for the log: redacted, without control characters. */
export function toldError(error: unknown): { readonly error: string; readonly stack?: string } {
  if (!(error instanceof Error)) return { error: toMessage(String(error)) }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { error: toMessage(error.message), stack: redact(frames.slice(0, 8).join('\n')) }
}
