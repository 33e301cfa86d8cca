// One address of the HTTP server as data: what it is, who may ask it, and what answers. The server is made from a list of these, and so are
// the description of the API and the test of its access rules.
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Who may ask. `Public`: anybody who reaches the port. `Overview`: numbers and causes, no names of people. `Reader`: everything.
 * `Webhook`: whoever signs the body. Without a token and sign-in configured (loopback only) everybody is a Reader.
 */
export type Access = 'Public' | 'Overview' | 'Reader' | 'Webhook'

/** Somebody whose right was checked. */
export interface Viewer {
  readonly role: 'Overview' | 'Reader'
  /** How they are called, where they signed in as somebody. */
  readonly name?: string
}

/** One address. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** With parameters in the form of fastify: `/api/v1/scopes/:kind/:name`. */
  readonly url: string
  readonly access: Access
  /** One sentence, for the description of the API. */
  readonly summary: string
  /** The answer goes on until somebody ends it: what it would be cannot be asked with HEAD. */
  readonly isEndless?: true
  /** JSON Schema of parameters and query, checked before the handler; of the answer, for the description. */
  readonly params?: object
  readonly query?: object
  readonly answer?: object
  /** Answers. `viewer` is absent for Public and Webhook. Throws HttpError. */
  handle(request: FastifyRequest, reply: FastifyReply, viewer: Viewer | undefined): unknown
}

/** An answer that is no success: what happened and what to do, without anything secret. */
export class HttpError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'HttpError'
    this.status = status
    this.code = code
  }
}
