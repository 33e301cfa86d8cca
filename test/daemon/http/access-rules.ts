// The table of all addresses. Tests walk it against the server in this process, and against a process of its own.
import type { Access } from '../../../src/daemon/http/route.ts'

/** What stands where, and why: method and address. */
export const ACCESS_RULES: Readonly<Record<string, { readonly access: Access; readonly reason: string }>> = {
  'GET /': { access: 'Overview', reason: 'the page; what it shows it asks of the API' },
  'GET /api/v1/overview': { access: 'Overview', reason: 'numbers and causes' },
  'GET /api/v1/source': { access: 'Overview', reason: 'which revision is enforced' },
  'GET /api/v1/scopes/:kind/:name': { access: 'Overview', reason: 'numbers and causes; sentences for a Reader only' },
  'GET /api/v1/scopes/:kind/:name/objects': { access: 'Reader', reason: 'names of people' },
  'GET /api/v1/scopes/:kind/:name/objects/:key': { access: 'Reader', reason: 'names of people' },
  'GET /api/v1/scopes/:kind/:name/history': { access: 'Overview', reason: 'numbers; changes for a Reader only' },
  'GET /api/v1/scopes/:kind/:name/trend': { access: 'Overview', reason: 'numbers' },
  'GET /api/v1/openapi.json': { access: 'Overview', reason: 'the description' },
  'GET /healthz': { access: 'Public', reason: 'whoever watches the process has no token; no name is told' },
  'GET /readyz': { access: 'Public', reason: 'the same' },
  'GET /api/v1/events': { access: 'Overview', reason: 'names of scopes only' },
  'GET /sign-in': { access: 'Public', reason: 'where people come who are nobody yet' },
  'GET /sign-in.css': { access: 'Public', reason: 'its style' },
  'GET /sign-in.js': { access: 'Public', reason: 'takes the place in the page along; it knows nothing' },
  'POST /sign-in': { access: 'Public', reason: 'takes the token' },
  'GET /sign-in/entra': { access: 'Public', reason: 'sends people away to sign in' },
  'GET /sign-in/callback': { access: 'Public', reason: 'where they come back' },
  'POST /sign-out': { access: 'Public', reason: 'ends the session that the browser sends' },
  'POST /hooks/:name': { access: 'Webhook', reason: 'a sender proves itself by what it signs' },
}
