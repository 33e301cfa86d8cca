import { parseSync } from 'oxc-parser'

/** One way in which a file reaches for another module. */
export interface Import {
  /** As written; undefined where it is computed at run time, so that nobody can tell. */
  readonly specifier: string | undefined
  /** Erased by the compiler, so that it runs nothing. `import { type A }` is not: under verbatimModuleSyntax a bare import stays. */
  readonly isTypeOnly: boolean
  readonly line: number
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [field: string]: unknown
}

/** Functions whose first argument names a module. */
const LOADERS: ReadonlySet<string> = new Set([
  'require',
  'require.resolve',
  'module.require',
  'import.meta.resolve',
  'process.getBuiltinModule',
  'process.binding',
])

/**
 * Every import of a file, in any form the language has: static, bare, re-exports, `import()`, `import('…').Type`, `import x = require()`,
 * `require`, `import.meta.resolve`, `process.getBuiltinModule`. Throws where the file does not parse.
 */
export function importsOf(path: string, source: string): readonly Import[] {
  const { program, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  const imports: Import[] = []
  visit(program as unknown as Node, (node) => {
    const found = importOf(node)
    if (found) imports.push({ ...found, line: source.slice(0, node.start).split('\n').length })
  })
  return imports
}

function importOf(node: Node): Omit<Import, 'line'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return {
        specifier: textOf(node['source']),
        isTypeOnly: node['importKind'] === 'type',
      }
    case 'ExportNamedDeclaration':
      if (!node['source']) return undefined
      return {
        specifier: textOf(node['source']),
        isTypeOnly: node['exportKind'] === 'type',
      }
    case 'ExportAllDeclaration':
      return { specifier: textOf(node['source']), isTypeOnly: node['exportKind'] === 'type' }
    case 'ImportExpression':
      return { specifier: textOf(node['source']), isTypeOnly: false }
    case 'TSImportType':
      return { specifier: textOf(node['source'] ?? node['argument']), isTypeOnly: true }
    case 'TSExternalModuleReference':
      return { specifier: textOf(node['expression']), isTypeOnly: false }
    case 'CallExpression':
    case 'NewExpression':
      return loaderCall(node)
    default:
      return undefined
  }
}

function loaderCall(node: Node): Omit<Import, 'line'> | undefined {
  if (!LOADERS.has(dottedName(node['callee']))) return undefined
  const [first] = node['arguments'] as readonly Node[]
  return { specifier: textOf(first), isTypeOnly: false }
}

function dottedName(value: unknown): string {
  if (!isNode(value)) return ''
  if (value.type === 'Identifier') return String(value['name'])
  if (value.type === 'MetaProperty') return 'import.meta'
  if (value.type !== 'MemberExpression') return ''
  const property = value['property']
  const name = textOf(property) ?? (isNode(property) && !value['computed'] ? String(property['name']) : '?')
  return `${dottedName(value['object'])}.${name}`
}

function textOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  if (value.type === 'TSLiteralType') return textOf(value['literal'])
  if (value.type === 'Literal') return typeof value['value'] === 'string' ? value['value'] : undefined
  if (value.type !== 'TemplateLiteral') return undefined
  const quasis = value['quasis'] as readonly { value: { cooked: string } }[]
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined
}

function visit(node: Node, onNode: (node: Node) => void): void {
  onNode(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, onNode)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
