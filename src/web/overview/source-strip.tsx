import type { SourceShape } from '../../daemon/api/shapes.ts'
import { Ago } from '../parts/ago.tsx'
import { Notice } from '../parts/notice.tsx'
import { Revision } from '../parts/revision.tsx'
import { Said } from '../parts/said.tsx'
import { count, sentence } from '../words.ts'

/** Where the spec comes from: which revision holds, which one does not and why, and whether newer ones can be seen at all. */
export function SourceStrip({ source }: { source: SourceShape }) {
  const { enforced, refused, failure, lookedAt } = source
  return (
    <section aria-label="The spec" class="source">
      {refused && <Refused refused={refused} enforced={enforced} />}
      {failure && (
        <Notice tone="unknown" title="Newer revisions cannot be seen">
          <p>
            {sentence(failure.reason.message)} Since <Ago at={failure.since} />,{' '}
            {count(failure.attempts, 'attempt', 'attempts')}.{' '}
            {enforced ? 'What is enforced stays enforced.' : 'Nothing is enforced yet.'}
          </p>
        </Notice>
      )}
      <p class="source-line">
        {enforced ? (
          <>
            <span class="dim">Enforced</span> <Revision id={enforced.id} seenAt={enforced.seenAt} />{' '}
            {enforced.subject && <Said class="subject" text={enforced.subject} />}{' '}
            <span class="dim">
              {enforced.author && (
                <>
                  <Said text={enforced.author} />,{' '}
                </>
              )}
              <Ago at={enforced.committedAt ?? enforced.seenAt} />
            </span>
          </>
        ) : (
          <span class="dim">No revision is enforced yet</span>
        )}
        <span class="source-place dim">
          <Said text={source.place} />
          {lookedAt && (
            <>
              , looked at <Ago at={lookedAt} />
            </>
          )}
        </span>
      </p>
    </section>
  )
}

function Refused({
  refused,
  enforced,
}: {
  refused: NonNullable<SourceShape['refused']>
  enforced: SourceShape['enforced']
}) {
  const { revision, reason, problems } = refused
  return (
    <Notice
      tone="trouble"
      title={
        <>
          The newest revision <Revision id={revision.id} seenAt={revision.seenAt} /> is not enforced
        </>
      }
    >
      {(revision.subject || revision.author) && (
        <p>
          {revision.subject && <Said class="subject" text={revision.subject} />}
          {revision.author && (
            <>
              {' '}
              by <Said text={revision.author} />
            </>
          )}
        </p>
      )}
      <p>
        {sentence(reason.message)} {enforced && <>Until it is mended, the one before it holds.</>}
      </p>
      {problems.length > 0 && (
        <ul class="problems">
          {problems.map((problem) => (
            <li key={`${problem.file}:${problem.line}:${problem.column}:${problem.message}`}>
              <code>
                <Said text={problem.file} />:{problem.line}:{problem.column}
              </code>
              <span>
                {problem.message}
                {problem.hint && <span class="dim">; {problem.hint}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Notice>
  )
}
