import type { CompleteRead, ExplainContext, Link, Read, Subject } from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { METHOD_WORDS } from '../mailboxes/method-words.ts'
import { SETTINGS_KEY, STAGE_NAMES } from '../stage-names.ts'
import { quoted } from './fields.ts'
import { METHODS } from './shape.ts'

const NAMES = {
  incoming: 'incoming',
  outgoing: 'outgoing',
  appointmentsContactsTasks: 'appointments, contacts and tasks',
}

/** What new mailboxes get, as CRM has it now. */
export function explainSettings({ kind }: Subject, { reads }: ExplainContext<DesiredOrganization>): readonly Link[] {
  const read: Read | undefined = reads.get(STAGE_NAMES.emailSettings)
  if (kind !== 'EmailSettings' || read === undefined) return []
  if (!read.complete) return [{ name: 'defaults', state: 'unknown', words: read.reason.message }]
  return defaultsOf(read)
}

function defaultsOf({ rows, unknown }: CompleteRead): readonly Link[] {
  const row = rows.get(SETTINGS_KEY)
  if (!row) return []
  const [fault] = unknown.values()
  if (fault) {
    const next = 'Save System Settings > Email once by hand in CRM, or take the methods out of EmailSettings.'
    return [{ name: 'defaults', state: 'unknown', words: fault.message, next }]
  }
  const { defaultProfile } = row.fields
  const profile = defaultProfile ? `the profile ${quoted(defaultProfile)}` : 'no profile'
  const methods = METHODS.map(
    (method) => `${NAMES[method]} ${METHOD_WORDS[String(row.fields[method])] ?? 'as nobody has set'}`,
  )
  return [{ name: 'defaults', state: 'told', words: `new mailboxes get ${profile}, ${methods.join(', ')}` }]
}
