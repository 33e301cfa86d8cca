import type { RuleBook } from '../table-rules.ts'
import { mailboxRules } from './mailbox.ts'
import { profileRules } from './profile.ts'
import { traceLogRules } from './trace-log.ts'
import { queueRules, userRules } from './user-and-queue.ts'

/** The rules of all tables. */
export const RULES: RuleBook = {
  emailserverprofile: profileRules,
  mailbox: mailboxRules,
  queue: queueRules,
  systemuser: userRules,
  tracelog: traceLogRules,
}
