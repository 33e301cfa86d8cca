import type { Topic } from '../../notify/message.ts'

/** Something that is wrong now, as the board shows it. */
export interface Incident {
  /** The same for as long as it is the same thing: `Failed organization/contoso-sales`. */
  readonly key: string
  readonly topic: Topic
  /** metadata.name; absent where it is about the source, or about several. */
  readonly scope?: string
  /** The organizations it concerns, by metadata.name; absent where it concerns all. */
  readonly organizations?: readonly string[]
  /** How many it is about. Told again when it is ten times what was told before. */
  readonly size: number
  /** Told again when it is another one than before: the revision that is invalid, the days that are left. */
  readonly version?: string
  /** How long it must be there before anybody is told. */
  readonly patience: Patience
  readonly title: string
  readonly lines: readonly string[]
}

/** `None`: people must know at once. `Passing`: it may be gone with the next pass, and then nobody needs to know. */
export type Patience = 'None' | 'Passing'

/** What is wrong now, and of what nothing can be told: an incident of these neither begins nor ends. */
export interface Situation {
  readonly incidents: readonly Incident[]
  isKnown(key: string): boolean
}
