import type { ParsedDocument } from './document.ts'
import type { FileProblem } from './problem.ts'

/** What some bytes hold, wherever they stand: valid documents, or problems. */
export interface ParsedFile {
  readonly documents: readonly ParsedDocument[]
  readonly problems: readonly FileProblem[]
}

/** Loads after which what was not used is forgotten: enough for the revisions of a few open pull requests. */
const GENERATIONS = 16

/** Parsed and validated files by the SHA-256 of their bytes, so that what did not change is never parsed again. */
export class SpecCache {
  readonly #files = new Map<string, { readonly file: ParsedFile; usedIn: number }>()
  readonly #hashes = new Map<string, { readonly sha256: string; usedIn: number }>()
  #generation = 0

  /** Files held. */
  get size(): number {
    return this.#files.size
  }

  /** The file of a hash. */
  get(sha256: string): ParsedFile | undefined {
    const entry = this.#files.get(sha256)
    if (entry) entry.usedIn = this.#generation
    return entry?.file
  }

  /** The file of a content id that was seen with its bytes before. */
  getByContentId(contentId: string): ParsedFile | undefined {
    const entry = this.#hashes.get(contentId)
    if (!entry) return undefined
    entry.usedIn = this.#generation
    return this.get(entry.sha256)
  }

  set(sha256: string, file: ParsedFile, contentId?: string): void {
    this.#files.set(sha256, { file, usedIn: this.#generation })
    if (contentId !== undefined) this.#hashes.set(contentId, { sha256, usedIn: this.#generation })
  }

  /** Ends one load: forgets what none of the last loads used. */
  endLoad(): void {
    const oldest = this.#generation - GENERATIONS
    for (const map of [this.#files, this.#hashes]) {
      for (const [key, { usedIn }] of map) if (usedIn <= oldest) map.delete(key)
    }
    this.#generation += 1
  }
}
