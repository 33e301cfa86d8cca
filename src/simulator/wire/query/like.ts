/**
 * A test for `contains`, `startswith` and `endswith` on lower-case text. The text may hold the LIKE wildcards `%`, `_` and `[…]`
 * (Microsoft, Web API: filter rows, "Use wildcard characters").
 */
export function likePattern(
  kind: 'contains' | 'startswith' | 'endswith',
  text: string,
): (lowerCased: string) => boolean {
  if (!/[%_[]/.test(text)) {
    if (kind === 'contains') return (value) => value.includes(text)
    return kind === 'startswith' ? (value) => value.startsWith(text) : (value) => value.endsWith(text)
  }
  const before = kind === 'startswith' ? '^' : ''
  const after = kind === 'endswith' ? '$' : ''
  const pattern = new RegExp(`${before}${translate(text)}${after}`, 's')
  return (value) => pattern.test(value)
}

function translate(text: string): string {
  return text.replace(/\[\^?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '%') return '.*'
    if (part === '_') return '.'
    if (part.length > 1) return part.replaceAll('\\', '\\\\')
    return part.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
  })
}
