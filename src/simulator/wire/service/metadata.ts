// The metadata a client may ask for is shown as rows of two pseudo tables, so that `$select` and `$filter` are those of every other set.

import type { AttributeDefinition, EntityDefinition, EntityName, Row } from '../../world.ts'
import { CrmFault } from '../../world.ts'
import { unknownSegment } from '../errors.ts'
import { type Answer, jsonAnswer, type Operation } from '../http.ts'
import { parseSelect } from '../query/expand.ts'
import { compileFilter } from '../query/filter.ts'
import { allowOnly, parseOptions, type QueryOptions } from '../query/options.ts'
import { propertyNamed } from '../query/properties.ts'
import type { Address } from './address.ts'
import type { Call } from './call.ts'

/** GET of EntityDefinitions, one of them, or its Attributes (Microsoft, Web API: query table definitions). */
export function readMetadata(call: Call, address: Address & { kind: 'metadata' }, operation: Operation): Answer {
  const { logicalName, rest } = address
  if (logicalName === undefined) {
    if (rest.length > 0) throw unknownSegment(rest[0] ?? '')
    const rows = [...call.world.definitions.values()].map((definition) => entityRow(call, definition))
    return listAnswer(call, 'EntityDefinitions', ENTITY, rows, operation)
  }
  const definition = call.world.definitions.get(logicalName as EntityName)
  if (definition === undefined) {
    throw new CrmFault(404, '0x80060888', `Could not find an entity with name '${logicalName}'.`)
  }
  if (rest.length === 0) return entityAnswer(call, definition, operation)
  if (rest.length > 1 || rest[0] !== 'Attributes') throw unknownSegment(rest.at(-1) ?? '')
  const rows = [...definition.attributes.values()].map((attribute) => attributeRow(definition, attribute))
  return listAnswer(call, `EntityDefinitions('${logicalName}')/Attributes`, ATTRIBUTE, rows, operation)
}

function entityAnswer(call: Call, definition: EntityDefinition, operation: Operation): Answer {
  const options = parseOptions(operation.query)
  allowOnly(options, ['$select'])
  const shown = shownRow(ENTITY, entityRow(call, definition), options)
  const context = `${call.root}$metadata#EntityDefinitions/$entity`
  return jsonAnswer(200, JSON.stringify({ '@odata.context': context, ...shown }))
}

function listAnswer(
  call: Call,
  context: string,
  table: EntityDefinition,
  rows: readonly Readonly<Row>[],
  operation: Operation,
): Answer {
  const options = parseOptions(operation.query)
  allowOnly(options, ['$select', '$filter'])
  const filter = options.get('$filter')
  const matches = filter === undefined ? () => true : compileFilter(call.world, table, filter)
  const value = rows.filter(matches).map((row) => shownRow(table, row, options))
  return jsonAnswer(200, JSON.stringify({ '@odata.context': `${call.root}$metadata#${context}`, value }))
}

function shownRow(
  table: EntityDefinition,
  row: Readonly<Row>,
  options: QueryOptions,
): Readonly<Record<string, unknown>> {
  const select = options.get('$select')
  const names = select === undefined ? [...table.attributes.keys()] : [...parseSelect(select), 'MetadataId']
  const type = row[TYPE]
  const shown: Record<string, unknown> = type === undefined ? {} : { [TYPE]: type }
  for (const name of names) shown[propertyNamed(table, name).name] = complex(name, row[name] ?? null)
  return shown
}

/** RequiredLevel is a structure on the wire, and a plain value in our row. */
function complex(name: string, value: unknown): unknown {
  return name === 'RequiredLevel'
    ? { Value: value, CanBeChanged: false, ManagedPropertyLogicalName: 'canmodifyrequirementlevelsettings' }
    : value
}

