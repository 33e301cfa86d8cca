// Asks the mailkeel of this machine how it is: `node dist/daemon/http/health-check.js [mailkeel.yaml]`, for the health check of a container.
// Prints one line and ends with 0 or 1. With https the name in the certificate is never ours on loopback; that something speaks TLS there
// then counts as an answer, unless the metrics listener, which is plain http, can be asked.
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NetworkError } from '../../network/http.ts'
import { createHttpClient } from '../../network/http-client.ts'
import { loadConfiguration, type RuntimeConfiguration } from '../../spec/configuration/load.ts'
import { DEFAULT_LISTENER } from './listener.ts'

/** How it is, in one line. */
export interface HealthVerdict {
  readonly ok: boolean
  readonly line: string
}

const DEADLINE_MS = 4000

/** Asks `/healthz` at the port that the configuration says. Never throws. */
export async function checkHealth(file: string): Promise<HealthVerdict> {
  try {
    const loaded = await loadConfiguration(file)
    if (!loaded.ok) return { ok: false, line: `${file} has problems; mailkeel validate tells them` }
    return await ask(originOf(loaded.configuration.spec))
  } catch (error) {
    return { ok: false, line: error instanceof Error ? error.message : 'the check failed' }
  }
}

async function ask(origin: string): Promise<HealthVerdict> {
  const http = createHttpClient({
    allowedOrigins: [origin],
    userAgent: 'mailkeel-health-check',
    deadlineMs: DEADLINE_MS,
  })
  try {
    const { status } = await http.send({ method: 'GET', url: `${origin}/healthz` })
    return { ok: status === 200, line: `${origin}/healthz answers ${status}` }
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    const answers = error.failure === 'tls' && origin.startsWith('https:')
    return { ok: answers, line: answers ? `${origin} answers by TLS` : error.message }
  } finally {
    await http.close()
  }
}

function originOf({ listener = DEFAULT_LISTENER }: RuntimeConfiguration['spec']): string {
  const { tls, metrics } = listener
  const { address, port } = tls && metrics ? metrics : listener
  const scheme = tls && !metrics ? 'https' : 'http'
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

const started = process.argv[1]
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  const { ok, line } = await checkHealth(resolve(process.argv[2] ?? process.env['MAILKEEL_CONFIG'] ?? 'mailkeel.yaml'))
  process.stdout.write(`${line}\n`)
  process.exitCode = ok ? 0 : 1
}
