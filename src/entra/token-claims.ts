import { isGuid } from './clouds.ts'
import { jsonOf } from './failure.ts'
import { asRecord } from './fields.ts'

/**
 * What a token says of its tenant and of our permissions, as far as it is a JSON web token. It is for Graph and not for us ("Access tokens in
 * the Microsoft identity platform"), so it may be used to warn and to refuse, never to allow.
 */
export function tenantOf(token: string): { readonly tenantId?: string; readonly roles?: ReadonlySet<string> } {
  const parts = token.split('.')
  const claims = parts.length === 3 ? asRecord(jsonOf(Buffer.from(parts[1] ?? '', 'base64url'))) : undefined
  if (!claims) return {}
  const tid = claims['tid']
  const roles = claims['roles']
  return {
    ...(typeof tid === 'string' && isGuid(tid) && { tenantId: tid.toLowerCase() }),
    ...(Array.isArray(roles) && { roles: new Set(roles.filter((role) => typeof role === 'string')) }),
  }
}
