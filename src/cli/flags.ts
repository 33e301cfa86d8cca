// The flags that several verbs share, and what they come to.
import { resolve } from 'node:path'
import { type Flag, type Invocation, textOf } from './verb.ts'

/** Forms of output. */
export const FORMS = ['text', 'json', 'markdown'] as const
/** A form of output. */
export type Form = (typeof FORMS)[number]

/** `--config` */
export const CONFIG: Flag = {
  syntax: '--config <file>',
  describe: 'the runtime configuration (mailkeel.yaml here, or what MAILKEEL_CONFIG names)',
}
/** `--spec` */
export const SPEC: Flag = {
  syntax: '--spec <path>',
  describe: 'folder of the spec, in place of the one or the repository that the configuration names',
}
/** `--revision` */
export const REVISION: Flag = {
  syntax: '--revision <commit>',
  describe: 'where the spec comes from git: this commit in place of the newest one, by its full id',
}
/** `--previous` */
export const PREVIOUS: Flag = {
  syntax: '--previous <path>',
  describe: 'folder of the spec as it was before: mailboxes that left sets with `onRelease: Stop` are stopped',
}
/** `--organization` */
export const ORGANIZATION: Flag = {
  syntax: '--organization <name>',
  describe: 'only this organization; may be repeated',
  repeats: true,
}
/** `--only` */
export const ONLY: Flag = {
  syntax: '--only <what>',
  describe: 'only changes of this stage, set, address or trust; may be repeated',
  repeats: true,
}
/** `--output` */
export const OUTPUT: Flag = { syntax: '-o, --output <form>', describe: 'form of the output (text)', choices: FORMS }
/** `--details` */
export const DETAILS: Flag = {
  syntax: '--details',
  describe: 'list every change with its fields and where it is asked for',
}
/** `--allow` */
export const ALLOW: Flag = {
  syntax: '--allow <guard>',
  describe: 'let this guard pass once; the journal records it; may be repeated',
  repeats: true,
}

/** `--read-results` */
export const READ_RESULTS: Flag = {
  syntax: '--read-results <dir>',
  describe: 'folder with the answers that a person brought back from servers without SSH',
}

/** Where answers were brought to, as connections take it. */
export function brought(
  invocation: Invocation,
  { workingDirectory }: { readonly workingDirectory: string },
): { readonly readResults?: string } {
  const folder = textOf(invocation, 'readResults')
  return folder === undefined ? {} : { readResults: resolve(workingDirectory, folder) }
}

/** The form asked for. */
export function formOf(invocation: Invocation): Form {
  const text = textOf(invocation, 'output')
  return FORMS.find((form) => form === text) ?? 'text'
}

/** The flags that must be said again for the next command to mean the same thing: configuration, spec, organizations. */
export function repeated(
  { flags }: Invocation,
  names: readonly string[] = ['config', 'spec', 'revision', 'organization'],
): string {
  const words = names.flatMap((name) => {
    const value = flags[name]
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value]
    return values.map((one) => ` --${name} ${shellWord(String(one))}`)
  })
  return words.join('')
}

/** A text as one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
