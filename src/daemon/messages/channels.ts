// The channels that a configuration names.
import { readFile } from 'node:fs/promises'
import { httpClientTo } from '../../compose/connections.ts'
import { checkSecrets, type NeededSecret, secretOf } from '../../compose/secrets.ts'
import type { Machine } from '../../machine.ts'
import type { Channel } from '../../notify/message.ts'
import type { PostOptions } from '../../notify/post.ts'
import { type RuntimeConfiguration, resolvePath } from '../../spec/configuration/load.ts'
import { parseDuration } from '../../spec/duration.ts'
import type { Notification, SecretReference } from '../../spec/generated/types.ts'

/** What channels are made with. */
export interface ChannelsInput {
  readonly configuration: RuntimeConfiguration
  readonly machine: Machine
}

/** Makes all channels. Connects to none of them. Throws UsageError where a secret is missing. */
export async function channelsOf(input: ChannelsInput): Promise<readonly Channel[]> {
  const { notifications } = input.configuration.spec
  await checkSecrets(notifications.flatMap(secretsOf), input)
  return Promise.all(notifications.map((one) => channelOf(one, input)))
}

function secretsOf({ name, url, secret, smtp }: Notification): readonly NeededSecret[] {
  const needed: readonly (readonly [SecretReference | undefined, string])[] = [
    [url, `the url of channel ${name}`],
    [secret, `the secret of channel ${name}`],
    [smtp?.password, `the password of channel ${name}`],
  ]
  return needed.flatMap(([reference, use]) => (reference ? [[reference, use] as const] : []))
}

async function channelOf(notification: Notification, input: ChannelsInput): Promise<Channel> {
  const { name, type, secret } = notification
  switch (type) {
    case 'Teams': {
      const { createTeams } = await import('../../notify/teams.ts')
      return createTeams(postOptions(notification, input))
    }
    case 'Webhook': {
      const { createWebhook } = await import('../../notify/webhook.ts')
      return createWebhook({
        ...postOptions(notification, input),
        source: input.configuration.spec.listener?.publicUrl ?? 'mailkeel',
        ...(secret ? { secret: () => secretOf(secret, `the secret of channel ${name}`, input) } : {}),
      })
    }
    case 'Smtp':
      return smtpOf(notification, input)
  }
}

function postOptions({ name, url }: Notification, input: ChannelsInput): PostOptions {
  return {
    name,
    url: async () => (url ? secretOf(url, `the url of channel ${name}`, input) : ''),
    connect: (origin) => httpClientTo([origin], input),
    now: input.machine.now,
  }
}

async function smtpOf({ name, smtp, from, to }: Notification, input: ChannelsInput): Promise<Channel> {
  const { createSmtp } = await import('../../notify/smtp.ts')
  const { configuration } = input
  const { caFile, connectTimeout, requestTimeout } = configuration.spec.network
  const { host = '', port = 587, security = 'StartTls', userName, password } = smtp ?? {}
  return createSmtp({
    name,
    host,
    port,
    security,
    ...(userName === undefined ? {} : { userName }),
    ...(password ? { password: () => secretOf(password, `the password of channel ${name}`, input) } : {}),
    ...(caFile === undefined ? {} : { caPem: await readFile(resolvePath(configuration, caFile), 'utf8') }),
    from: from ?? '',
    to: to ?? [],
    connectTimeoutMs: parseDuration(connectTimeout),
    timeoutMs: parseDuration(requestTimeout),
  })
}
