import { readFile } from 'node:fs/promises'
import type { EntraFaultRule, TenantSeed } from '../../../src/simulator/entra/index.ts'

/** One request to the sign-in or to Graph and its answer, written down from the documentation. */
export interface EntraExchange {
  readonly name: string
  /** What the tenant is like, where that matters. */
  readonly tenant?: Partial<TenantSeed>
  /** An address whose user has no mailbox in Exchange Online. */
  readonly without?: string
  /** The id of the one key that the principal has, valid from 2025-12-01 to 2026-12-01. */
  readonly keyId?: string
  readonly fault?: EntraFaultRule
  /** Which application calls; the writing one where nothing is said. */
  readonly as?: 'reading'
  readonly request: {
    readonly method: string
    /**
     * Below the address of sign-in and Graph, percent-encoded. `<principal>` is the id of the principal, and `<certificate>` in a body the
     * base64 of a certificate.
     */
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly form?: Readonly<Record<string, string>>
  }
  readonly answer: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Readonly<Record<string, unknown>>
    /** Paths of members whose value must be the written one; of the others the form counts. */
    readonly same?: readonly string[]
  }
}

/** A file of exchanges with its source. */
export interface EntraExchanges {
  readonly file: string
  readonly source: string
  readonly exchanges: readonly EntraExchange[]
}

/** All files. */
export function readEntraExchanges(): Promise<readonly EntraExchanges[]> {
  return Promise.all(
    ['sign-in.json', 'service-principal.json', 'directory.json'].map(async (file) => {
      const text = await readFile(new URL(file, import.meta.url), 'utf8')
      return { file, ...(JSON.parse(text) as Omit<EntraExchanges, 'file'>) }
    }),
  )
}

/** A member by its path such as `error/code`. */
export function memberAt(value: unknown, path: string): unknown {
  return path.split('/').reduce((current: unknown, name) => {
    return typeof current === 'object' && current !== null ? (current as Record<string, unknown>)[name] : undefined
  }, value)
}

/** Members that were written down and are missing or of another type in what came; what came may have more. */
export function missingMembers(written: unknown, came: unknown, path = ''): readonly string[] {
  if (written === null || written === undefined) return []
  if (Array.isArray(written)) {
    if (!Array.isArray(came)) return [`${path} is no list`]
    return written.length === 0 || came.length === 0 ? [] : missingMembers(written[0], came[0], `${path}[0]`)
  }
  if (typeof written !== 'object') return typeof came === typeof written ? [] : [`${path} is no ${typeof written}`]
  if (typeof came !== 'object' || came === null) return [`${path} is no object`]
  const members = came as Readonly<Record<string, unknown>>
  return Object.entries(written).flatMap(([name, value]) =>
    name in members ? missingMembers(value, members[name], `${path}/${name}`) : [`${path}/${name} did not come`],
  )
}
