import type { Change, FieldValue, Origin, Plan } from '../engine/index.ts'
import { markdownCode, printable } from './hostile-text.ts'
import type { Paint } from './terminal.ts'

/** Every change of a plan with its fields, for `--details`: what it is, what it was, where it was asked for. */
export function detailsText(plan: Plan, paint: Paint): string {
  const lines: string[] = []
  for (const change of plan.steps.flatMap(({ changes }) => changes)) {
    const place = paint.dim(printable(placeOf(change.origin)))
    lines.push(`  ${change.action} ${paint.bold(printable(change.label))}  ${change.stage}  ${place}`)
    for (const { field, from, to, effect } of change.fields) {
      lines.push(
        `    ${printable(field)}: ${printable(effect === 'test' ? testInWords(from) : fromTo(change, from, to))}`,
      )
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** As `detailsText`, as a Markdown list. Stops at `limit` changes and says how many more there are. */
export function detailsMarkdown(plan: Plan, limit: number): string {
  const changes = plan.steps.flatMap((step) => step.changes)
  const lines = changes
    .slice(0, limit)
    .flatMap((change) => [
      `- ${change.action} ${markdownCode(change.label)} (${markdownCode(placeOf(change.origin))})`,
      ...change.fields.map(
        ({ field, from, to, effect }) =>
          `  - ${markdownCode(field)}: ${markdownCode(effect === 'test' ? testInWords(from) : fromTo(change, from, to))}`,
      ),
    ])
  if (changes.length > limit) lines.push(`- and ${changes.length - limit} more changes`)
  return lines.join('\n')
}

function fromTo({ action }: Change, from: FieldValue | undefined, to: FieldValue): string {
  if (action === 'create') return valueInWords(to)
  return `${from === undefined ? '(not readable)' : valueInWords(from)} → ${valueInWords(to)}`
}

/** A test is no value that becomes another: it is asked for, and there was a result before or not. */
function testInWords(from: FieldValue | undefined): string {
  const [result = '', endedOn] = typeof from === 'string' ? from.split(' ') : []
  const before = endedOn === undefined ? '' : `; the last one ${result.toLowerCase()} ${endedOn}`
  return `is asked for${before}`
}

/** A value of a field for people: `none`, `yes`, `"text"`, `"a", "b"`. */
export function valueInWords(value: FieldValue): string {
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return `"${value}"`
  return value.length === 0 ? 'none' : value.map((item) => `"${item}"`).join(', ')
}

/** A place as editors and terminals make it clickable: `sales.yaml:9:7`. */
export function placeOf({ file, line, column }: Origin): string {
  return `${file}:${line}:${column}`
}
