/** The `Prefer` header, understood. Unknown preferences are ignored, as HTTP says. */
export interface Preferences {
  readonly maxPageSize: number | undefined
  readonly representation: boolean
  readonly continueOnError: boolean
  readonly trackChanges: boolean
  /** The annotation list as asked for, or undefined. */
  readonly annotations: string | undefined
}

/** Reads a `Prefer` header, several of which arrive joined by commas. */
export function parsePreferences(header: string | undefined): Preferences {
  const given = new Map<string, string>()
  for (const match of (header ?? '').matchAll(PREFERENCE)) {
    given.set((match[1] ?? '').toLowerCase(), match[2] ?? match[3] ?? '')
  }
  const size = Number(given.get('odata.maxpagesize') ?? Number.NaN)
  const continues = given.get('odata.continue-on-error')
  return {
    maxPageSize: Number.isInteger(size) && size > 0 ? size : undefined,
    representation: given.get('return') === 'representation',
    continueOnError: continues !== undefined && continues !== 'false',
    trackChanges: given.has('odata.track-changes'),
    annotations: given.get('odata.include-annotations'),
  }
}

/** A test of annotation names for an `odata.include-annotations` list: names, `*`, `prefix.*`; a leading `-` excludes. */
export function annotationTest(list: string | undefined): (name: string) => boolean {
  if (list === undefined) return () => false
  const terms = list.split(',').map((term) => term.trim())
  const matches = (name: string, term: string) =>
    term === '*' || term === name || (term.endsWith('.*') && name.startsWith(term.slice(0, -1)))
  return (name) =>
    !terms.some((term) => term.startsWith('-') && matches(name, term.slice(1))) &&
    terms.some((term) => !term.startsWith('-') && matches(name, term))
}

const PREFERENCE = /([A-Za-z.-]+)\s*(?:=\s*(?:"([^"]*)"|([^",;\s]*)))?/g
