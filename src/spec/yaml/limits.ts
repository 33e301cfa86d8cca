/** What a file may cost. A set of 50,000 mailboxes, each written as an object, stays below half of every limit. */
export interface ParseLimits {
  readonly maximumBytes: number
  /** Values, keys included. */
  readonly maximumNodes: number
  /** Containers inside containers. */
  readonly maximumDepth: number
  readonly maximumDocuments: number
  /** Tokens, blanks and comments included: the work of the parser grows with them. */
  readonly maximumTokens: number
  /** Problems reported per file; the rest is counted. */
  readonly maximumProblems: number
}

export const DEFAULT_LIMITS: ParseLimits = {
  maximumBytes: 16 * 1024 * 1024,
  maximumNodes: 1_000_000,
  maximumDepth: 20,
  maximumDocuments: 1_000,
  maximumTokens: 6_000_000,
  maximumProblems: 1_000,
}
