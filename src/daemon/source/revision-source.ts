// Where revisions come from, whatever keeps them: a git repository or a folder. Level-based: `look` tells how it is now, a hint only makes
// somebody look.
import type { Reason } from '../../engine/index.ts'
import type { SpecSource } from '../../spec/source.ts'
import type { RevisionInfo } from '../board.ts'

/** One revision that may be taken: its files, and whether they are what people reviewed. */
export interface Revision {
  readonly info: RevisionInfo
  readonly files: SpecSource
  /** SHA-256 of a file as it was read, in hexadecimal digits; only after it was read. Absent where all files are committed by nature. */
  readonly hashOf?: (file: string) => string | undefined
}

/** What looking came to. `Refused`: there is a newer one, and it may not be taken (rewound, not signed). */
export type Look =
  | { readonly outcome: 'Revision'; readonly revision: Revision }
  | { readonly outcome: 'Refused'; readonly info: RevisionInfo; readonly reason: Reason }

/** A source of revisions. */
export interface RevisionSource {
  readonly kind: 'git' | 'directory'
  /** For people: address and reference without anything secret, or the folder. */
  readonly place: string
  /** How long to wait before looking without a hint, in milliseconds. */
  readonly pollMs: number
  /** The revision now. `accepted` is the id of the last one that was taken, if any is known. Throws where the source cannot be read. */
  look(accepted: string | undefined, signal: AbortSignal): Promise<Look>
  /**
   * A revision that was taken before, without asking anybody, where it may be taken still: for a start while the source cannot be read or its
   * newest revision cannot be taken. Absent where the source keeps none.
   */
  recall?(id: string, signal: AbortSignal): Promise<Revision | undefined>
  /** Calls back when there may be something new; bursts become one call. */
  onHint(hint: () => void): () => void
  close(): Promise<void>
}
