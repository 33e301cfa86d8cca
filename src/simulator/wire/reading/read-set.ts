import { badRequest } from '../errors.ts'
import { type Answer, jsonAnswer, type Operation, textAnswer } from '../http.ts'
import { compileFilter, type Predicate } from '../query/filter.ts'
import { allowOnly, parseOptions, type QueryOptions } from '../query/options.ts'
import { type Preferences, parsePreferences } from '../query/preferences.ts'
import type { Call } from '../service/call.ts'
import { deltaLink, readDelta, requireTracking } from './change-tracking.ts'
import { type Page, readPage, type SetSource } from './page.ts'
import { compileProjection, contextSelection, type Shape } from './projection.ts'
import { shapeOf } from './shape.ts'

const OPTIONS = ['$select', '$filter', '$expand', '$orderby', '$top', '$count', '$skiptoken']

/** `$count` never tells more than this (Microsoft, Web API: count rows). */
const COUNT_CAP = 5000

/** GET of a set: one page, with a link where rows remain. */
export function readSet(call: Call, source: SetSource, operation: Operation): Answer {
  const { definition } = source
  call.world.checkRead(call.caller, definition.name)
  const options = parseOptions(operation.query)
  if (options.has('$deltatoken')) return readDelta(call, source, options, operation)
  allowOnly(options, OPTIONS)
  const preferences = parsePreferences(operation.headers['prefer'])
  if (preferences.trackChanges) requireTracking(call, source, options)
  const shape = shapeOf(call.world, definition, options, preferences)
  const project = compileProjection(call, definition, shape)
  const matches = matcher(call, source, options)
  const page = readPage(call, source, options, preferences, matches)
  const context = `${call.root}$metadata#${definition.entitySet}${contextSelection(shape)}`
  const count = countMembers(call, source, options, shape, matches)
  let text = `{"@odata.context":${JSON.stringify(context)}${count},"value":[`
  for (let at = 0; at < page.rows.length; at++) {
    const row = page.rows[at]
    if (row !== undefined) text += (at === 0 ? '' : ',') + project(row)
  }
  text += `]${linkMember(call, source, options, page, preferences)}}`
  return jsonAnswer(200, text, appliedPreferences(preferences, call.service.maxPageSize))
}

/** The link to what comes next: another page, or what will change. */
function linkMember(
  call: Call,
  source: SetSource,
  options: QueryOptions,
  { nextLink, rowVersion }: Page,
  { trackChanges }: Preferences,
): string {
  if (nextLink !== undefined) return `,"@odata.nextLink":${JSON.stringify(nextLink)}`
  if (!trackChanges) return ''
  return `,"@odata.deltaLink":${JSON.stringify(deltaLink(call, source, options, rowVersion))}`
}

/** GET of `/set/$count`: a bare number as text. */
export function countSet(call: Call, source: SetSource, operation: Operation): Answer {
  call.world.checkRead(call.caller, source.definition.name)
  const options = parseOptions(operation.query)
  allowOnly(options, ['$filter'])
  const total = countUpTo(call, source, matcher(call, source, options), COUNT_CAP)
  return textAnswer(200, String(total), { 'OData-Version': '4.0' })
}

/** The `Preference-Applied` header for a read. */
export function appliedPreferences(preferences: Preferences, maxPageSize: number): Record<string, string> {
  const applied: string[] = []
  if (preferences.trackChanges) applied.push('odata.track-changes')
  if (preferences.maxPageSize !== undefined) {
    applied.push(`odata.maxpagesize=${Math.min(preferences.maxPageSize, maxPageSize)}`)
  }
  if (preferences.annotations !== undefined) applied.push(`odata.include-annotations="${preferences.annotations}"`)
  return applied.length === 0 ? {} : { 'Preference-Applied': applied.join(', ') }
}

function matcher(call: Call, source: SetSource, options: QueryOptions): Predicate {
  const filter = options.get('$filter')
  const predicates: Predicate[] = []
  if (source.within !== undefined) predicates.push(source.within)
  if (filter !== undefined) predicates.push(compileFilter(call.world, source.definition, filter))
  const { hides } = call.lies
  if (hides !== undefined) predicates.push((row) => !hides(String(row[source.definition.primaryId])))
  if (predicates.length === 0) return () => true
  const [only] = predicates
  return predicates.length === 1 && only !== undefined ? only : (row) => predicates.every((test) => test(row))
}

function countMembers(call: Call, source: SetSource, options: QueryOptions, shape: Shape, matches: Predicate): string {
  const wanted = options.get('$count')
  if (wanted !== undefined && wanted !== 'true' && wanted !== 'false') {
    throw badRequest(`Invalid value '${wanted}' for $count query option found.`)
  }
  const counted = wanted === 'true'
  const total = counted ? countUpTo(call, source, matches, COUNT_CAP + 1) : -1
  const shown = Math.min(total, COUNT_CAP)
  let text = counted ? `,"@odata.count":${shown}` : ''
  if (shape.annotations('Microsoft.Dynamics.CRM.totalrecordcount')) {
    text += `,"@Microsoft.Dynamics.CRM.totalrecordcount":${shown}`
  }
  if (shape.annotations('Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded')) {
    text += `,"@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded":${total > COUNT_CAP}`
  }
  return text
}

function countUpTo(call: Call, source: SetSource, matches: Predicate, limit: number): number {
  let total = 0
  for (const row of call.world.rows(source.definition.name).values()) {
    if (matches(row) && ++total === limit) break
  }
  return total
}
