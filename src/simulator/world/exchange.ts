// What Exchange keeps about the organizations that synchronize with it: for each mailbox the id of the one organization that may handle its
// appointments, contacts and tasks (Microsoft: when would I want to use this check box). Organizations that share an Exchange share their
// clock, and none may run ahead: before one of them plays an event, the others play what was due before it.

/** An organization as Exchange sees it. */
export interface Participant {
  readonly organizationId: () => string
  readonly name: () => string
  /** Plays everything that is due until this moment. */
  settleUntil(ms: number): void
  /** Another organization has taken this mailbox. */
  lose(mailboxId: string, to: string): void
}

interface Held {
  readonly by: Participant
  readonly mailboxId: string
}

/** The mail server behind one or several simulated organizations. */
export class Exchange {
  readonly #participants: Participant[] = []
  readonly #held = new Map<string, Held>()
  readonly #settling = new Set<Participant>()

  join(participant: Participant): void {
    this.#participants.push(participant)
  }

  /** Name of the organization that holds this address, where it is another one than `asking`. */
  otherHolder(address: string, asking: Participant): string | undefined {
    const by = this.#held.get(address.toLowerCase())?.by
    return by === undefined || by === asking ? undefined : by.name()
  }

  /** Stores that `by` synchronizes this address; whoever did so before loses it. */
  hold(address: string, by: Participant, mailboxId: string): void {
    const key = address.toLowerCase()
    const before = this.#held.get(key)
    if (before?.by === by && before.mailboxId === mailboxId) return
    this.#held.set(key, { by, mailboxId })
    if (before !== undefined && before.by !== by) before.by.lose(before.mailboxId, by.name())
  }

  /** Lets the other organizations play what is due until this moment. */
  settleOthers(asking: Participant, ms: number): void {
    if (this.#participants.length < 2 || this.#settling.has(asking)) return
    this.#settling.add(asking)
    try {
      for (const participant of this.#participants) {
        if (!this.#settling.has(participant)) participant.settleUntil(ms)
      }
    } finally {
      this.#settling.delete(asking)
    }
  }
}
