/** The other side did not take a message. The message of the error names no path of the address: whoever knows it can post. */
export class ChannelError extends Error {
  /** Sending the same once more will not help. */
  readonly isFinal: boolean
  /** How long the other side asks to be left alone. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    options: ErrorOptions & { readonly isFinal?: boolean; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options)
    this.name = 'ChannelError'
    this.isFinal = options.isFinal ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}
