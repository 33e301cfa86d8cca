// What mailkeel remembers between passes, under one rule: it may delay or veto a write, never cause or widen one. So losing it is safe, and a
// memory that cannot be understood is set aside and begun anew. Each scope has a file of its own: writing one costs what that scope is large,
// and whoever works on a scope next, here or in another replica, reads what was left there.
import { readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Reason } from '../engine/index.ts'
import { NO_MEMORY, parseMemory, type ScopeMemory, writeMemory } from './memory-file.ts'
import { isMissing, makeDirectory, replaceFile, scopePath } from './state-directory.ts'

/** Remembers per scope. */
export interface MemoryStore {
  /** What is remembered of a scope; empty where nothing is. Never fails. */
  recall(scope: string): Promise<ScopeMemory>
  /** Replaces what is remembered of a scope, durably. Throws a StateDirectoryError where that is not possible; it is tried again the next time. */
  remember(scope: string, memory: ScopeMemory): Promise<void>
  /** What a person should know of a scope, for example that a damaged memory was set aside; told for an hour. */
  notices(scope: string): readonly Reason[]
}

/** What opening a memory needs. `mode`: `plan` reads only, and leaves also a damaged file where it is. */
export interface MemoryInput {
  /** Holds a file for each scope, such as `organization/contoso-sales.json`. */
  readonly directory: string
  readonly mode: 'plan' | 'apply'
  readonly now: () => Date
  readonly newId: () => string
}

/** Opens the memory in a directory. Nothing is read before it is asked for. */
export function openMemory(input: MemoryInput): MemoryStore {
  return new FileMemory(input)
}

/** Where the memory of a scope is. Throws a StateDirectoryError for a scope that cannot have one. */
export function memoryPath(directory: string, scope: string): string {
  return `${scopePath(directory, scope)}.json`
}

const NOTICE_MS = 3_600_000

class FileMemory implements MemoryStore {
  readonly #input: MemoryInput
  readonly #notices = new Map<string, { readonly notice: Reason; readonly at: number }>()
  /** What could not be saved, as text. */
  readonly #unsaved = new Map<string, string>()
  readonly #saving = new Map<string, Promise<void>>()

  constructor(input: MemoryInput) {
    this.#input = input
  }

  notices(scope: string): readonly Reason[] {
    const known = this.#notices.get(scope)
    return known && this.#input.now().getTime() - known.at < NOTICE_MS ? [known.notice] : []
  }

  async recall(scope: string): Promise<ScopeMemory> {
    const text = this.#unsaved.get(scope) ?? (await this.#read(scope))
    if (text === undefined) return NO_MEMORY
    try {
      return parseMemory(text, scope)
    } catch {
      await this.#setAside(scope)
      return NO_MEMORY
    }
  }

  async remember(scope: string, memory: ScopeMemory): Promise<void> {
    const text = writeMemory(scope, memory)
    // One after the other, so that no older state replaces a newer one; a failure is its own caller's only.
    const saved = (this.#saving.get(scope) ?? Promise.resolve()).then(() => this.#save(scope, text))
    const settled = saved.catch(() => undefined)
    this.#saving.set(scope, settled)
    try {
      await saved
    } finally {
      if (this.#saving.get(scope) === settled) this.#saving.delete(scope)
    }
  }

  async #save(scope: string, text: string): Promise<void> {
    const path = this.#pathOf(scope)
    if (!this.#unsaved.has(scope) && (await readFile(path, 'utf8').catch(() => undefined)) === text) return
    this.#unsaved.set(scope, text)
    await makeDirectory(dirname(path))
    await replaceFile(path, text, this.#input.newId())
    this.#unsaved.delete(scope)
  }

  async #read(scope: string): Promise<string | undefined> {
    try {
      return await readFile(this.#pathOf(scope), 'utf8')
    } catch (error) {
      const path = this.#pathOf(scope)
      if (!isMissing(error)) this.#notice(scope, 'MemoryUnreadable', `${path} cannot be read; nothing is remembered`)
      return undefined
    }
  }

  async #setAside(scope: string): Promise<void> {
    const path = this.#pathOf(scope)
    const damaged = `${path} is damaged or of another version, so nothing is remembered of earlier passes`
    if (this.#input.mode === 'plan') return this.#notice(scope, 'MemoryDamaged', damaged)
    const aside = `${path}.corrupt-${this.#input.now().toISOString().replaceAll(/[-:]/g, '')}`
    try {
      await rename(path, aside)
      this.#notice(scope, 'MemoryDamaged', `${damaged}; it was set aside as ${aside}`)
    } catch {
      this.#notice(scope, 'MemoryDamaged', damaged)
    }
  }

  #pathOf(scope: string): string {
    return memoryPath(this.#input.directory, scope)
  }

  #notice(scope: string, code: string, message: string): void {
    this.#notices.set(scope, { notice: { code, message }, at: this.#input.now().getTime() })
  }
}
