// How each kind of sender proves that it knows the secret. Only headers and bytes are looked at: what the body says is never read, because
// all that a webhook can do is make us look.
import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Webhook } from '../../../spec/generated/types.ts'
import { isSameText } from '../secret-proof.ts'

/** What came in. */
export interface Delivery {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Whether the delivery comes from somebody who knows the secret. Takes the same time for every wrong proof of the same size. */
export function isGenuine(type: Webhook['type'], secret: string, delivery: Delivery, now: Date): boolean {
  return PROOFS[type](secret, delivery, now)
}

type Proof = (secret: string, delivery: Delivery, now: Date) => boolean

const PROOFS: Readonly<Record<Webhook['type'], Proof>> = {
  // GitHub Docs, "Validating webhook deliveries".
  GitHub: (secret, { headers, body }) => isSigned(headers['x-hub-signature-256'], 'sha256=', secret, [body]),
  // GitLab Docs, "Webhooks": the token goes over the wire as it is.
  GitLab: (secret, { headers }) => isSameText(one(headers['x-gitlab-token']), secret),
  // Microsoft, "Webhooks with Azure DevOps": HTTP basic authentication; the user name is whatever people wrote there.
  AzureDevOps: (secret, { headers }) => isSameText(passwordOf(headers.authorization), secret),
  // Gitea Docs, "Webhooks": hexadecimal, without a prefix.
  Gitea: (secret, { headers, body }) => isSigned(headers['x-gitea-signature'], '', secret, [body]),
  // Forgejo Docs, "Webhooks".
  Forgejo: (secret, { headers, body }) => isSigned(headers['x-forgejo-signature'], '', secret, [body]),
  Generic: genericProof,
}

const REPLAY_WINDOW_MS = 5 * 60_000

/** Our own: the signature covers the time, so that a delivery that somebody recorded is of no use later. */
function genericProof(secret: string, { headers, body }: Delivery, now: Date): boolean {
  const stamp = one(headers['x-mailkeel-timestamp'])
  const isSeconds = /^\d{1,12}$/.test(stamp)
  const isNear = isSeconds && Math.abs(now.getTime() - Number(stamp) * 1000) <= REPLAY_WINDOW_MS
  const signed = isSigned(headers['x-mailkeel-signature'], 'sha256=', secret, [Buffer.from(`${stamp}.`), body])
  return signed && isNear
}

function isSigned(
  header: string | string[] | undefined,
  prefix: string,
  secret: string,
  content: readonly Buffer[],
): boolean {
  const hmac = createHmac('sha256', secret)
  for (const part of content) hmac.update(part)
  return isSameText(one(header).toLowerCase(), `${prefix}${hmac.digest('hex')}`)
}

function passwordOf(header: string | undefined): string {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,2048})$/i.exec(header ?? '')?.[1] ?? ''
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : ''
}

/** A header that came once; one that came twice proves nothing. */
function one(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : ''
}
