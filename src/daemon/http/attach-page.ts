import { packageVersion } from '../../compose/package-version.ts'
import { apiRoutes } from '../api/routes.ts'
import type { Attachment, AttachmentContext } from '../attachments.ts'
import { type Listener, startListener } from './listener.ts'
import { pageRoutes } from './page-routes.ts'

/** Page, API, webhooks and health. Throws UsageError where it cannot listen as it was told. */
export async function attachPage(context: AttachmentContext): Promise<Attachment> {
  const { hint, log } = context
  const page = pageRoutes()
  let listener: Listener | undefined
  const api = apiRoutes({
    ...context,
    version: packageVersion(),
    others: () => (listener?.routes ?? []).filter((route) => !page.includes(route) && !api.includes(route)),
  })
  listener = await startListener({
    ...context,
    routes: [...page, ...api],
    hint(webhook) {
      log.info({ webhook }, 'a webhook says that there may be something new')
      hint()
    },
  })
  const { url, close } = listener
  return { words: `the status page is at ${url}/`, close }
}
