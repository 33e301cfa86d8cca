import type { Configuration } from '../generated/types.ts'
import type { Report } from './check-identities.ts'
import { isLoopback } from './loopback.ts'

/** Fields that one kind of channel has. */
const FIELDS = {
  Teams: ['url'],
  Webhook: ['url', 'secret'],
  Smtp: ['smtp', 'from', 'to'],
} as const

const OWN_FIELDS = ['url', 'secret', 'smtp', 'from', 'to'] as const

/** Every channel has the fields of its kind, and mail is encrypted on its way. */
export function checkNotifications(spec: Configuration['spec'], report: Report): void {
  const names = new Set<string>()
  for (const [index, channel] of spec.notifications.entries()) {
    const path = ['notifications', index]
    if (names.has(channel.name)) report([...path, 'name'], `there are two channels \`${channel.name}\``)
    names.add(channel.name)
    const allowed: readonly string[] = FIELDS[channel.type]
    for (const field of OWN_FIELDS) {
      if (channel[field] !== undefined && !allowed.includes(field))
        report([...path, field], `a channel of type ${channel.type} has no ${field}`)
    }
    if (channel.smtp?.security === 'None' && !isLoopback(channel.smtp.host))
      report([...path, 'smtp', 'security'], 'mail that is not encrypted on its way works on loopback only')
  }
}
