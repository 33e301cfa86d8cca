import type { Answer } from '../../wire/http.ts'
import type { GraphContext, GraphResult } from './operation.ts'
import type { GraphRefusal, TraceIds } from './refusal.ts'
import { claimsChallenge, type SignInCheck } from './sign-in-check.ts'

/** What goes back with every answer of one request. */
export interface Traced {
  readonly ids: TraceIds
  readonly headers: Readonly<Record<string, string>>
  challenge(): GraphRefusal
}

const DIAGNOSTIC = JSON.stringify({
  ServerInfo: { DataCenter: 'Simulated', Slice: 'E', Ring: '5', ScaleUnit: '001', RoleInstance: 'SIMULATED0001' },
})
const JSON_TYPE = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

/** Ids of a request and the headers that carry them (Microsoft Graph, best practices: tracing). */
export function tracedHeaders(
  { check, context }: { readonly check: SignInCheck; readonly context: GraphContext },
  asked: Readonly<Record<string, string>>,
): Traced {
  const requestId = context.newId()
  const clientRequestId = asked['client-request-id'] ?? requestId
  const isEchoed = context.switches.clientRequestId === 'always' || asked['return-client-request-id'] === 'true'
  const at = check.now()
  return {
    ids: { requestId, clientRequestId, at },
    headers: {
      'request-id': requestId,
      ...(isEchoed ? { 'client-request-id': clientRequestId } : {}),
      'x-ms-ags-diagnostic': DIAGNOSTIC,
      'x-ms-resource-unit': '1',
      Date: at.toUTCString(),
    },
    challenge: () => claimsChallenge(context.tenant, at),
  }
}

/** A result as it goes over the wire. */
export function graphAnswer({ status, body, headers = {} }: GraphResult, traced: Traced): Answer {
  const type = body === undefined ? {} : { 'Content-Type': JSON_TYPE, 'OData-Version': '4.0' }
  return {
    status,
    headers: { ...traced.headers, ...type, ...headers },
    body: body === undefined ? '' : JSON.stringify(body),
  }
}
