import type { YAMLError } from 'yaml'
import type { EarlyError } from './error-budget.ts'
import { findLayoutFault } from './layout.ts'
import type { LayoutFault } from './layout-words.ts'

/** The parser's own messages quote the text; these do not. */
const WORDS: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'the indentation does not fit; entries of one map or list begin in the same column',
  BAD_SCALAR_START: 'a text cannot begin with this character; put it in quotes',
  BAD_DQ_ESCAPE: 'this escape is unknown; in double quotes write \\\\ for a backslash, or use single quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second `: ` on the line; put a text that holds `: ` in quotes',
  BLOCK_IN_FLOW: 'inside { } and [ ] a comma parts the entries; is one missing here?',
  KEY_OVER_1024_CHARS: 'a field name is far too long',
  MISSING_CHAR: 'something is missing here: a quote, a comma, a colon with a blank behind it, or a closing bracket',
  MULTILINE_IMPLICIT_KEY: 'a field name stands on one line; is a colon missing?',
  TAB_AS_INDENT: 'a tab cannot indent; write blanks instead',
  UNEXPECTED_TOKEN: 'this does not belong here; check indentation, quotes and brackets',
}

/** What the parser reports as a consequence of layout, often again and again and behind the place that is wrong. */
const OF_LAYOUT = new Set<YAMLError['code']>([
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'TAB_AS_INDENT',
])

/** The one thing to mend first in a text that the parser refused: everything else may be a consequence of it. */
export function rootCause(text: string, errors: readonly EarlyError[]): LayoutFault {
  const byOffset = [...errors].sort((a, b) => a.offset - b.offset)
  const layout = findLayoutFault(text)
  const other = byOffset.find(({ code }) => !OF_LAYOUT.has(code))
  if (layout !== undefined && (other === undefined || layout.offset <= other.offset)) return layout
  const first =
    byOffset.find(({ code }) => code === 'TAB_AS_INDENT') ??
    byOffset.find(({ code }) => code === 'BAD_INDENT') ??
    byOffset[0]
  const shown = layout === undefined && (other === undefined || (first?.offset ?? 0) < other.offset) ? first : other
  return { offset: shown?.offset ?? 0, message: explainYamlError(shown ?? { code: 'IMPOSSIBLE', message: '' }) }
}

/** Says what is wrong with the YAML without a word of its content. */
function explainYamlError(error: Pick<YAMLError, 'code' | 'message'>): string {
  if (/sufficiently indented and end with/.test(error.message))
    return 'a bracket that was opened before is not closed here'
  return WORDS[error.code] ?? 'this is not well-formed YAML; check indentation, quotes and brackets'
}
