// Rows by their ids: as few queries as a server takes, and what it takes where it refuses.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer } from '../../src/crm/index.ts'
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts'
import { clientOf, NEVER } from '../wire/crm-fixtures.ts'

const MAILBOXES = 450
/** Longer than a URL may be outside of a batch (the shortest limit that is known). */
const URL_LIMIT = 2_000
const SELECTS = /^mailboxes\?.*\$filter=mailboxid/

let simulator: RunningSimulator
let made: ReturnType<typeof clientOf>

beforeEach(async () => {
  simulator = await startSimulator({ mailboxes: MAILBOXES, queues: 0, mess: [], seed: 7 })
  made = clientOf(`http://127.0.0.1:${simulator.port}`, {
    baseUrl: simulator.url,
    identity: bearer(async () => 'simulator-admin'),
  })
})

afterEach(async () => {
  await made.client.close()
  await made.http.close()
  await simulator.close()
})

function someIds(): ReadonlySet<string> {
  return new Set([...simulator.world.rows('mailbox').keys()].slice(0, MAILBOXES))
}

/** Reads the mailboxes with a new reader; gives how many requests over mailboxes that took, refused ones included. */
async function readSelected(ids: ReadonlySet<string>) {
  await simulator.resetRequests()
  const { rows, unknown } = await made.client.reader().mailboxes(ids, NEVER)
  const asked = simulator.log().filter(({ path }) => SELECTS.test(decodeURIComponent(path)))
  return { found: new Set(rows.keys()), unknown: unknown.size, asked }
}

describe('rows by their ids', () => {
  it('are read 400 to a filter', async () => {
    const ids = someIds()

    const { found, asked } = await readSelected(ids)

    expect(found).toEqual(ids)
    expect(asked.map(({ kind, status }) => `${kind} ${status}`)).toEqual(['part 200', 'part 200'])
  })

  it('are read in filters of few for good where a filter of many is refused', async () => {
    const ids = someIds()
    simulator.faults.add({
      kind: 'status',
      status: 400,
      times: 'always',
      match: { operation: 'part', path: '/^mailboxes.{9000}/' },
    })

    const first = await readSelected(ids)
    const second = await readSelected(ids)

    expect(first.found).toEqual(ids)
    expect(second.found).toEqual(ids)
    expect(first.asked.some(({ status }) => status === 400)).toBe(true)
    expect(second.asked.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200))
  })

  it('are read in URLs that are short enough where there are no batches', async () => {
    const ids = someIds()
    simulator.faults.add({ kind: 'status', status: 405, times: 'always', match: { path: '$batch' } })

    const { found, asked } = await readSelected(ids)

    expect(found).toEqual(ids)
    expect(new Set(asked.map(({ kind, status }) => `${kind} ${status}`))).toEqual(new Set(['request 200']))
    expect(Math.max(...asked.map(({ path }) => path.length))).toBeLessThan(URL_LIMIT)
  })
})
