// A set that is read with `odata.track-changes` ends in a delta link; following it gives what changed since (Microsoft: use change tracking
// to synchronize data with external systems). Whether the tables of the e-mail family know it is not documented: switch `changeTracking`.
import { CrmFault, type Row } from '../../world.ts'
import { badRequest } from '../errors.ts'
import { type Answer, jsonAnswer, type Operation } from '../http.ts'
import { allowOnly, type QueryOptions } from '../query/options.ts'
import { parsePreferences } from '../query/preferences.ts'
import type { Call } from '../service/call.ts'
import type { SetSource } from './page.ts'
import { compileProjection, contextSelection } from './projection.ts'
import { shapeOf } from './shape.ts'

const DAY_MS = 86_400_000

/** Refuses change tracking where it is off, and the options it does not go together with. */
export function requireTracking(call: Call, source: SetSource, options: QueryOptions): void {
  if (!call.world.switches.changeTracking) {
    throw badRequest(`Change tracking is not enabled for entity ${source.definition.name}.`)
  }
  for (const name of ['$filter', '$orderby', '$expand', '$top']) {
    if (options.has(name)) throw badRequest(`The ${name} query parameter is not supported with change tracking.`)
  }
}

/** The link to what changes after row version `since`. */
export function deltaLink(call: Call, source: SetSource, options: QueryOptions, since: number): string {
  const select = options.get('$select')
  const token = encodeURIComponent(`${since}!${stamp(call.world.now())}`).replace('!', '%21')
  return `${call.root}${source.path}?${select === undefined ? '' : `$select=${select}&`}$deltatoken=${token}`
}

/** GET of a delta link: rows changed since, rows that are gone, and the next link. Throws 400 for a token that is old or none of ours. */
export function readDelta(call: Call, source: SetSource, options: QueryOptions, operation: Operation): Answer {
  const { definition } = source
  allowOnly(options, ['$select', '$deltatoken'])
  requireTracking(call, source, options)
  const since = sinceOf(call, options.get('$deltatoken') ?? '')
  const shape = shapeOf(call.world, definition, options, parsePreferences(operation.headers['prefer']))
  const project = compileProjection(call, definition, shape)
  const changed = [...call.world.rows(definition.name).values()].filter((row) => versionOf(row) > since).map(project)
  const gone = call.world
    .deletions()
    .filter(({ entity, id, version }) => entity === definition.name && version > since && isGone(call, source, id))
    .map(({ id }) =>
      JSON.stringify({
        '@odata.context': `${call.root}$metadata#${definition.entitySet}/$deletedEntity`,
        id,
        reason: 'deleted',
      }),
    )
  const context = `${call.root}$metadata#${definition.entitySet}${contextSelection(shape)}/$delta`
  const link = deltaLink(call, source, options, call.world.rowVersion)
  const head = `{"@odata.context":${JSON.stringify(context)},"@odata.deltaLink":${JSON.stringify(link)}`
  return jsonAnswer(200, `${head},"value":[${[...changed, ...gone].join(',')}]}`)
}

function isGone(call: Call, { definition }: SetSource, id: string): boolean {
  return !call.world.rows(definition.name).has(id)
}

function versionOf(row: Readonly<Row>): number {
  return Number(row['versionnumber'])
}

function sinceOf(call: Call, token: string): number {
  const [, version, month, day, year, time] = TOKEN.exec(token) ?? []
  const issuedMs = Date.parse(`${year}-${month}-${day}T${time}Z`)
  if (version === undefined || Number.isNaN(issuedMs)) throw badRequest('The delta token is not valid.')
  const days = Number(call.world.rows('organization').get(call.world.organizationId)?.['expirechangetrackingindays'])
  if (call.world.now().getTime() - issuedMs > days * DAY_MS) {
    throw new CrmFault(
      400,
      '0x80044352',
      'Version stamp associated with the client has expired. Please perform a full sync.',
    )
  }
  return Number(version)
}

const TOKEN = /^(\d+)!(\d{2})\/(\d{2})\/(\d{4}) (\d{2}:\d{2}:\d{2})$/

/** A moment as delta tokens write it. */
function stamp(moment: Date): string {
  const [date = '', time = ''] = moment.toISOString().slice(0, 19).split('T')
  const [year, month, day] = date.split('-')
  return `${month}/${day}/${year} ${time}`
}
