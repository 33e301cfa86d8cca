// `POST /hooks/<name>`: somebody says that there is something new. The answer is 202 before anything is done about it.
import type { Machine } from '../../../machine.ts'
import type { Webhook } from '../../../spec/generated/types.ts'
import { toldError } from '../answers.ts'
import type { ListenerLog } from '../log.ts'
import { paced } from '../paced.ts'
import { HttpError, type Route } from '../route.ts'
import type { SharedSecret } from '../secret-proof.ts'
import { isGenuine } from './senders.ts'

/** A sender with its secret. */
export interface Sender {
  readonly type: Webhook['type']
  readonly secret: SharedSecret
}

/** What the route works with. */
export interface WebhookOptions {
  readonly senders: ReadonlyMap<string, Sender>
  /** Told the name of a sender, at most once in two seconds. What it throws stays here. */
  readonly hint: (name: string) => void
  readonly machine: Pick<Machine, 'now' | 'sleep'>
  readonly signal: AbortSignal
  readonly log: ListenerLog
}

const EVERY_MS = 2000
/** Stands in for the secret of a sender that there is not, so that it takes as long to refuse. */
const NOBODY: Sender = { type: 'GitHub', secret: { current: async () => 'there is no sender of this name' } }

/** The route of all senders. An unknown name and a wrong proof are refused in the same words. */
export function webhookRoute(options: WebhookOptions): Route {
  const { senders, machine, signal, log } = options
  const hint = paced({ machine, signal, everyMs: EVERY_MS }, (name) => {
    try {
      options.hint(name)
    } catch (error) {
      log.error({ webhook: name, ...toldError(error) }, 'a webhook could not be passed on')
    }
  })
  return {
    method: 'POST',
    url: '/hooks/:name',
    access: 'Webhook',
    summary: 'A webhook: makes mailkeel look for a new revision.',
    async handle(request, reply) {
      const { name } = request.params as { readonly name: string }
      const known = senders.get(name)
      const { type, secret } = known ?? NOBODY
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const shared = await secret.current().catch((error: unknown) => {
        log.error({ webhook: name, ...toldError(error) }, 'the secret of a webhook cannot be read')
        return undefined
      })
      const isProven =
        shared !== undefined && isGenuine(type, shared, { headers: request.headers, body }, machine.now())
      if (!isProven || !known) {
        throw new HttpError(
          401,
          'NotProven',
          'no sender of this name proved itself with this request; check name, kind and secret',
        )
      }
      hint(name)
      return reply.code(202).send({})
    },
  }
}
