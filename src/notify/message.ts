// What people are told, whatever the channel. A message is about an incident: something that began, and that ends.

/** What a message is about; channels choose by it. */
export type Topic =
  | 'Failed'
  | 'Blocked'
  | 'Drift'
  | 'Applied'
  | 'Expiring'
  | 'InvalidRevision'
  | 'SourceUnreachable'
  | 'Fight'

/** One message. Text is for people and may hold names as others wrote them: each channel escapes for itself. */
export interface Message {
  /** Unique; a message that is sent twice has the same id. */
  readonly id: string
  /** The same for the begin, the updates and the recovery of one incident. */
  readonly incident: string
  readonly topic: Topic
  /** `Recovered` ends the incident. What only happened once (`Applied`) is `Told`. */
  readonly state: 'Began' | 'Changed' | 'Recovered' | 'Told'
  /** ISO 8601 in UTC. */
  readonly at: string
  /** metadata.name of an organization or trust; absent where it is about the source. */
  readonly scope?: string
  /** One line: what happened, and to how many. */
  readonly title: string
  /** Further lines: where, evidence, what to do. */
  readonly lines: readonly string[]
  /** Address of the status page where more is to be seen. */
  readonly link?: string
}

/** Carries messages to people. */
export interface Channel {
  readonly name: string
  /** Resolves once the other side took it. Throws where it did not; then it is tried again later. */
  send(message: Message, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
