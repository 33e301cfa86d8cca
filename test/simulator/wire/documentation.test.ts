import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { DRIFT_KINDS, FAULT_LAYERS, MESS_KINDS } from '../../../src/simulator/index.ts'
import { send, startApi } from './exchange.ts'

const text = await readFile(new URL('../../../docs/reference/simulator.md', import.meta.url), 'utf8')

/** The page without the blanks that line up its tables. */
const page = text.replaceAll(/ +\|/g, ' |')

describe('the reference page of the simulator', () => {
  it('has a row for every kind of fault', () => {
    const [, table = ''] = section('Faults').split('| kind | fields | what happens |')

    const rows = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1])

    expect(rows.sort()).toEqual(Object.keys(FAULT_LAYERS).sort())
  })

  it('has a row for every mess and every drift, worded as help words them', () => {
    for (const { name, describe: words, usual } of MESS_KINDS) {
      expect(section('Mess')).toContain(`| \`${name}\`${usual ? ' *' : ''} | ${words} |`)
    }
    for (const { name, describe: words } of DRIFT_KINDS)
      expect(section('Control')).toContain(`| \`${name}\` | ${words} |`)
  })

  it('has a row for every switch', async () => {
    const api = await startApi()

    const rows = [...section('Switches').matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])

    expect(rows.sort()).toEqual(Object.keys(api.simulator.world.switches).sort())
  })

  it('has a row for every control route', async () => {
    const api = await startApi()
    const { routes } = (await send(`${new URL(api.root).origin}/_simulator/`)).json()

    const missing = (routes as string[]).filter((route) => !section('Control').includes(`\`${route}`))

    expect(missing).toEqual([])
  })

  it('shows control requests that work', async () => {
    const api = await startApi()
    const origin = new URL(api.root).origin
    const commands = page.replaceAll('\\\n', ' ').match(/^curl .*\/_simulator\/.*$/gm) ?? []

    const statuses = await Promise.all(
      commands.map(async (command) => {
        const path = /\/_simulator\/\S+/.exec(command)?.[0] ?? ''
        const body = /-d '(.*)'/.exec(command)?.[1]
        return (await send(origin + path, { method: command.includes('-X POST') ? 'POST' : 'GET', body })).status
      }),
    )

    expect(commands.length).toBeGreaterThan(6)
    expect(statuses).toEqual(commands.map(() => 200))
  })
})

function section(title: string): string {
  const start = page.indexOf(`\n## ${title}\n`)
  expect(start, `section ${title}`).toBeGreaterThan(0)
  const end = page.indexOf('\n## ', start + 1)
  return page.slice(start, end < 0 ? undefined : end)
}
