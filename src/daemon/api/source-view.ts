import type { RevisionInfo, SourceStanding } from '../board.ts'
import type { Viewer } from '../http/route.ts'
import { codeOnly } from './anonymous.ts'
import { troubleShape } from './scope-view.ts'
import type { RevisionShape, SourceShape } from './shapes.ts'

/** Problems of a refused revision that are told. */
const PROBLEMS = 200

/** Where the spec comes from, told to somebody with this role. Who committed what, and what is written in a spec, is for a Reader. */
export function sourceView(source: SourceStanding, role: Viewer['role']): SourceShape {
  const { kind, place, enforced, refused, failure, lookedAt } = source
  const isReader = role === 'Reader'
  const reason = refused && (isReader ? refused.reason : codeOnly(refused.reason))
  return {
    kind,
    place,
    ...(enforced && { enforced: revisionShape(enforced, isReader) }),
    ...(refused &&
      reason && {
        refused: {
          revision: revisionShape(refused.revision, isReader),
          reason: { code: reason.code, message: reason.message },
          problems: isReader ? refused.problems.slice(0, PROBLEMS).map(problemShape) : [],
        },
      }),
    ...(failure && { failure: troubleShape(failure, isReader) }),
    ...(lookedAt !== undefined && { lookedAt }),
  }
}

function revisionShape({ id, subject, author, committedAt, seenAt }: RevisionInfo, isReader: boolean): RevisionShape {
  return {
    id,
    seenAt,
    ...(committedAt !== undefined && { committedAt }),
    ...(isReader && subject !== undefined && { subject }),
    ...(isReader && author !== undefined && { author }),
  }
}

function problemShape({
  file,
  line,
  column,
  message,
  hint,
}: NonNullable<SourceStanding['refused']>['problems'][number]) {
  return { file, line, column, message, ...(hint !== undefined && { hint }) }
}