function entityRow(call: Call, definition: EntityDefinition): Row {
  return {
    MetadataId: metadataId(`entity ${definition.name}`),
    LogicalName: definition.name,
    SchemaName: definition.name,
    EntitySetName: definition.entitySet,
    LogicalCollectionName: definition.entitySet,
    ObjectTypeCode: OBJECT_TYPE_CODES[definition.name],
    PrimaryIdAttribute: definition.primaryId,
    PrimaryNameAttribute: definition.primaryName,
    IsOptimisticConcurrencyEnabled: call.service.concurrencyOf(definition.name),
    ChangeTrackingEnabled: call.world.switches.changeTracking,
  }
}

/** The member that says which of the derived types a row is (Microsoft, Web API: query table definitions). */
const TYPE = '@odata.type'

/** Types of metadata that are not called like the type of the column. */
const METADATA_TYPES: Readonly<Record<string, string>> = { Owner: 'Lookup', Uniqueidentifier: 'UniqueIdentifier' }

function attributeRow(definition: EntityDefinition, attribute: AttributeDefinition): Row {
  return {
    [TYPE]: `#Microsoft.Dynamics.CRM.${METADATA_TYPES[attribute.type] ?? attribute.type}AttributeMetadata`,
    MetadataId: metadataId(`attribute ${definition.name} ${attribute.name}`),
    LogicalName: attribute.name,
    SchemaName: attribute.name,
    AttributeType: attribute.type === 'Image' ? 'Virtual' : attribute.type,
    IsValidForCreate: attribute.create,
    IsValidForUpdate: attribute.update,
    IsValidForRead: attribute.read,
    IsPrimaryId: attribute.name === definition.primaryId,
    IsPrimaryName: attribute.name === definition.primaryName,
    RequiredLevel: attribute.required,
  }
}

/** Codes of the on-premises product; the last four are those of the entity reference. */
const OBJECT_TYPE_CODES: Readonly<Record<EntityName, number>> = {
  systemuser: 8,
  team: 9,
  organization: 1019,
  privilege: 1023,
  queue: 2020,
  tracelog: 8050,
  emailserverprofile: 9605,
  mailbox: 9606,
}

/** An id that is always the same for the same text (FNV-1a, spread over a GUID). */
function metadataId(text: string): string {
  const digits: string[] = []
  let hash = 2166136261
  for (let round = 0; round < 4; round++) {
    for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619) >>> 0
    digits.push(hash.toString(16).padStart(8, '0'))
  }
  const all = digits.join('')
  return `${all.slice(0, 8)}-${all.slice(8, 12)}-4${all.slice(13, 16)}-a${all.slice(17, 20)}-${all.slice(20, 32)}`
}

function pseudoTable(name: EntityName, columns: Readonly<Record<string, string>>): EntityDefinition {
  const attributes = Object.entries(columns).map(([column, type]): [string, AttributeDefinition] => [
    column,
    { name: column, type, required: 'None', create: false, update: false, read: true },
  ])
  return {
    name,
    entitySet: 'EntityDefinitions',
    primaryId: 'MetadataId',
    primaryName: 'LogicalName',
    messages: new Set(),
    attributes: new Map(attributes),
    navigation: new Map(),
    collections: new Map(),
  }
}

const ENTITY = pseudoTable('organization', {
  MetadataId: 'Uniqueidentifier',
  LogicalName: 'String',
  SchemaName: 'String',
  EntitySetName: 'String',
  LogicalCollectionName: 'String',
  ObjectTypeCode: 'Integer',
  PrimaryIdAttribute: 'String',
  PrimaryNameAttribute: 'String',
  IsOptimisticConcurrencyEnabled: 'Boolean',
  ChangeTrackingEnabled: 'Boolean',
})

const ATTRIBUTE = pseudoTable('organization', {
  MetadataId: 'Uniqueidentifier',
  LogicalName: 'String',
  SchemaName: 'String',
  AttributeType: 'String',
  IsValidForCreate: 'Boolean',
  IsValidForUpdate: 'Boolean',
  IsValidForRead: 'Boolean',
  IsPrimaryId: 'Boolean',
  IsPrimaryName: 'Boolean',
  RequiredLevel: 'String',
})
