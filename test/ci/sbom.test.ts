import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../docker/image.ts'
import { needs } from '../setup/needs.ts'

interface Component {
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes?: readonly { readonly alg: string }[]
}

/** `name@version` of what the lock file installs without its development packages. Optional ones of other platforms count too. */
function productionPackages(): ReadonlySet<string> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const entries: [string, { readonly version: string; readonly dev?: true }][] = Object.entries(packages)
  const production = entries.filter(([path, { dev }]) => path !== '' && dev !== true)
  return new Set(production.map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`))
}

needs('npm')('the list of packages of a release', () => {
  const listed = spawnSync(process.execPath, [join(ROOT, 'scripts/sbom.mjs')], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const sbom: { readonly bomFormat: string; readonly specVersion: string; readonly components: readonly Component[] } =
    JSON.parse(listed.stdout || '{"components":[]}')

  it('is CycloneDX', () => {
    expect(listed.status).toBe(0)
    expect(sbom.bomFormat).toBe('CycloneDX')
  })

  it('names every package that the image has, with its version and hash, and none that only builds or tests', () => {
    const named = sbom.components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`)
    const known = productionPackages()

    expect([...known].filter((one) => !named.includes(one))).toEqual([])
    expect(named.filter((one) => !known.has(one))).toEqual([])
    for (const { name, hashes = [], purl } of sbom.components) {
      expect(hashes.length, name).toBeGreaterThan(0)
      expect(purl).toMatch(/^pkg:npm\//)
    }
  })
})
