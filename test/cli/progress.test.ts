import { describe, expect, it } from 'vitest'
import { bar, createProgress } from '../../src/cli/progress.ts'

function recorder(isTerminal: boolean) {
  const written: string[] = []
  let atMs = 0
  return {
    written,
    advance: (ms: number) => {
      atMs += ms
    },
    machine: {
      errors: { isTerminal, columns: () => 80, write: (text: string) => void written.push(text) },
      now: () => new Date(atMs),
    },
  }
}

const STATE = { organization: 'contoso-sales', doing: 'mailboxes', done: 11, total: 27 }

describe('progress', () => {
  it('draws a bar that says how far it is', () => {
    expect(bar(STATE, 72_000, 100)).toBe('contoso-sales   ████████░░░░░░░░░░░░  mailboxes 11 of 27   1m12s')
  })

  it('is never wider than the terminal', () => {
    for (const width of [10, 30, 60]) expect([...bar(STATE, 72_000, width)].length).toBeLessThanOrEqual(width)
  })

  it('repaints at most ten times a second on a terminal', () => {
    const { machine, written, advance } = recorder(true)
    const progress = createProgress(machine)

    for (let done = 0; done < 20; done += 1) {
      progress.update({ ...STATE, done })
      advance(10)
    }

    expect(written.length).toBe(2)
  })

  it('writes a line every five seconds where there is no terminal', () => {
    const { machine, written, advance } = recorder(false)
    const progress = createProgress(machine)

    for (let done = 0; done < 12; done += 1) {
      progress.update({ ...STATE, done })
      advance(1000)
    }

    expect(written).toEqual(['contoso-sales: mailboxes 2 of 27, 2.0 s\n', 'contoso-sales: mailboxes 7 of 27, 7.0 s\n'])
  })

  it('writes nothing where it is not wanted', () => {
    const { machine, written } = recorder(true)

    const progress = createProgress(machine, true)
    progress.update(STATE)
    progress.clear()

    expect(written).toEqual([])
  })

  it('takes the bar away before something else is printed', () => {
    const { machine, written } = recorder(true)
    const progress = createProgress(machine)

    progress.update(STATE)
    progress.clear()
    progress.clear()

    expect(written.at(-1)).toBe('\r\u001b[2K')
    expect(written).toHaveLength(2)
  })
})
