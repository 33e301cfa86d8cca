import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SecretReference } from '../generated/types.ts'

/** What secrets are resolved against. */
export interface SecretContext {
  /** Folder of the configuration: relative files start here. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** A secret that could not be read. Names where it should be, never what it is. */
export class SecretError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SecretError'
  }
}

const LARGEST = 64 * 1024

/**
 * Reads a secret now; the caller keeps it no longer than it needs. `use` says what for, such as `the token of identity crm`.
 * One line break at the end of a file is not part of the secret. Throws SecretError.
 */
export async function resolveSecret(reference: SecretReference, use: string, context: SecretContext): Promise<string> {
  if (reference.env !== undefined) {
    const value = context.environment[reference.env]
    if (value === undefined || value === '')
      throw new SecretError(
        `${use}: the environment variable ${reference.env} is not set; \`export ${reference.env}=…\` sets it`,
      )
    return value
  }
  const file = resolve(context.folder, reference.file ?? '')
  const value = (await readSecretFile(file, use)).replace(/\r?\n$/, '')
  if (value === '') throw new SecretError(`${use}: the file ${file} is empty`)
  return value
}

async function readSecretFile(file: string, use: string): Promise<string> {
  const buffer = Buffer.alloc(LARGEST + 1)
  try {
    const handle = await open(file, 'r')
    try {
      let length = 0
      for (let bytes = -1; bytes !== 0 && length <= LARGEST; length += bytes) {
        bytes = (await handle.read(buffer, length, buffer.length - length)).bytesRead
      }
      if (length > LARGEST) throw new SecretError(`${use}: the file ${file} is too large for a secret`)
      return buffer.toString('utf8', 0, length)
    } finally {
      buffer.fill(0)
      await handle.close()
    }
  } catch (error) {
    if (error instanceof SecretError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new SecretError(`${use}: the file ${file} cannot be read (${code})`, { cause: error })
  }
}
