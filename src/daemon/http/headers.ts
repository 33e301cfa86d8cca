import type { FastifyReply } from 'fastify'

// Nothing from elsewhere, no frames, no forms to others ("Content Security Policy Level 3").
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const ALWAYS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** The headers of every answer, refusals too. A route may replace them: what never changes may be cached. */
export function protectAnswer(reply: FastifyReply, hasTls: boolean): void {
  reply.headers(hasTls ? { ...ALWAYS, 'strict-transport-security': 'max-age=31536000' } : ALWAYS)
}
