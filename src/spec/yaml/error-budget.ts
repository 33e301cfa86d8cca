// The composer goes on after an error, to the end of the document, and an error costs it a hundred times what a value does: a file of
// nothing but errors would hold the process for minutes. The one place that learns of each in time is the composer's own reporter, so
// that is where it is stopped. The library does not offer that; a test proves that it still works.
import type { Composer, YAMLError } from 'yaml'

/** Where the composer says that something is wrong: an offset, a range, or a token. */
type Source = number | readonly number[] | { readonly offset: number }

type OnError = (source: Source, code: YAMLError['code'], message: string, warning?: boolean) => void

/** An error of the composer before it is made into one. */
export interface EarlyError {
  readonly offset: number
  readonly code: YAMLError['code']
  readonly message: string
}

/** Thrown through the composer when there are more errors than anybody reads. */
export class TooManyErrors extends Error {
  readonly errors: readonly EarlyError[]

  constructor(errors: readonly EarlyError[]) {
    super('too many errors')
    this.name = 'TooManyErrors'
    this.errors = errors
  }
}

/** Lets a composer report so many errors and throws TooManyErrors at the next. */
export function stopAfter(composer: Composer, maximum: number): void {
  const reporter = composer as unknown as { onError: OnError }
  const inner = reporter.onError
  const errors: EarlyError[] = []
  reporter.onError = (source, code, message, warning) => {
    if (warning !== true) errors.push({ offset: offsetOf(source), code, message })
    if (errors.length > maximum) throw new TooManyErrors(errors)
    inner(source, code, message, warning)
  }
}

function offsetOf(source: Source): number {
  if (typeof source === 'number') return source
  return 'offset' in source ? source.offset : (source[0] ?? 0)
}
