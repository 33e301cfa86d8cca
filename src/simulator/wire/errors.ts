import { CrmFault, type Switches } from '../world.ts'
import { type Answer, jsonAnswer } from './http.ts'

/** Code of a request the query parser refuses (Microsoft, Web API: join tables shows it for a bad query). */
export const BAD_QUERY = '0x80060888'

/** Code of a row that is not there (Microsoft, Web service error codes: ObjectDoesNotExist). */
export const NOT_FOUND = '0x80040217'

/** A refusal of the request's form: 400 with the code of a bad query. */
export function badRequest(message: string): CrmFault {
  return new CrmFault(400, BAD_QUERY, message)
}

/** The set or segment is unknown: 404. */
export function unknownSegment(segment: string): CrmFault {
  return new CrmFault(404, BAD_QUERY, `Resource not found for the segment '${segment}'.`)
}

/** The row is missing: 404 with the documented text (Microsoft, Web API: conditional operations). */
export function rowMissing(entity: string, id: string): CrmFault {
  return new CrmFault(404, NOT_FOUND, `${entity} With Id = ${id} Does Not Exist`)
}

/** The row exists and the caller may not have it: 403 (Microsoft, Web service error codes: PrivilegeDenied). */
export function rowForbidden(entity: string, id: string, userId: string): CrmFault {
  const text = `SecLib::AccessCheckEx failed. User ${userId} has no rights to the ${entity} with id ${id}.`
  return new CrmFault(403, '0x80048306', text)
}

/** The method does not fit the resource: 405. */
export function methodNotAllowed(message: string): CrmFault {
  return new CrmFault(405, '0x80060888', message)
}

/**
 * The fault as the JSON of the era: 'legacy' has an empty code and an `innererror` with a stack trace, 'modern' a `0x` code
 * (Microsoft, Web API: compose HTTP requests, editions of 2018 and today); 'empty-code' is the modern one without a code.
 */
export function errorAnswer(fault: CrmFault, shape: Switches['errorShape']): Answer {
  const error =
    shape !== 'legacy'
      ? { code: shape === 'modern' ? fault.code : '', message: fault.message }
      : {
          code: '',
          message: fault.message,
          innererror: { message: fault.message, type: 'Microsoft.Crm.CrmHttpException', stacktrace: STACK_TRACE },
        }
  return jsonAnswer(fault.status, JSON.stringify({ error }))
}

/** The server's own defect as CRM shows it: 500 with a JSON error. Other errors than CrmFault are bugs of the simulator. */
export function asFault(error: unknown): CrmFault {
  if (error instanceof CrmFault) return error
  const message = error instanceof Error ? `${error.message} ${error.stack ?? ''}` : String(error)
  return new CrmFault(500, '0x80040216', `An unexpected error occurred in the simulator: ${message}`)
}

const STACK_TRACE =
  '   at Microsoft.Crm.Extensibility.OData.CrmODataExecutionContext.ValidateAndExecute(CrmODataOperation operation)\r\n' +
  '   at System.Web.Http.Controllers.ReflectedHttpActionDescriptor.ExecuteAsync(HttpControllerContext context)'
