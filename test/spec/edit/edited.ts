// Edits of a text, with the target found as the loader finds it, but without validating: a text may hold what a later schema allows.
import type { Suspension } from '../../../src/spec/desired.ts'
import { type ParsedDocument, SpecDocument } from '../../../src/spec/document.ts'
import { type Asked, editFile, proveEdit } from '../../../src/spec/edit/edit.ts'
import type { Target } from '../../../src/spec/edit/target.ts'
import { DEFAULT_LIMITS } from '../../../src/spec/yaml/limits.ts'
import { parseYaml } from '../../../src/spec/yaml/parse.ts'

/** What every set here begins with; its fields follow, indented by two. */
export const HEAD = 'apiVersion: mailkeel/v1\nkind: MailboxSet\nmetadata:\n  name: sales # the team\nspec:\n'
export const SUSPENSION: Suspension = { owner: 'ann', reason: 'moves house', until: '2026-12-01' }

type SetDocument = ParsedDocument<'MailboxSet'>

/** The text after the edit, which is proven to change nothing else. */
export function edited(text: string, name: string, asked: Asked): string {
  const { target } = parts(text, name)
  const { bytes } = editFile(Buffer.from(text), target, asked)
  const after = Buffer.from(bytes).toString('utf8')
  proveEdit(target, parts(after, name).value, asked)
  return after
}

edited.parts = parts

/** The target and the value of its document. */
function parts(text: string, name: string): { readonly target: Target; readonly value: SetDocument['value'] } {
  const parsed = parseYaml(text.replace(/^\ufeff/, ''), DEFAULT_LIMITS)
  if (parsed.problems.length > 0) throw new Error(JSON.stringify(parsed.problems))
  const documents = parsed.documents.map(({ value, positions }) => {
    return new SpecDocument('sales.yaml', { kind: 'MailboxSet', value: value as SetDocument['value'], positions })
  })
  const document = documents.find(({ value }) => value.metadata.name === 'sales')
  if (!document) throw new Error('no such set')
  const { spec } = document.value
  const index = spec.mailboxes.findIndex((member) => (typeof member === 'string' ? member : member.address) === name)
  const base = {
    organization: 'contoso',
    label: name,
    document,
    others: new Map<string, Suspension>(),
    isPaused: false,
  }
  return { target: name.includes('@') ? { ...base, index } : base, value: document.value }
}
