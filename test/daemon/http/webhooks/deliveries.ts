// What each kind of sender sends, as its vendor documents it.
import { createHmac } from 'node:crypto'
import type { Webhook } from '../../../../src/spec/generated/types.ts'
import { type Asked, NOW } from '../harness.ts'

export type SenderType = Webhook['type']
export const SECRET = 'token-of-the-readers-4f1c'

const hmac = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex')

/** Headers and body of a delivery; signed so many seconds from now, where that is signed too. */
export const deliveries: Readonly<
  Record<SenderType, (body: string, secret?: string, seconds?: number) => Pick<Asked, 'headers' | 'body'>>
> = {
  GitHub: (body, secret = SECRET) => ({ body, headers: { 'x-hub-signature-256': `sha256=${hmac(secret, body)}` } }),
  GitLab: (body, secret = SECRET) => ({ body, headers: { 'x-gitlab-token': secret } }),
  AzureDevOps: (body, secret = SECRET) => ({
    body,
    headers: { authorization: `Basic ${Buffer.from(`azure:${secret}`).toString('base64')}` },
  }),
  Gitea: (body, secret = SECRET) => ({ body, headers: { 'x-gitea-signature': hmac(secret, body) } }),
  Forgejo: (body, secret = SECRET) => ({ body, headers: { 'x-forgejo-signature': hmac(secret, body) } }),
  Generic(body, secret = SECRET, seconds = 0) {
    const stamp = NOW.getTime() / 1000 + seconds
    const signature = `sha256=${hmac(secret, `${stamp}.${body}`)}`
    return { body, headers: { 'x-mailkeel-timestamp': String(stamp), 'x-mailkeel-signature': signature } }
  },
}

/** One of each kind, called like it. */
export const WEBHOOKS = (Object.keys(deliveries) as SenderType[]).map((type) => ({
  name: type.toLowerCase(),
  type,
  secret: { env: 'TOKEN' },
}))
