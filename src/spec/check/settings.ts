import type { EmailSettings } from '../generated/types.ts'
import type { CheckContext } from './context.ts'

/** Default settings that contradict themselves, or that would synchronize a test organization unasked. */
export function checkSettings(context: CheckContext): void {
  for (const { settings, document } of context.organizations.values()) {
    for (const item of settings) {
      const fields = item.value.spec
      if (fields.processEmailsUsing === 'EmailRouter' && fields.appointmentsContactsTasks === 'ServerSideSync') {
        const message =
          'processEmailsUsing is EmailRouter, which synchronizes no appointments; write ServerSideSync there or None here'
        context.report(item.problem(['spec', 'appointmentsContactsTasks'], message))
      }
      if (fields.tracking?.folderLevel === false && fields.tracking.maximumFolderMappings !== undefined) {
        const message = 'folderLevel is false, so maximumFolderMappings has no effect; remove one of them'
        context.report(item.problem(['spec', 'tracking', 'maximumFolderMappings'], message))
      }
      const synchronizing = synchronizingField(fields)
      const unasked = document.value.spec.environment === 'NonProduction' && fields.acknowledgeNonProduction !== true
      if (unasked && synchronizing !== undefined) {
        const message =
          'new mailboxes of a NonProduction organization would be synchronized; write None, or `acknowledgeNonProduction: true` beside it'
        context.report(item.problem(['spec', synchronizing], message))
      }
    }
  }
}

const METHODS = ['incoming', 'outgoing', 'appointmentsContactsTasks'] as const

function synchronizingField(fields: EmailSettings['spec']): (typeof METHODS)[number] | undefined {
  return METHODS.find((field) => fields[field] === 'ServerSideSync')
}
