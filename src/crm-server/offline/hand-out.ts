// Makes files of what a pass wants from a person, and notes what was handed out.
import type { OfflineBook } from './book.ts'
import { type Bundle, bundlesOf } from './bundle.ts'
import { readMeText } from './read-me.ts'
import { type EmittedCall, inputDigest } from './records.ts'
import { scriptFileText, type TokenedCall } from './script-file.ts'

/** A file for a person. */
export interface HandedFile {
  readonly name: string
  readonly text: string
}

/** What is handed out together. */
export interface HandOut {
  /** In the order in which they are to be run. */
  readonly bundles: readonly Bundle[]
  /** The scripts and README.txt. */
  readonly files: readonly HandedFile[]
}

/** How files are made. */
export interface HandOutInput {
  readonly books: readonly OfflineBook[]
  /** Ids of the changes that wait for a person, by deployment. */
  readonly changesOf: (deployment: string) => readonly string[]
  /** Unguessable, hexadecimal. */
  readonly newToken: () => string
  readonly now: Date
}

/** The files for everything that is wanted. The same wishes as last time, as long as nothing came back, are the same files once more. */
export function handOut({ books, changesOf, newToken, now }: HandOutInput): HandOut {
  const bundles: Bundle[] = []
  const files: HandedFile[] = []
  for (const book of books) {
    const ours = bundlesOf(book, bundles.length + 1)
    if (ours.length === 0) continue
    bundles.push(...ours)
    const tokens = tokensFor(ours, book, newToken)
    const id = newToken()
    const tokened = ours.map((bundle) => ({
      ...bundle,
      calls: bundle.calls.map((call): TokenedCall => ({ call, token: tokens.shift() ?? newToken() })),
    }))
    const emitted = tokened.flatMap(({ name, server, calls }) =>
      calls.map(
        ({ token, call: { script, input } }): EmittedCall => ({
          token,
          emission: id,
          file: name,
          server,
          script: script.id,
          sha256: script.sha256,
          input,
          writes: script.writes,
          at: book.records.calls.find((known) => known.token === token)?.at ?? now.toISOString(),
        }),
      ),
    )
    book.handOut({ id, changes: changesOf(book.deployment) }, emitted)
    files.push(...tokened.map((bundle) => ({ name: `${bundle.name}.ps1`, text: scriptFileText(bundle) })))
  }
  if (bundles.length === 0) return { bundles, files }
  return { bundles, files: [...files, { name: 'README.txt', text: readMeText(bundles) }] }
}

/** Tokens of the last time where exactly the same was handed out and nothing of it came back: the files out there stay good. */
function tokensFor(bundles: readonly Bundle[], { records }: OfflineBook, newToken: () => string): string[] {
  const last = records.calls.filter(({ emission }) => emission === records.emission?.id)
  const answered = new Set(records.answers.map(({ token }) => token))
  const wished = bundles.flatMap(({ name, server, calls }) =>
    calls.map(({ script, input }) => [name, server, script.sha256, inputDigest(input)].join(' ')),
  )
  const before = last.map(({ file, server, sha256, input }) => [file, server, sha256, inputDigest(input)].join(' '))
  const isSame = wished.length === before.length && wished.every((one, index) => one === before[index])
  if (isSame && !last.some(({ token }) => answered.has(token))) return last.map(({ token }) => token)
  return wished.map(() => newToken())
}
