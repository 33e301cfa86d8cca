/** Where the server writes what nobody is told over HTTP. The shape of pino: fields first, and a message that is always the same words. */
export interface ListenerLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
