import { packageVersion } from '../compose/package-version.ts'
import { apiRoutes } from './api/routes.ts'
import type { Attachment, AttachmentContext } from './attachments.ts'
import { startListener } from './http/listener.ts'
import { pageRoutes } from './http/page-routes.ts'

/** Page, API, webhooks and health. Throws UsageError where it cannot listen as it was told. */
export async function attachPage(context: AttachmentContext): Promise<Attachment> {
  const { hint, log } = context
  const listener = await startListener({
    ...context,
    routes: [...pageRoutes(), ...apiRoutes({ ...context, version: packageVersion() })],
    hint(webhook) {
      log.info({ webhook }, 'a webhook says that there may be something new')
      hint()
    },
  })
  return { words: `the status page is at ${listener.url}/`, close: () => listener.close() }
}
