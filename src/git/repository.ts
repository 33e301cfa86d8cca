// The contract of a git repository as a source of the spec: commits and their files, read by object id. There is never a work tree.
import type { SpecSource } from '../spec/source.ts'

/** A commit. Subject and author are as somebody wrote them, in one line, capped. */
export interface Commit {
  readonly id: string
  readonly subject: string
  readonly author: string
  /** ISO 8601 in UTC. */
  readonly committedAt: string
}

/** What went wrong; the message says what to do. */
export type GitFailure =
  | 'Unreachable'
  | 'Unauthorized'
  | 'NotFound'
  | 'ReferenceMissing'
  | 'HostUnknown'
  | 'CertificateRefused'
  | 'TimedOut'
  | 'TooLarge'
  | 'GitMissing'
  | 'GitTooOld'
  | 'Broken'

/** The repository cannot be used. Its message holds nothing secret and no content of a file. */
export class GitError extends Error {
  readonly code: GitFailure

  constructor(code: GitFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GitError'
    this.code = code
  }
}

/** Why a commit may not be taken. */
export interface Refusal {
  readonly code: 'NotFastForward' | 'NotSigned' | 'SignerUnknown' | 'SignatureInvalid' | 'TagNotSigned'
  readonly message: string
}

/** A bare repository that follows one reference of a remote one. `fetch`, `judge` and `find` are called one at a time. */
export interface GitRepository {
  /** Fetches, and tells the commit that the reference points to now. Throws GitError. */
  fetch(signal: AbortSignal): Promise<Commit>
  /** Whether the commit may be taken after the one that was taken last: it follows from it, and is signed where that is asked. Throws GitError. */
  judge(commit: Commit, accepted: string | undefined, signal: AbortSignal): Promise<Refusal | undefined>
  /** A commit by its full id, fetched at any time; undefined where it is not here. Asks no server. Throws GitError. */
  find(id: string, signal: AbortSignal): Promise<Commit | undefined>
  /** The files of a folder of a commit, as blobs with their ids. Symbolic links and submodules are listed as what they are, and never read. */
  files(commit: Commit, folder: string, signal: AbortSignal): SpecSource
  close(): Promise<void>
}
