// What mailkeel remembers between passes, under one rule: it may delay or veto a write, never cause or widen one. So losing it is safe,
// and a memory that cannot be understood is set aside and begun anew.
import { readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Reason } from '../engine/index.ts'
import {
  fromFile,
  NO_MEMORY,
  parseMemory,
  type ScopeFile,
  type ScopeMemory,
  toFile,
  writeMemory,
} from './memory-file.ts'
import { isMissing, makeDirectory, replaceFile } from './state-directory.ts'

/** Remembers per scope. */
export interface MemoryStore {
  /** What is remembered of a scope; empty where nothing is. Never fails. */
  recall(scope: string): Promise<ScopeMemory>
  /** Replaces what is remembered of a scope, durably. Throws a StateDirectoryError where that is not possible. */
  remember(scope: string, memory: ScopeMemory): Promise<void>
  /** What a person should know, for example that a damaged memory was set aside. */
  notices(): readonly Reason[]
}

/** What opening a memory needs. `mode`: `plan` reads only, and leaves also a damaged file where it is. */
export interface MemoryInput {
  readonly path: string
  readonly mode: 'plan' | 'apply'
  readonly now: () => Date
  readonly newId: () => string
}

/** Opens the memory in a file, which is read once, at the first question. */
export function openMemory(input: MemoryInput): MemoryStore {
  return new FileMemory(input)
}

class FileMemory implements MemoryStore {
  readonly #input: MemoryInput
  readonly #notices: Reason[] = []
  readonly #scopes = new Map<string, ScopeFile>()
  readonly #unsaved = new Set<string>()
  #loaded: Promise<void> | undefined
  #saving: Promise<void> = Promise.resolve()

  constructor(input: MemoryInput) {
    this.#input = input
  }

  notices(): readonly Reason[] {
    return this.#notices
  }

  async recall(scope: string): Promise<ScopeMemory> {
    await this.#load()
    const part = this.#scopes.get(scope)
    return part === undefined ? NO_MEMORY : fromFile(part)
  }

  async remember(scope: string, memory: ScopeMemory): Promise<void> {
    await this.#load()
    const part = toFile(memory)
    if (JSON.stringify(this.#scopes.get(scope)) === JSON.stringify(part) && !this.#unsaved.has(scope)) return
    this.#scopes.set(scope, part)
    this.#unsaved.add(scope)
    // One after the other, so that no older state replaces a newer one; a failure is its own caller's only.
    const saved = this.#saving.then(() => this.#save())
    this.#saving = saved.catch(() => undefined)
    await saved
  }

  async #save(): Promise<void> {
    const { path, newId } = this.#input
    await makeDirectory(dirname(path))
    const saving = [...this.#unsaved]
    await replaceFile(path, writeMemory(this.#scopes), newId())
    for (const scope of saving) this.#unsaved.delete(scope)
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#read()
    return this.#loaded
  }

  async #read(): Promise<void> {
    const { path } = this.#input
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if (!isMissing(error)) this.#notice('MemoryUnreadable', `${path} cannot be read; this pass remembers nothing`)
      return
    }
    try {
      for (const [scope, part] of parseMemory(text)) this.#scopes.set(scope, part)
    } catch {
      await this.#setAside(path)
    }
  }

  async #setAside(path: string): Promise<void> {
    const damaged = `${path} is damaged or of another version, so nothing is remembered of earlier passes`
    if (this.#input.mode === 'plan') return this.#notice('MemoryDamaged', damaged)
    const aside = `${path}.corrupt-${this.#input.now().toISOString().replaceAll(/[-:]/g, '')}`
    try {
      await rename(path, aside)
      this.#notice('MemoryDamaged', `${damaged}; it was set aside as ${aside}`)
    } catch {
      this.#notice('MemoryDamaged', damaged)
    }
  }

  #notice(code: string, message: string): void {
    this.#notices.push({ code, message })
  }
}
