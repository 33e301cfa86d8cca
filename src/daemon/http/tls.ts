// Certificate and key of the server. Whoever renews them replaces the files; connections that come later get the new ones.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import { type RuntimeConfiguration, resolvePath } from '../../spec/configuration/load.ts'
import { toldError } from './answers.ts'
import type { ListenerLog } from './log.ts'

/** The content of the two files. */
export interface TlsFiles {
  readonly certificate: string
  readonly privateKey: string
}

/** Where the two files are. */
export interface TlsPaths {
  readonly certificateFile: string
  readonly privateKeyFile: string
}

/** The two files, absolute, and what was in them at the start. */
export interface OpenedTls {
  readonly paths: TlsPaths
  readonly files: TlsFiles
}

const LOOK_EVERY_MS = 30_000

/** Reads the files of the configuration. Throws UsageError where they are unfit. */
export async function openTls(paths: TlsPaths, configuration: RuntimeConfiguration): Promise<OpenedTls> {
  const resolved = {
    certificateFile: resolvePath(configuration, paths.certificateFile),
    privateKeyFile: resolvePath(configuration, paths.privateKeyFile),
  }
  const files = await readTlsFiles(resolved).catch((error: unknown) => {
    throw new UsageError(`\`listener.tls\`: ${error instanceof Error ? error.message : 'it cannot be used'}`)
  })
  return { paths: resolved, files }
}

/** Gives the server the new files whenever they changed, until the signal fires. */
export function followTls(
  server: object,
  { paths, files }: OpenedTls,
  context: Parameters<typeof followTlsFiles>[3],
): Promise<void> {
  const use = ({ certificate, privateKey }: TlsFiles) => {
    // Of the server that TLS made; its type here is that of the other one.
    const { setSecureContext } = server as { setSecureContext?: (options: object) => void }
    setSecureContext?.call(server, { cert: certificate, key: privateKey, minVersion: 'TLSv1.2' })
  }
  return followTlsFiles(paths, files, use, context)
}

/** Reads certificate and key and sees that they belong together. Throws an Error that names the file and quotes nothing of it. */
async function readTlsFiles({ certificateFile, privateKeyFile }: TlsPaths): Promise<TlsFiles> {
  const [certificate, privateKey] = await Promise.all([textOf(certificateFile), textOf(privateKeyFile)])
  const leaf = orTold(() => new X509Certificate(certificate), `${certificateFile} holds no certificate in PEM`)
  const key = orTold(
    () => createPrivateKey(privateKey),
    `${privateKeyFile} holds no private key in PEM without a password`,
  )
  if (!leaf.checkPrivateKey(key)) {
    throw new Error(
      `the private key in ${privateKeyFile} does not belong to the first certificate in ${certificateFile}`,
    )
  }
  return { certificate, privateKey }
}

/**
 * Looks every half minute whether the files changed, until the signal fires, and gives the new ones to `use`. While they are unfit (half of a
 * renewal is there) the ones in use stay, and that is told once.
 */
async function followTlsFiles(
  paths: TlsPaths,
  first: TlsFiles,
  use: (files: TlsFiles) => void,
  {
    machine,
    log,
    signal,
  }: { readonly machine: Pick<Machine, 'sleep'>; readonly log: ListenerLog; readonly signal: AbortSignal },
): Promise<void> {
  let current = first
  let toldOf = ''
  while (!signal.aborted) {
    await machine.sleep(LOOK_EVERY_MS, signal).catch(() => {})
    if (signal.aborted) return
    try {
      const next = await readTlsFiles(paths)
      toldOf = ''
      if (next.certificate === current.certificate && next.privateKey === current.privateKey) continue
      use(next)
      current = next
    } catch (error) {
      const told = toldError(error)
      if (told.error !== toldOf)
        log.error(told, 'the new certificate of the listener cannot be used; the one before stays')
      toldOf = told.error
    }
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code ?? 'unknown error'})`)
  })
}

function orTold<T>(read: () => T, otherwise: string): T {
  try {
    return read()
  } catch {
    // Without the cause: a parser may quote what it could not read.
    throw new Error(otherwise)
  }
}
