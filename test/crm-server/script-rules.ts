// The rules for PowerShell of ours, held against its syntax tree.
import { fileURLToPath } from 'node:url'
import { Language, type Node, Parser } from 'web-tree-sitter'

const GRAMMAR = new URL('../../node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm', import.meta.url)

/** What a script breaks of the rules, one sentence each. `mayCall`: commands that are not functions of its own. */
export type RulesChecker = (body: string, mayCall: readonly string[]) => readonly string[]

/** Loads the grammar. */
export async function rulesChecker(): Promise<RulesChecker> {
  await Parser.init()
  const parser = new Parser().setLanguage(await Language.load(fileURLToPath(GRAMMAR)))
  return (body, mayCall) => complaintsAbout(parser, body, mayCall)
}

function complaintsAbout(parser: Parser, body: string, mayCall: readonly string[]): readonly string[] {
  const root = parser.parse(body)?.rootNode
  if (!root) return ['it cannot be parsed']
  const nodes = [...walk(root)]
  const own = nodes.filter(({ type }) => type === 'function_name').map(({ text }) => text)
  const complaints = nodes.flatMap((node) => {
    if (node.isError || node.isMissing) return ['it has a syntax error']
    if (node.type === 'command_invokation_operator') return ['it calls what it does not name']
    if (node.type === 'expandable_string_literal' && node.descendantsOfType('variable').length > 0) {
      return ['it puts a variable into a string']
    }
    if (node.type !== 'command') return []
    const name = node.childForFieldName('command_name')?.text ?? ''
    const words = node.children.map((child) => child?.text ?? '').join(' ')
    if (/^Remove-/i.test(name) && /-Force\b/i.test(words)) return ['it removes by force']
    // It could compile code, too.
    if (name === 'Add-Type' && !/^Add-Type\s+-AssemblyName\s+[\w.]+\s*$/.test(words))
      return ['it adds more than an assembly']
    return own.includes(name) || mayCall.includes(name) ? [] : [`it calls ${name}`]
  })
  // The grammar takes these for words.
  if (/&&|\|\||= =/.test(body)) complaints.push('it has an operator that Windows PowerShell does not')
  if (/Invoke-Expression|\biex\b|ScriptBlock\]|Write-Host|InvokeScript|NewScriptBlock/i.test(body)) {
    complaints.push('it makes code of text, or prints')
  }
  return [...new Set(complaints)]
}

function* walk(node: Node): Generator<Node> {
  yield node
  for (const child of node.children) if (child) yield* walk(child)
}
