// Answers to open questions, as text and as JSON for us. Nothing in them may tell whose servers these are.
import { printable } from './hostile-text.ts'
import type { TextStyle } from './plan-text.ts'
import { type Line, table } from './table.ts'

/** What came of a question. */
export interface ProbeAnswer {
  readonly question: string
  /** Undefined where it could not be asked. */
  readonly answer?: string
  /** Why there is no answer: PascalCase. */
  readonly failure?: string
}

/** Answers of one system under a name that tells nothing, such as `organization 1`. */
export interface ProbedSubject {
  readonly subject: string
  readonly answers: readonly ProbeAnswer[]
}

/** A whole report. */
export interface ProbeReport {
  /** Of mailkeel. */
  readonly program: string
  readonly subjects: readonly ProbedSubject[]
  /** Questions that no read settles. */
  readonly notAsked: readonly { readonly question: string; readonly why: string }[]
}

/** A report as people read it before they send it. */
export function probeText({ program, subjects, notAsked }: ProbeReport, style: Omit<TextStyle, 'commands'>): string {
  const head = `Answers to what the documentation leaves open, by reading only (mailkeel ${printable(program)}). It names no name, host, address or id.`
  const blocks = subjects.map(({ subject, answers }) =>
    [style.paint.bold(printable(subject)), table(answers.map(lineOf), style)].join('\n'),
  )
  const rest = notAsked.map(({ question, why }): Line => ({ heading: 'no', text: `${question}: ${why}`, tone: 'dim' }))
  return `${[head, ...blocks, `${style.paint.bold('not asked')}\n${table(rest, style)}`].join('\n\n')}\n`
}

function lineOf({ question, answer, failure = 'Unexpected' }: ProbeAnswer): Line {
  if (answer === undefined)
    return { heading: 'open', text: `${question}? could not be asked: ${failure}`, tone: 'yellow' }
  return { heading: 'told', text: `${question}?`, below: [answer] }
}

/** A report as a plain value. Every property is named here. */
export function probeJson({ program, subjects, notAsked }: ProbeReport): unknown {
  return {
    version: 'mailkeel.probe/v1',
    program,
    subjects: subjects.map(({ subject, answers }) => ({
      subject,
      answers: answers.map(({ question, answer, failure }) => ({
        question,
        ...(answer === undefined ? { failure: failure ?? 'Unexpected' } : { answer }),
      })),
    })),
    notAsked: notAsked.map(({ question, why }) => ({ question, why })),
  }
}
