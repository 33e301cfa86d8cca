import { useEffect, useState } from 'preact/hooks'
import type { HistoryPage, PassShape, Tone } from '../../daemon/api/shapes.ts'
import { useAnswer } from '../data/use-server.tsx'
import { Ago } from '../parts/ago.tsx'
import { Mark } from '../parts/mark.tsx'
import { Revision } from '../parts/revision.tsx'
import { Said } from '../parts/said.tsx'
import { count, exact, number, span } from '../words.ts'

const PAGE_SIZE = 10

/** Results in the order in which they are told, with how people call them. */
const RESULTS: readonly (readonly [string, string, Tone])[] = [
  ['Failed', 'failed', 'trouble'],
  ['WriteNotEffective', 'written without effect', 'trouble'],
  ['Unknown', 'unknown', 'unknown'],
  ['Blocked', 'blocked', 'waiting'],
  ['Moved', 'changed meanwhile', 'waiting'],
  ['Cancelled', 'not begun', 'waiting'],
  ['Applied', 'done', 'calm'],
  ['AlreadyDone', 'done before', 'calm'],
]

/** The passes that wrote, newest first. */
export function History({ path, version }: { path: string; version: number }) {
  const first = useAnswer<HistoryPage>(`${path}/history?limit=${PAGE_SIZE}`, version)
  const [cursor, setCursor] = useState<string>()
  const older = useAnswer<HistoryPage>(
    cursor === undefined ? undefined : `${path}/history?limit=${PAGE_SIZE}&cursor=${encodeURIComponent(cursor)}`,
    0,
  )
  const [past, setPast] = useState<readonly PassShape[]>([])
  useEffect(() => {
    if (older.value) setPast((before) => [...before, ...(older.value?.items ?? [])])
  }, [older.value])
  const newest = first.value?.items ?? []
  const known = new Set(newest.map(({ pass }) => pass))
  const passes = [...newest, ...past.filter(({ pass }) => !known.has(pass))]
  const next = older.value ? older.value.next : first.value?.next
  return (
    <section aria-labelledby="history" class="card">
      <h2 id="history">History</h2>
      {first.failure && <p class="empty">The history could not be read: {first.failure.message}</p>}
      {first.value && passes.length === 0 && <p class="empty">Nothing was written here yet.</p>}
      <ol class="history">
        {passes.map((pass) => (
          <Pass key={pass.pass} pass={pass} />
        ))}
      </ol>
      {next && (
        <button type="button" disabled={cursor !== undefined && older.isLoading} onClick={() => setCursor(next)}>
          Older
        </button>
      )}
    </section>
  )
}

function Pass({ pass }: { pass: PassShape }) {
  const { time, finishedAt, by, revision, planned, failure, allowed, changes } = pass
  return (
    <li class={`tone-${toneOf(pass)}`}>
      <Mark tone={toneOf(pass)} />
      <div class="pass">
        <p class="pass-line">
          <b>{resultWords(pass)}</b>
          <span class="dim">
            <Revision id={revision} /> by <Said text={by} />, <Ago at={time} />
            {finishedAt && `, took ${span(Date.parse(finishedAt) - Date.parse(time))}`}
          </span>
        </p>
        {failure && <p class="remark tone-trouble">{failure.message}</p>}
        {allowed.length > 0 && <p class="dim">somebody said yes to: {allowed.join(', ')}</p>}
        {changes.length > 0 && <Changes pass={pass} isCut={planned > changes.length} />}
      </div>
    </li>
  )
}

/** Drawn only once opened: a page of passes may hold thousands of changes. */
function Changes({ pass, isCut }: { pass: PassShape; isCut: boolean }) {
  const [isOpen, setOpen] = useState(false)
  const { changes, planned, time } = pass
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        {count(changes.length, 'change', 'changes')}
        {isCut && ` of ${number(planned)}`} <span class="unseen">of {exact(time)}</span>
      </summary>
      {isOpen && (
        <ul class="changes">
          {changes.map((change) => (
            <li key={`${change.stage} ${change.label} ${change.sentence}`}>
              <Mark tone={resultOf(change.result)[2]} label={resultOf(change.result)[1]} />
              <span>
                <Said text={change.sentence} />
                {change.reason && (
                  <span class="dim">
                    {' '}
                    {resultOf(change.result)[1]}: <Said text={change.reason.message} />
                  </span>
                )}
              </span>
              {change.origin && (
                <code class="dim">
                  <Said text={change.origin} />
                </code>
              )}
            </li>
          ))}
        </ul>
      )}
    </details>
  )
}

function resultOf(result: string): readonly [string, string, Tone] {
  return RESULTS.find(([name]) => name === result) ?? [result, result, 'unknown']
}

function orderOf(result: string): number {
  const at = RESULTS.findIndex(([name]) => name === result)
  return at < 0 ? RESULTS.length : at
}

function toneOf({ results, failure, finishedAt }: PassShape): Tone {
  if (failure) return 'trouble'
  if (!finishedAt) return 'unknown'
  return RESULTS.find(([name]) => (results[name] ?? 0) > 0)?.[2] ?? 'calm'
}

function resultWords({ results, planned, finishedAt }: PassShape): string {
  const [first, ...others] = Object.entries(results)
    .filter(([, times]) => times > 0)
    .sort(([a], [b]) => orderOf(a) - orderOf(b))
  const word = ([name]: readonly [string, number]) => resultOf(name)[1]
  if (first)
    return [
      `${count(first[1], 'change', 'changes')} ${word(first)}`,
      ...others.map((one) => `${number(one[1])} ${word(one)}`),
    ].join(', ')
  return finishedAt ? `${count(planned, 'change', 'changes')} planned, nothing written` : 'its end was not recorded'
}
