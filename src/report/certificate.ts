// A certificate as text, Markdown and JSON. Nothing secret comes near: only what is public, and what was found.
import type { Inspection } from '../certificate/inspect.ts'
import { markdownCode, markdownProse, markdownSentence, printable } from './hostile-text.ts'
import { REPORT_VERSION } from './json.ts'
import type { TextStyle } from './plan-text.ts'
import { type Line, table } from './table.ts'
import { count } from './wording.ts'

/** A certificate to tell. */
export interface CertificateReport {
  readonly inspection: Inspection
  /** Path of the PFX as the reader knows it. */
  readonly file: string
  readonly daysLeft: number
  /** What to write where, as YAML; the reader copies it. */
  readonly paste: readonly { readonly where: string; readonly yaml: string }[]
  /** `created` where it did not exist before. */
  readonly how: 'inspected' | 'created'
}

const DAY = { one: 'day', many: 'days' }
const FAULT = { one: 'fault', many: 'faults' }
const TONES = { Good: 'plain', Warning: 'yellow', Bad: 'red' } as const
const HEADINGS = { Good: 'good', Warning: 'warning', Bad: 'fault' } as const

/** A certificate as text, with what to paste below. */
export function certificateText(report: CertificateReport, { paint, width }: Omit<TextStyle, 'commands'>): string {
  const { inspection, file, paste } = report
  const tone = inspection.faults.length > 0 ? paint.red : paint.green
  const head = `${paint.bold(printable(file))}: ${tone(printable(headline(report)))}`
  const lines: readonly Line[] = [
    ...factsOf(report).map(([heading, text]): Line => ({ heading, text })),
    ...inspection.verdicts.map(
      ({ outcome, message }): Line => ({ heading: HEADINGS[outcome], text: message, tone: TONES[outcome] }),
    ),
  ]
  const blocks = paste.map(({ where, yaml }) => `${paint.dim(printable(where))}\n\n${indented(yaml)}`)
  return `${[head, table(lines, { paint, width }), ...blocks].join('\n\n')}\n`
}

/** A certificate as Markdown. */
export function certificateMarkdown(report: CertificateReport): string {
  const facts = factsOf(report).map(([heading, text]) => `- **${heading}**: ${markdownCode(text)}`)
  const verdicts = report.inspection.verdicts.map(
    ({ outcome, message }) => `- **${HEADINGS[outcome]}**: ${markdownSentence(message)}`,
  )
  const blocks = report.paste.map(({ where, yaml }) => `${markdownProse(where)}\n\n\`\`\`yaml\n${yaml}\`\`\``)
  const head = `**${markdownProse(report.file)}**: ${markdownProse(headline(report))}`
  return `${[head, facts.join('\n'), verdicts.join('\n'), ...blocks].filter((block) => block !== '').join('\n\n')}\n`
}

/** A certificate as a plain value. Every property is named here. */
export function certificateJson(exitCode: number, { inspection, file, daysLeft }: CertificateReport): unknown {
  const { certificate, verdicts, chain } = inspection
  const { name, sha256, thumbprint, subject, issuer, notBefore, notAfter, isSelfSigned, rsaBits, keySpec } = certificate
  const judged = verdicts.map(({ check, outcome, fault, message }) => ({
    check,
    outcome,
    ...(fault === undefined ? {} : { fault }),
    message,
  }))
  return {
    version: REPORT_VERSION,
    verb: 'cert',
    exitCode,
    certificate: {
      name,
      file,
      subject,
      issuer,
      notBefore,
      notAfter,
      daysLeft,
      sha256,
      thumbprint,
      isSelfSigned,
      ...(rsaBits === undefined ? {} : { rsaBits }),
      ...(keySpec === undefined ? {} : { keySpec }),
      chain,
      verdicts: judged,
    },
  }
}

function headline({ inspection: { faults }, daysLeft, how }: CertificateReport): string {
  if (faults.length > 0) return `cannot be used, ${count(faults.length, FAULT)}`
  return `${how === 'created' ? 'created' : 'can be used'}, ${count(daysLeft, DAY)} left`
}

function factsOf({ inspection, daysLeft }: CertificateReport): readonly (readonly [string, string])[] {
  const { certificate, chain } = inspection
  const { subject, issuer, notBefore, notAfter, sha256, thumbprint, keySpec, rsaBits } = certificate
  const days = daysLeft <= 0 ? 'over' : `${count(daysLeft, DAY)} left`
  const key = rsaBits === undefined ? 'not RSA' : `RSA ${rsaBits}`
  return [
    ['subject', subject],
    ['issuer', issuer],
    ['valid', `${notBefore} to ${notAfter}, ${days}`],
    ['key', `${key}, KeySpec ${keySpec ?? 'not said by the file'}`],
    ['sha256', sha256],
    ['thumbprint', thumbprint],
    ...(chain.length > 1 ? [['chain', chain.join(' < ')] as const] : []),
  ]
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
