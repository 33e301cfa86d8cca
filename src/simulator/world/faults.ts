// Every refusal of the simulated server, one function per reason. Codes and statuses: Microsoft, "Compose HTTP requests and handle
// errors"; where the documentation gives no text, the wording follows the style of those it gives.
import { CrmFault, type EntityName } from '../world.ts'

/** No row with this id. */
export function doesNotExist(entity: EntityName, id: string): CrmFault {
  return new CrmFault(404, '0x80040217', `${entity} With Id = ${id} Does Not Exist`)
}

/** The table does not have this message, for example updating an alert or deleting a user. */
export function messageNotSupported(entity: EntityName, message: string): CrmFault {
  return new CrmFault(405, '0x80040800', `The '${message}' method does not support entities of type '${entity}'.`)
}

/** The caller lacks a privilege. */
export function missingPrivilege(userId: string, privilege: string, privilegeId: string): CrmFault {
  const text = `Principal user (Id=${userId}, type=8) is missing ${privilege} privilege (Id=${privilegeId})`
  return new CrmFault(403, '0x80040220', text)
}

/** A create with the id of an existing row; one that says `If-None-Match` gets another text, before the world is asked. */
export function duplicateKey(): CrmFault {
  return new CrmFault(412, '0x80040237', 'Cannot insert duplicate key.')
}

/** No such column, or a lookup written by its column instead of its navigation property. */
export function unknownColumn(entity: EntityName, column: string): CrmFault {
  const text = `The property '${column}' does not exist on type 'Microsoft.Dynamics.CRM.${entity}'. Make sure to only use property names that are defined by the type.`
  return new CrmFault(400, '0x80048d19', text)
}

/** A read-only column in a request. */
export function readOnlyColumn(entity: EntityName, column: string, message: 'create' | 'update'): CrmFault {
  return new CrmFault(
    400,
    '0x80048408',
    `The attribute '${column}' of the '${entity}' entity is not valid for ${message}.`,
  )
}

/** A text longer than its column. */
export function tooLong(entity: EntityName, column: string, maxLength: number): CrmFault {
  const text = `A validation error occurred.  The length of the '${column}' attribute of the '${entity}' entity exceeded the maximum allowed length of '${maxLength}'.`
  return new CrmFault(400, '0x80044331', text)
}

/** A number outside the limits of its column. */
export function outOfRange(entity: EntityName, column: string): CrmFault {
  const text = `A validation error occurred.  The value of '${column}' on record of type '${entity}' is outside the valid range.`
  return new CrmFault(400, '0x80044330', text)
}

/** A number that is not in the option set. */
export function unknownOption(
  entity: EntityName,
  column: string,
  value: number,
  accepted: readonly number[],
): CrmFault {
  const text = `A validation error occurred.  The value '${value}' of '${column}' on record of type '${entity}' is outside the valid range. Accepted Values: ${accepted.join(',')}`
  return new CrmFault(400, '0x8004431a', text)
}

/** A JSON value of the wrong type. */
export function wrongType(entity: EntityName, column: string, expected: string): CrmFault {
  const text = `An error occurred while validating input parameters: the value of '${column}' of '${entity}' cannot be converted to the expected type '${expected}'.`
  return new CrmFault(400, '0x80048d19', text)
}

/** Null for a column that must have a value. */
export function cannotBeNull(entity: EntityName, column: string): CrmFault {
  return new CrmFault(400, '0x80040203', `The attribute '${column}' of the '${entity}' entity cannot be set to NULL.`)
}

/** A create without a column that must have a value. */
export function missingColumn(entity: EntityName, column: string): CrmFault {
  return new CrmFault(400, '0x80040203', `The required attribute '${column}' of the '${entity}' entity is missing.`)
}

/** A combination of values that the server refuses; texts and codes of these are not documented. */
export function refusedCombination(text: string): CrmFault {
  return new CrmFault(400, '0x80040216', text)
}

/** A row that others depend on. */
export function inUse(text: string): CrmFault {
  return new CrmFault(405, '0x8004f01f', text)
}
