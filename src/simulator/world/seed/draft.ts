import { NEVER } from '../../definitions/index.ts'
import type { Row } from '../../world.ts'
import type { AlertTopic } from '../alert-texts.ts'
import { APPROVAL_COLUMN, addressColumn } from '../rules/address-approval.ts'
import type { Truth } from '../truth.ts'
import type { Identity } from './names.ts'

/** A user or queue with its mailbox before its rows are put: what differs from a mailbox that works. */
export interface Draft {
  readonly entity: 'systemuser' | 'queue'
  readonly number: number
  readonly identity: Identity
  readonly person: Readonly<Row>
  readonly mailbox: Readonly<Row>
  readonly truth?: Truth
  readonly alert?: AlertTopic
}

/** What a kind of mess makes of a draft. Address and approval stand on both rows, so they are said once. */
export interface Patch {
  readonly address?: string | null
  readonly approval?: number
  readonly person?: Readonly<Row>
  readonly mailbox?: Readonly<Row>
  readonly truth?: Truth
  readonly alert?: AlertTopic
}

/** Columns of a mailbox that was never tested. */
export const UNTESTED: Readonly<Row> = {
  incomingemailstatus: 0,
  outgoingemailstatus: 0,
  actstatus: 0,
  mailboxstatus: 0,
  testmailboxaccesscompletedon: NEVER,
  isactsyncorgflagset: false,
}

/** The draft with a patch laid over it. */
export function patched(draft: Draft, patch: Patch): Draft {
  const both: Row = patch.approval === undefined ? {} : { [APPROVAL_COLUMN]: patch.approval }
  const { address } = patch
  const addressOf = (entity: 'mailbox' | Draft['entity']): Row =>
    address === undefined ? {} : { [addressColumn(entity)]: address }
  const alert = patch.alert ?? draft.alert
  const truth = patch.truth === undefined ? draft.truth : { ...draft.truth, ...patch.truth }
  return {
    ...draft,
    person: { ...draft.person, ...both, ...addressOf(draft.entity), ...patch.person },
    mailbox: { ...draft.mailbox, ...both, ...addressOf('mailbox'), ...patch.mailbox },
    ...(truth === undefined ? {} : { truth }),
    ...(alert === undefined ? {} : { alert }),
  }
}
