/** A mistake in how the program was called: what, and what to write instead. Ends with exit code 64. */
export class UsageError extends Error {
  /** The help of the verb says what would be right. */
  readonly helpHelps: boolean

  constructor(message: string, options: ErrorOptions & { readonly helpHelps?: boolean } = {}) {
    super(message, options)
    this.helpHelps = options.helpHelps ?? false
    this.name = 'UsageError'
  }
}
