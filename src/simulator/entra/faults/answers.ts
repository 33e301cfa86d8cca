import type { Answer } from '../../wire/http.ts'
import type { EntraInsteadFault, EntraReshapeFault } from './kinds.ts'

const PAGE =
  '<!DOCTYPE html><html><head><title>Service unavailable</title></head><body><h2>Our services are not available right now</h2></body></html>'

/** A page of the front door, where JSON is due. */
export function frontDoorPage({ status = 200 }: EntraInsteadFault & { readonly kind: 'html' }): Answer {
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: PAGE }
}

/** A redirect that keeps method and body; without a location it leads to where it came from. */
export function redirect({ location }: EntraInsteadFault & { readonly kind: 'redirect' }, target: string): Answer {
  return { status: 307, headers: { Location: location ?? target }, body: '' }
}

/** An answer, spoilt. */
export function spoilt(answer: Answer, fault: EntraReshapeFault, now: Date): Answer {
  const bytes = Buffer.from(answer.body)
  switch (fault.kind) {
    case 'truncated-body':
      return { ...answer, body: bytes.subarray(0, Math.floor(bytes.length / 2)) }
    case 'empty-body':
      return { ...answer, body: '' }
    case 'date-skew':
      return { ...answer, headers: { ...answer.headers, Date: new Date(now.getTime() + fault.skewMs).toUTCString() } }
  }
}

/** Headers of a throttled or unavailable answer. */
export function retryHeaders(retryAfter: number | string | undefined): Readonly<Record<string, string>> {
  return retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
}
