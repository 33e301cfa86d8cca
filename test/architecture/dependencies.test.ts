import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string> } = JSON.parse(
  read('package.json'),
)

interface Locked {
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly integrity?: string
  readonly link?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
const locked: Readonly<Record<string, Locked>> = JSON.parse(read('package-lock.json')).packages

describe('the dependencies', () => {
  test('each have their sentence in docs/dependencies.md, in the part where they belong', () => {
    const [, program = '', tools = ''] = read('docs/dependencies.md').split(/^## .*$/m)
    const named = (text: string) => [...text.matchAll(/^- \*\*(.+?)\*\*: /gm)].map(([, name]) => name)

    expect(named(program)).toEqual(Object.keys(manifest.dependencies).sort())
    expect(named(tools)).toEqual(Object.keys(manifest.devDependencies).sort())
  })

  test('of the program run no script when they are installed', () => {
    const scripts = Object.entries(locked).filter(([, { dev, hasInstallScript }]) => !dev && hasInstallScript)

    // ssh2 would compile parts that make it faster; it works without them, and npm is told not to.
    expect(scripts.map(([path]) => path)).toEqual(['node_modules/cpu-features', 'node_modules/ssh2'])
    expect(read('.npmrc')).toContain('ignore-scripts=true')
  })

  test('are locked by what they contain', () => {
    const open = Object.entries(locked).filter(([path, { integrity, link }]) => path !== '' && !integrity && !link)

    expect(open.map(([path]) => path)).toEqual([])
  })

  test('are locked for every platform, because npm ci refuses a lock file that lacks one', () => {
    const missing = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !locked[`node_modules/${name}`] && !locked[`${path}/node_modules/${name}`],
      ),
    )

    expect(missing).toEqual([])
  })
})
