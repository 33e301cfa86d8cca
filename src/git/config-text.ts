/** One setting of git: section with its subsection if it has one, key, value. */
export interface Setting {
  readonly section: string
  readonly subsection?: string
  readonly key: string
  readonly value: string
}

/** Settings as the text of a configuration file (git-config, "Syntax"). Throws TypeError on a value that no line can hold. */
export function configText(settings: readonly Setting[]): string {
  return settings
    .map(({ section, subsection, key, value }) => {
      const heading = subsection === undefined ? section : `${section} ${quoted(subsection)}`
      return `[${heading}]\n\t${key} = ${quoted(value)}\n`
    })
    .join('')
}

function quoted(text: string): string {
  // The message must not repeat what may be a secret.
  if (/\p{Cc}/u.test(text)) throw new TypeError('a setting of git holds a control character')
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
