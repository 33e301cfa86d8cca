import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { DEFAULT_SERVER_SWITCHES, SERVER_SWITCH_VALUES } from '../../../src/simulator/servers/switches.ts'

it('docs/reference/simulator.md names every switch of the servers with its default', async () => {
  const page = await readFile(new URL('../../../docs/reference/simulator.md', import.meta.url), 'utf8')
  const section = page.slice(page.indexOf('### CRM servers'))
  const told = [...section.matchAll(/^\| `(\w+)`\s*\| `?([\w-]+)`?\s*\|/gm)].map(([, name, value]) => [name, value])

  expect(Object.fromEntries(told.slice(0, Object.keys(SERVER_SWITCH_VALUES).length))).toEqual(
    Object.fromEntries(Object.entries(DEFAULT_SERVER_SWITCHES).map(([name, value]) => [name, String(value)])),
  )
})
