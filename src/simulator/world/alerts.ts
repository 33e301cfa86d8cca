import type { Reference, Row } from '../world.ts'
import { OTHER_LANGUAGES } from './alert-languages.ts'
import { ALERT_TEXTS, type AlertTopic } from './alert-texts.ts'
import { type Core, organizationOf, systemUser, tableIn, touch } from './core.ts'
import { initialRow, standardColumns } from './new-row.ts'
import { randomGuid } from './random.ts'
import { referenceTo, textIn } from './row-values.ts'
import { alertOwner } from './rules/trace-log.ts'

/** Values of tracelog.level. */
export const LEVEL = { information: 1, warning: 2, error: 3 } as const

const SWITCH_OF_LEVEL: Readonly<Record<number, string>> = {
  [LEVEL.information]: 'generatealertsforinformation',
  [LEVEL.warning]: 'generatealertsforwarnings',
  [LEVEL.error]: 'generatealertsforerrors',
}

/**
 * Logs an alert about a mailbox or a profile, if the organization wants alerts of this level. The same topic and level again only refreshes `modifiedon`
 * of the alert that is there (Microsoft: error logging for server-side synchronization; tracelog entity reference).
 */
export function raiseAlert(core: Core, about: Readonly<Row>, topic: AlertTopic, level: number, extra = ''): void {
  if (organizationOf(core)[SWITCH_OF_LEVEL[level] ?? ''] !== true) return
  const id = core.alerts.get(alertKey(regardingOf(about).id, codeOf(core, topic), level))
  if (id !== undefined && core.store.get('tracelog', id) !== undefined) {
    touch(core, systemUser(core), 'tracelog', id, {})
    return
  }
  putAlert(core, about, topic, level, extra)
}

/** The row an alert is about, told by its key. */
function regardingOf(about: Readonly<Row>): Reference {
  const mailboxId = textIn(about, 'mailboxid')
  if (mailboxId !== '') return referenceTo('mailbox', mailboxId)
  return referenceTo('emailserverprofile', textIn(about, 'emailserverprofileid'))
}

function putAlert(core: Core, about: Readonly<Row>, topic: AlertTopic, level: number, extra: string): void {
  const id = randomGuid(core.random)
  const { details } = ALERT_TEXTS[topic]
  const code = codeOf(core, topic)
  const parameters = [textIn(about, 'name'), textIn(about, 'emailaddress'), extra]
  const regarding = regardingOf(about)
  core.store.put('tracelog', id, {
    ...initialRow(tableIn(core, 'tracelog')),
    ...standardColumns(core, 'tracelog', id, systemUser(core)),
    ...alertOwner(core, regarding),
    regardingobjectid: regarding,
    level,
    text: textOf(core, topic, parameters).slice(0, 2000),
    tracecode: code,
    tracestatus: level === LEVEL.information,
    errordetails: details ?? null,
    errortypedisplay: level === LEVEL.information ? null : topic,
    traceparameterxml: parametersXml(parameters),
    machinename: 'CRMASYNC01',
    isunique: true,
  })
  core.alerts.set(alertKey(regarding.id, code, level), id)
}

/** Key of the one alert that a repetition refreshes. */
export function alertKey(regardingId: string, code: number, level: number): string {
  return `${regardingId}/${code}/${level}`
}

const UNSEEN = 70_000

/** The real values are not documented; these are our own, or moved to where nobody expects them: switch `alertCodes`. */
function codeOf(core: Core, topic: AlertTopic): number {
  const { code } = ALERT_TEXTS[topic]
  return core.switches.alertCodes === 'unseen' ? code + UNSEEN : code
}

/** Unsure whether the text is finished or has places for its parameters: switch `alertTexts`. */
function textOf(core: Core, topic: AlertTopic, parameters: readonly string[]): string {
  const { en, de } = ALERT_TEXTS[topic]
  const template = core.language === 1031 ? de : (OTHER_LANGUAGES[core.language]?.[topic] ?? en)
  return core.switches.alertTexts === 'template' ? template : fill(template, parameters)
}

function fill(template: string, parameters: readonly string[]): string {
  return template.replace(/\{(\d)\}/g, (_, index: string) => parameters[Number(index)] ?? '')
}

function parametersXml(parameters: readonly string[]): string {
  const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
  return `<Parameters>${parameters.map((text, index) => `<P${index}>${escaped(text)}</P${index}>`).join('')}</Parameters>`
}
