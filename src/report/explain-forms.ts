// Explanations as Markdown and as JSON.
import type { ExplainedLink, Explanation } from './explain-view.ts'
import { timed } from './explain-view.ts'
import { markdownProse } from './hostile-text.ts'
import { REPORT_VERSION, runwayJson } from './json.ts'
import { remarkLines, runwayMarkdown } from './markdown.ts'
import { runwayInWords } from './runway.ts'

/** An explanation as Markdown: the sentence in bold, a line per link, the next step. */
export function explanationMarkdown(told: Explanation): string {
  const next = told.next === undefined ? '' : `**Next:** ${markdownProse(told.next)}`
  const blocks = [
    `**${markdownProse(told.headline)}**`,
    [...told.links.map(linkMarkdown), ...runwayMarkdown(runwayInWords(told.runway ?? []))].join('\n'),
    remarkLines(told.remarks).join('\n'),
    next,
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

function linkMarkdown(link: ExplainedLink): string {
  const { name, evidence, sync, state, isFirst } = link
  const mark = isFirst ? (state === 'broken' ? ' ← **broken here**' : ' ← not known') : ''
  const beside = [sync, evidence].filter((one) => one !== undefined).map((one) => ` (${markdownProse(one)})`)
  return `- **${markdownProse(name)}**: ${markdownProse(timed(link))}${beside.join('')}${mark}`
}

/** Explanations as a plain value. Every property is named here. */
export function explanationsJson(exitCode: number, all: readonly Explanation[]): unknown {
  return { version: REPORT_VERSION, verb: 'explain', exitCode, explanations: all.map(explanationJson) }
}

function explanationJson(told: Explanation): unknown {
  const { organization, scope, revision, subject, state, headline, alike, links, runway, remarks, next } = told
  return {
    organization,
    scope,
    revision,
    subject: { kind: subject.kind, key: subject.key, label: subject.label },
    state,
    headline,
    alike,
    links: links.map(({ name, state, words, evidence, at, next, sync, isFirst }) => ({
      name,
      state,
      words,
      ...(evidence !== undefined && { evidence }),
      ...(at !== undefined && { at }),
      ...(next !== undefined && { next }),
      ...(sync !== undefined && { sync }),
      isCause: isFirst === true,
    })),
    ...(runway !== undefined && { runway: runway.map(runwayJson) }),
    causes: remarks.map(({ heading, code, text, names, next }) => ({
      heading,
      code,
      text,
      names,
      ...(next !== undefined && { next }),
    })),
    ...(next !== undefined && { next }),
  }
}
