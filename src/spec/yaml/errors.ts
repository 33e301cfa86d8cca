import type { YAMLError } from 'yaml'

/** The parser's own messages quote the text; these do not. */
const WORDS: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'the indentation does not fit; entries of one map or list begin in the same column',
  BAD_SCALAR_START: 'a text cannot begin with this character; put it in quotes',
  BAD_DQ_ESCAPE: 'this escape is unknown; in double quotes write \\\\ for a backslash, or use single quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second `: ` on the line; put a text that holds `: ` in quotes',
  BLOCK_IN_FLOW: 'a list or map in block form cannot stand inside { } or [ ]',
  KEY_OVER_1024_CHARS: 'a field name is far too long',
  MISSING_CHAR: 'something is missing here: a quote, a comma, a colon with a blank behind it, or a closing bracket',
  MULTILINE_IMPLICIT_KEY: 'a field name stands on one line; is a colon missing?',
  TAB_AS_INDENT: 'a tab cannot indent; use blanks',
  UNEXPECTED_TOKEN: 'this does not belong here; check indentation, quotes and brackets',
}

/** Says what is wrong with the YAML without a word of its content. */
export function explainYamlError(error: Pick<YAMLError, 'code' | 'message'>): string {
  if (/sufficiently indented and end with/.test(error.message))
    return 'a bracket that was opened before is not closed here'
  return WORDS[error.code] ?? 'this is not well-formed YAML; check indentation, quotes and brackets'
}
