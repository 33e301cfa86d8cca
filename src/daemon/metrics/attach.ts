import { packageVersion } from '../../compose/package-version.ts'
import type { Attachment, AttachmentContext } from '../attachments.ts'
import { startMetricsListener } from '../http/listener.ts'
import { createMetrics } from './metrics.ts'

/** Metrics on their own port, where the configuration has one. Throws UsageError. */
export async function attachMetrics(context: AttachmentContext): Promise<Attachment | undefined> {
  const { board, configuration, machine } = context
  if (!configuration.spec.listener?.metrics) return undefined
  const metrics = createMetrics(board, { now: machine.now, version: packageVersion() })
  const listener = await startMetricsListener({ ...context, routes: [metrics.route] })
  return {
    words: `metrics are at ${listener?.url}/metrics`,
    requests: metrics.requests,
    async close() {
      metrics.close()
      await listener?.close()
    },
  }
}
