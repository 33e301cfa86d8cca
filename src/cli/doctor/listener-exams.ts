// The listeners of `mailkeel run`: they are started for a moment as it would start them, so whatever would keep it from starting is found
// here. Where a port is taken, that may be mailkeel itself: then its health is asked.
import { httpClientTo } from '../../compose/connections.ts'
import { UsageError } from '../../compose/usage-error.ts'
import { createBoard } from '../../daemon/board.ts'
import type { Listener, ListenerOptions } from '../../daemon/http/listener.ts'
import type { Finding } from '../../report/doctor.ts'
import type { Examination } from './examine.ts'
import { bad, failure, good, type Question } from './finding.ts'
import type { Patient } from './patient.ts'

interface Tried {
  readonly check: string
  readonly address: string
  readonly port: number
  readonly isSecure: boolean
  readonly start: (options: Omit<ListenerOptions, 'hint'>) => Promise<Listener | undefined>
}

/** Every listener that the configuration names. */
export function listenerExaminations(patient: Patient): readonly Examination[] {
  const { listener } = patient.configuration.spec
  if (!listener) return []
  const { address, port, tls, metrics } = listener
  const page: Tried = {
    check: 'page and API',
    address,
    port,
    isSecure: tls !== undefined,
    start: async (options) => (await listeners()).startListener({ ...options, hint: () => {} }),
  }
  const ofMetrics = metrics && {
    check: 'metrics',
    address: metrics.address,
    port: metrics.port,
    isSecure: false,
    start: async (options: Omit<ListenerOptions, 'hint'>) => (await listeners()).startMetricsListener(options),
  }
  return [page, ...(ofMetrics ? [ofMetrics] : [])].map((tried) => examinationOf(tried, patient))
}

function listeners() {
  return import('../../daemon/http/listener.ts')
}

function examinationOf(tried: Tried, patient: Patient): Examination {
  const { check, address, port } = tried
  const question = { subject: 'listener', check, tried: `listening at ${address}, port ${port}, for a moment` }
  return { question, look: async (signal) => ({ findings: [await listenerFinding(question, tried, patient, signal)] }) }
}

async function listenerFinding(
  question: Question,
  tried: Tried,
  { configuration, machine }: Patient,
  signal: AbortSignal,
): Promise<Finding> {
  const board = createBoard({ kind: 'directory', place: 'nowhere' }, machine.now().toISOString())
  const log = { warn: () => {}, error: () => {} }
  try {
    const listener = await tried.start({ configuration, board, routes: [], machine, log })
    await listener?.close()
    return good(question, `${tried.address} can be listened at, with what the configuration names for it`)
  } catch (error) {
    const isTaken = error instanceof UsageError && isPortTaken(error.cause)
    const running = isTaken ? await healthAt(tried, { configuration, machine }, signal) : undefined
    return running === undefined ? failure(question, error) : healthFinding(question, running)
  }
}

function isPortTaken(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}

interface ToldHealth {
  readonly ok: boolean
  readonly reasons: readonly string[]
}

function healthFinding(question: Question, { ok, reasons }: ToldHealth): Finding {
  if (ok) return good(question, 'mailkeel runs there already, and is well')
  return bad(question, 'Broken', 'NotHealthy', `mailkeel runs there, and is not well: ${reasons.join('; ')}`, {
    words: 'Look into its log, and start it anew.',
  })
}

/** What whoever listens there says of its health; undefined where that is no mailkeel, or cannot be asked. */
async function healthAt(
  { address, port, isSecure }: Tried,
  using: Pick<Patient, 'configuration' | 'machine'>,
  signal: AbortSignal,
): Promise<ToldHealth | undefined> {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '[::1]' : address
  const origin = `${isSecure ? 'https' : 'http'}://${host}:${port}`
  const http = await httpClientTo([origin], using)
  try {
    const { body } = await http.send({ method: 'GET', url: `${origin}/healthz`, signal, maximumBodyBytes: 64 * 1024 })
    return asHealth(JSON.parse(body.toString('utf8')))
  } catch {
    return undefined
  } finally {
    await http.close()
  }
}

function asHealth(value: unknown): ToldHealth | undefined {
  const { ok, reasons } = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<keyof ToldHealth, unknown>
  >
  if (typeof ok !== 'boolean' || !Array.isArray(reasons)) return undefined
  return { ok, reasons: reasons.map(String) }
}
