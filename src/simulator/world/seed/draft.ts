import type { Row } from '../../world.ts'
import type { AlertTopic } from '../alert-texts.ts'
import { NEVER } from '../clock.ts'
import { APPROVAL, APPROVAL_COLUMN } from '../rules/address-approval.ts'
import type { Truth } from '../truth.ts'
import type { Identity } from './names.ts'

/** A user or queue with its mailbox before its rows are put. */
export interface Draft {
  readonly kind: 'user' | 'queue'
  readonly number: number
  readonly identity: Identity
  /** Columns of the user or queue. */
  readonly person: Row
  readonly mailbox: Row
  readonly truth: Truth
  readonly alert?: AlertTopic
}

/** What a kind of mess makes of a draft. Address and approval stand on both rows, so they are said once. */
export interface Patch {
  readonly address?: string | null
  readonly approval?: number
  readonly name?: string
  readonly person?: Row
  readonly mailbox?: Row
  readonly truth?: Truth
  readonly alert?: AlertTopic
}

/** Columns of a mailbox that was never tested. */
export const UNTESTED: Row = {
  incomingemailstatus: 0,
  outgoingemailstatus: 0,
  actstatus: 0,
  mailboxstatus: 0,
  testmailboxaccesscompletedon: NEVER,
}

/** A user or queue whose mailbox works: server-side synchronization in every direction it can have, approved, tested. */
export function healthyDraft(
  kind: 'user' | 'queue',
  number: number,
  identity: Identity,
  profile: Row,
  testedOn: string,
): Draft {
  const act = kind === 'user'
  return {
    kind,
    number,
    identity,
    person: {
      [kind === 'user' ? 'internalemailaddress' : 'emailaddress']: identity.address,
      [APPROVAL_COLUMN]: APPROVAL.approved,
    },
    mailbox: {
      ...profile,
      name: identity.displayName,
      emailaddress: identity.address,
      [APPROVAL_COLUMN]: APPROVAL.approved,
      incomingemaildeliverymethod: 2,
      outgoingemaildeliverymethod: 2,
      actdeliverymethod: act ? 1 : 2,
      incomingemailstatus: 1,
      outgoingemailstatus: 1,
      actstatus: act ? 1 : 0,
      mailboxstatus: 1,
      testemailconfigurationretrycount: 1,
      testmailboxaccesscompletedon: testedOn,
      isactsyncorgflagset: act,
    },
    truth: {},
  }
}

/** The draft with a patch laid over it. */
export function patched(draft: Draft, patch: Patch): Draft {
  const both: Row = {}
  if (patch.approval !== undefined) both[APPROVAL_COLUMN] = patch.approval
  const addresses = patch.address === undefined ? undefined : patch.address
  const person: Row = { ...draft.person, ...both, ...patch.person }
  const mailbox: Row = { ...draft.mailbox, ...both, ...patch.mailbox }
  if (addresses !== undefined) {
    person[draft.kind === 'user' ? 'internalemailaddress' : 'emailaddress'] = addresses
    mailbox['emailaddress'] = addresses
  }
  if (patch.name !== undefined) mailbox['name'] = patch.name
  const alert = patch.alert ?? draft.alert
  return { ...draft, person, mailbox, truth: { ...draft.truth, ...patch.truth }, ...(alert ? { alert } : {}) }
}
