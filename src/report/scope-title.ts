/** What people call a scope: an organization by its name, a trust as `trust contoso`. */
export function scopeTitle(scope: string): string {
  const [kind = '', ...name] = scope.split('/')
  return kind === 'trust' ? `trust ${name.join('/')}` : name.join('/')
}

/** True for a scope that is a trust: it holds no mailboxes, and no people stand behind its objects. */
export function isTrustScope(scope: string): boolean {
  return scope.startsWith('trust/')
}

/** What people call what a result is about. */
export function titleOf({ scope, organization }: { readonly scope: string; readonly organization: string }): string {
  return isTrustScope(scope) ? `trust ${organization}` : organization
}
