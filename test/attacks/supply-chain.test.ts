// What comes with an installation: packages as they were reviewed, from one place, without a program that runs while they are installed.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

interface Locked {
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
}
const manifest: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(read('package.json'))
const locked: Readonly<Record<string, Locked>> = JSON.parse(read('package-lock.json')).packages
const installed = Object.entries(locked).filter(([path]) => path !== '')

describe('A30: a package that was taken over', () => {
  it('comes from the registry and from nowhere else', () => {
    // Without `resolved` npm asks the registry it is set to, by name, version and integrity.
    const named = installed.flatMap(([path, { resolved }]) => (resolved === undefined ? [] : [{ path, resolved }]))
    const elsewhere = named.filter(({ resolved }) => !resolved.startsWith('https://registry.npmjs.org/'))

    expect(installed.length).toBeGreaterThan(20)
    expect(elsewhere).toEqual([])
  })

  it('would have other bytes than those that were locked', () => {
    const weak = installed.filter(([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity))

    expect(weak.map(([path]) => path)).toEqual([])
  })

  it('is asked for by a range of versions, never by a URL, a repository or a path', () => {
    const asked = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides'].flatMap(
      (kind) => Object.entries(manifest[kind] ?? {}),
    )

    expect(asked.filter(([, range]) => !/^[\^~]?\d+\.\d+\.\d+$/.test(range))).toEqual([])
  })

  it('runs nothing while it is installed, and neither do we', () => {
    const npmrc = read('.npmrc').split('\n')
    const ours = Object.keys(manifest['scripts'] ?? {})
    const lifecycle = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'prepublish']

    expect(npmrc).toContain('ignore-scripts=true')
    expect(lifecycle.filter((name) => ours.includes(name))).toEqual([])
    expect(
      read('Dockerfile').match(/npm (?:install|i|rebuild)\b|--ignore-scripts=false|--foreground-scripts/g),
    ).toBeNull()
  })

  it('cannot be swapped by our own settings of npm, which name no registry and hold no token', () => {
    expect(read('.npmrc')).not.toMatch(/registry|_auth|token|password/i)
  })

  it('finds no door in our code that turns text into a program', () => {
    const doors = sources('src').flatMap((path) =>
      [
        ...read(path).matchAll(/\beval\(|new Function\(|\bFunction\(|createRequire|import\((?!['"])|process\.binding/g),
      ].map(([found]) => `${path}: ${found}`),
    )

    expect(doors).toEqual([])
  })
})

/** Files that people write; validators are generated and compared by `npm run verify`. */
function sources(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[jt]s$/.test(path) && !path.startsWith(join('spec', 'generated')))
    .map((path) => join(folder, path))
}
