// What the doctor found, as text, Markdown and JSON. Commands and YAML stand on lines of their own, unbroken: people copy them.
import { markdownProse, markdownSentence, printable } from './hostile-text.ts'
import { REPORT_VERSION } from './json.ts'
import type { TextStyle } from './plan-text.ts'
import { type Line, table } from './table.ts'
import { number, sentenceList } from './wording.ts'

/**
 * `Good`: it was tried and works. `Broken`: it does not, and the remedy says what is missing. `Unknown`: it could not be told now. `Person`: no
 * interface tells. `Excess`: it works, and more is allowed than is needed.
 */
export type FindingVerdict = 'Good' | 'Broken' | 'Unknown' | 'Person' | 'Excess'

/** What to do. */
export interface Remedy {
  /** One sentence. */
  readonly words: string
  /** Each to be copied as it stands, with where it is to be run. */
  readonly commands?: readonly { readonly where: string; readonly command: string }[]
  /** To be pasted, with where. */
  readonly yaml?: { readonly where: string; readonly text: string }
}

/** One thing that was looked at. */
export interface Finding {
  /** What it is about: `organization contoso-sales`, `server crm01`. */
  readonly subject: string
  readonly check: string
  /** PascalCase. */
  readonly code: string
  readonly verdict: FindingVerdict
  /** What was tried, and as whom. */
  readonly tried: string
  readonly evidence: string
  readonly remedy?: Remedy
}

/** All verdicts, what needs somebody first. */
export const VERDICTS: readonly FindingVerdict[] = ['Broken', 'Unknown', 'Person', 'Excess', 'Good']

const WORDS = {
  Broken: { heading: 'broken', counted: 'broken', tone: 'red' },
  Unknown: { heading: 'unknown', counted: 'unknown', tone: 'yellow' },
  Person: { heading: 'person', counted: 'for a person to look at', tone: 'yellow' },
  Excess: { heading: 'excess', counted: 'with more rights than needed', tone: 'yellow' },
  Good: { heading: 'good', counted: 'good', tone: 'plain' },
} as const satisfies Record<FindingVerdict, { heading: string; counted: string; tone: Line['tone'] }>

/** Findings as text, by what they are about. */
export function doctorText(findings: readonly Finding[], style: Omit<TextStyle, 'commands'>): string {
  const blocks = bySubject(findings).map(([subject, some]) =>
    [style.paint.bold(printable(subject)), ...some.map((one) => findingText(one, style))].join('\n'),
  )
  return `${[...blocks, printable(summaryOf(findings))].join('\n\n')}\n`
}

function findingText({ check, verdict, tried, evidence, remedy }: Finding, style: Omit<TextStyle, 'commands'>): string {
  const { heading, tone } = WORDS[verdict]
  const below = verdict === 'Good' ? [] : [`tried: ${tried}`, ...(remedy ? [`do: ${remedy.words}`] : [])]
  const told = table([{ heading, text: `${check}: ${evidence}`, below, tone }], style)
  return [told, ...copied(remedy).map((line) => (line === '' ? '' : `               ${line}`))].join('\n')
}

function copied(remedy: Remedy | undefined): readonly string[] {
  const commands = (remedy?.commands ?? []).flatMap(({ where, command }) => [
    `${printable(where)}:`,
    `  ${printable(command)}`,
  ])
  const { yaml } = remedy ?? {}
  return yaml ? [...commands, `${printable(yaml.where)}:`, ...linesOf(yaml.text).map((line) => `  ${line}`)] : commands
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n').map(printable)
}

/** Findings as Markdown. */
export function doctorMarkdown(findings: readonly Finding[]): string {
  const blocks = bySubject(findings).map(([subject, some]) =>
    [`### ${markdownProse(subject)}`, some.map(findingMarkdown).join('\n')].join('\n\n'),
  )
  return `${[markdownProse(summaryOf(findings)), ...blocks].join('\n\n')}\n`
}

function findingMarkdown({ check, verdict, tried, evidence, remedy }: Finding): string {
  const head = `- **${WORDS[verdict].heading}** ${markdownProse(check)}: ${markdownSentence(evidence)}`
  if (verdict === 'Good') return head
  const commands = (remedy?.commands ?? []).flatMap(({ where, command }) => [
    `  - ${markdownProse(where)}:`,
    '',
    ...fenced('text', [printable(command)]),
  ])
  const { yaml } = remedy ?? {}
  return [
    head,
    `  - tried: ${markdownSentence(tried)}`,
    ...(remedy ? [`  - do: ${markdownSentence(remedy.words)}`] : []),
    ...commands,
    ...(yaml ? [`  - ${markdownProse(yaml.where)}:`, '', ...fenced('yaml', linesOf(yaml.text))] : []),
  ].join('\n')
}

function fenced(language: string, lines: readonly string[]): readonly string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...lines, fence].map((line) => `    ${line}`)
}

/** Findings as a plain value. Every property is named here. */
export function doctorJson(exitCode: number, findings: readonly Finding[]): unknown {
  const told = findings.map(({ subject, check, code, verdict, tried, evidence, remedy }) => ({
    subject,
    check,
    code,
    verdict,
    tried,
    evidence,
    ...(remedy ? { remedy: remedyJson(remedy) } : {}),
  }))
  return { version: REPORT_VERSION, verb: 'doctor', exitCode, findings: told }
}

function remedyJson({ words, commands, yaml }: Remedy): unknown {
  return {
    words,
    ...(commands ? { commands: commands.map(({ where, command }) => ({ where, command })) } : {}),
    ...(yaml ? { yaml: { where: yaml.where, text: yaml.text } } : {}),
  }
}

/** `24 checks: 2 broken, 22 good`. */
function summaryOf(findings: readonly Finding[]): string {
  const parts = VERDICTS.flatMap((verdict) => {
    const found = findings.filter((finding) => finding.verdict === verdict).length
    return found === 0 ? [] : [`${number(found)} ${WORDS[verdict].counted}`]
  })
  return `${number(findings.length)} ${findings.length === 1 ? 'check' : 'checks'}: ${sentenceList(parts)}`
}

/** In the order in which subjects were first named; within one what needs somebody first. */
function bySubject(findings: readonly Finding[]): readonly (readonly [string, readonly Finding[]])[] {
  const subjects = [...new Set(findings.map(({ subject }) => subject))]
  return subjects.map((subject) => {
    const own = findings.filter((finding) => finding.subject === subject)
    return [subject, own.toSorted((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict))]
  })
}
