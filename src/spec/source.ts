/** One entry of a source. */
export interface SpecFile {
  /** Relative to the root of the source, with forward slashes. */
  readonly path: string
  /** Only `file` is ever read; symbolic links are refused where a spec file could hide behind one. */
  readonly type: 'file' | 'symlink' | 'other'
  readonly size?: number
  /** A name that is the same exactly when the bytes are, such as a git blob id. Spares reading what was loaded before. */
  readonly contentId?: string
  /** The bytes; at most `maximumBytes` + 1 of them, so that a file which grew is noticed and not held. */
  read(maximumBytes: number): Promise<Uint8Array>
}

/** Where the files of a spec come from: a directory, the tree of a commit. Lists everything; the loader picks. */
export interface SpecSource {
  list(): AsyncIterable<SpecFile>
}
