// Asking the server. Addresses are relative to the page, so that it works under any path of a reverse proxy.
import type { ErrorShape, ScopeShape } from '../../daemon/api/shapes.ts'
import { type Filter, filterParameters } from '../place.ts'

/** An answer that was no success. Status 0: there was no answer. */
export class AskError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'AskError'
    this.status = status
    this.code = code
  }
}

/** Whoever does not answer within this time is asked again later. */
const PATIENCE_MS = 15_000

/** Asks for JSON. Throws AskError, or what aborted the signal. */
export async function ask<T>(path: string, signal: AbortSignal): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    })
  } catch (cause) {
    signal.throwIfAborted()
    throw new AskError(
      0,
      'Unreachable',
      cause instanceof Error && cause.name === 'TimeoutError' ? 'no answer' : 'no connection',
    )
  }
  if (!response.ok) throw await refusal(response)
  return (await response.json()) as T
}

async function refusal(response: Response): Promise<AskError> {
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorShape> | undefined
  return new AskError(
    response.status,
    body?.error?.code ?? 'Refused',
    body?.error?.message ?? `the server answered ${response.status}`,
  )
}

/** The address of a scope in the API. */
export function scopePath({ kind, name }: Pick<ScopeShape, 'kind' | 'name'>): string {
  return `api/v1/scopes/${kind}/${encodeURIComponent(name)}`
}

/** The address of a page of objects, those to look at first at the top. */
export function objectsPath(scope: string, filter: Filter, limit: number, cursor?: string): string {
  const parameters = filterParameters(filter)
  parameters.set('sort', 'state')
  parameters.set('limit', String(limit))
  if (cursor) parameters.set('cursor', cursor)
  return `${scope}/objects?${parameters}`
}
