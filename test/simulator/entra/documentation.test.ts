import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { DEFAULT_ENTRA_SWITCHES, ENTRA_FAULT_LAYERS } from '../../../src/simulator/entra/index.ts'

const text = await readFile(new URL('../../../docs/reference/simulator.md', import.meta.url), 'utf8')
const page = text.replaceAll(/ +\|/g, ' |')

/** The rows of the table with this heading: first and second column. */
function rowsBelow(heading: string): Readonly<Record<string, string>> {
  const [, table = ''] = page.split(heading)
  const rows = table.split('\n\n')[0]?.matchAll(/^\| `([\w-]+)` \| (.*?) ?\|/gm) ?? []
  return Object.fromEntries([...rows].map(([, name = '', second = '']) => [name, second.replaceAll('`', '')]))
}

describe('the reference page of the simulated tenant', () => {
  it('has a row for every kind of fault', () => {
    expect(Object.keys(rowsBelow('| fault |')).sort()).toEqual(Object.keys(ENTRA_FAULT_LAYERS).sort())
  })

  it('has a row with the default for every switch', () => {
    const defaults = Object.entries(DEFAULT_ENTRA_SWITCHES).map(([name, value]) => [name, String(value)])

    expect(rowsBelow('| tenant switch |')).toEqual(Object.fromEntries(defaults))
  })
})
