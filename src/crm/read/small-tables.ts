import { ALERT_LEVEL, APPROVAL } from '../options.ts'
import type { AlertRow, HolderRow, TeamRow } from '../rows.ts'
import type { Table } from './table.ts'
import {
  flagOr,
  lookup,
  optionalText,
  type Raw,
  requiredNumber,
  requiredOption,
  requiredText,
  time,
  Undecodable,
} from './values.ts'

/** Users as holders of mailboxes. Their address column is `internalemailaddress` (Microsoft, entity reference: systemuser). */
export const USER: Table<HolderRow> = {
  name: 'systemuser',
  entitySet: 'systemusers',
  key: 'systemuserid',
  essential: ['fullname', 'internalemailaddress', 'emailrouteraccessapproval', 'isdisabled'],
  optional: ['domainname', 'modifiedon'],
  annotated: false,
  decode(raw, id, share) {
    const row: { -readonly [Field in keyof HolderRow]: HolderRow[Field] } = {
      id,
      type: 'User',
      name: optionalText(raw['fullname'], 'fullname') ?? '',
      address: optionalText(raw['internalemailaddress'], 'internalemailaddress'),
      approval: requiredOption(APPROVAL, raw['emailrouteraccessapproval'], 'emailrouteraccessapproval'),
      active: !flagOr(false, raw['isdisabled'], 'isdisabled'),
      modifiedOn: share(time(raw['modifiedon'], 'modifiedon')),
    }
    if (raw['domainname'] !== undefined) row.domainName = optionalText(raw['domainname'], 'domainname')
    return row
  },
}

/** Queues as holders of mailboxes (Microsoft, entity reference: queue). */
export const QUEUE: Table<HolderRow> = {
  name: 'queue',
  entitySet: 'queues',
  key: 'queueid',
  essential: ['name', 'emailaddress', 'emailrouteraccessapproval', 'statecode'],
  optional: ['modifiedon'],
  annotated: false,
  decode(raw, id, share) {
    return {
      id,
      type: 'Queue',
      name: optionalText(raw['name'], 'name') ?? '',
      address: optionalText(raw['emailaddress'], 'emailaddress'),
      approval: requiredOption(APPROVAL, raw['emailrouteraccessapproval'], 'emailrouteraccessapproval'),
      active: requiredNumber(raw['statecode'], 'statecode') === 0,
      modifiedOn: share(time(raw['modifiedon'], 'modifiedon')),
    }
  },
}

/** Teams that may own profiles. */
export const TEAM: Table<TeamRow> = {
  name: 'team',
  entitySet: 'teams',
  key: 'teamid',
  essential: ['name'],
  optional: [],
  annotated: false,
  decode(raw, id) {
    return { id, name: requiredText(raw['name'], 'name') }
  },
}

/**
 * Alerts (Microsoft, entity reference: tracelog). A repeat of an error refreshes `modifiedon`. An alert that cannot be read to its end is
 * still one: it says what could not be understood, so that one strange row never hides what the others say.
 */
export const ALERT: Table<AlertRow> = {
  name: 'tracelog',
  entitySet: 'tracelogs',
  key: 'tracelogid',
  essential: ['_regardingobjectid_value', 'level', 'tracecode', 'text', 'createdon', 'modifiedon'],
  optional: ['errordetails', 'traceparameterxml', 'tracestatus'],
  annotated: false,
  decode(raw, id) {
    const regardingId = lookup(raw['_regardingobjectid_value'], 'regardingobjectid')
    if (regardingId === null) throw new Undecodable('regardingobjectid', 'null')
    try {
      return readAlert(raw, id, regardingId)
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error
      const { message: undecodable } = error
      return { id, regardingId, level: 'Error', code: 0, text: '', createdOn: '', modifiedOn: '', undecodable }
    }
  },
}

function readAlert(raw: Raw, id: string, regardingId: string): AlertRow {
  const createdOn = time(raw['createdon'], 'createdon')
  if (createdOn === null) throw new Undecodable('createdon', 'null')
  return {
    id,
    regardingId,
    level: requiredOption(ALERT_LEVEL, raw['level'], 'level'),
    code: requiredNumber(raw['tracecode'], 'tracecode'),
    text: optionalText(raw['text'], 'text') ?? '',
    createdOn,
    modifiedOn: time(raw['modifiedon'], 'modifiedon') ?? createdOn,
    ...(raw['errordetails'] !== undefined && { details: capped(raw['errordetails']) }),
    ...(raw['traceparameterxml'] !== undefined && { parameters: capped(raw['traceparameterxml']) }),
    ...(typeof raw['tracestatus'] === 'boolean' && { succeeded: raw['tracestatus'] }),
  }
}

/** More of a memo is never looked at. */
const LONGEST_MEMO = 4000

function capped(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, LONGEST_MEMO) : null
}
