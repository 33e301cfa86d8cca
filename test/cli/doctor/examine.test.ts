import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Examination, examine } from '../../../src/cli/doctor/examine.ts'
import { good } from '../../../src/cli/doctor/finding.ts'
import { UsageError } from '../../../src/compose/usage-error.ts'

const machine = {
  sleep: (ms: number, signal?: AbortSignal) => setTimeout(ms, undefined, signal ? { signal } : {}),
}

function examination(check: string, look: (signal: AbortSignal) => Promise<unknown>): Examination {
  const question = { subject: 'one', check, tried: 'trying' }
  return {
    question,
    look: async (signal) => {
      await look(signal)
      return { findings: [good(question, 'fine')] }
    },
  }
}

async function verdicts(all: readonly Examination[], signal = new AbortController().signal) {
  const examined = await examine(all, { deadlineMs: 20, machine, signal })
  return examined.flatMap(({ findings }) => findings.map(({ check, verdict, code }) => `${check} ${verdict} ${code}`))
}

describe('examinations', () => {
  it('come back in their order; what never answers is given up, even where it does not listen', async () => {
    const told = await verdicts([
      examination('deaf', () => new Promise(() => {})),
      examination('listening', (signal) => setTimeout(60_000, undefined, { signal })),
      examination('quick', async () => {}),
    ])

    expect(told).toEqual(['deaf Unknown TimedOut', 'listening Unknown TimedOut', 'quick Good InOrder'])
  })

  it.each([
    {
      error: new UsageError('identity x cannot'),
      told: 'it Broken NotUsable',
      reason: 'a configuration that cannot work',
    },
    {
      error: Object.assign(new Error('no'), { code: 'Forbidden' }),
      told: 'it Broken Forbidden',
      reason: 'a right that is missing',
    },
    {
      error: Object.assign(new Error('no'), { code: 'Unavailable' }),
      told: 'it Unknown Unavailable',
      reason: 'what passes by itself',
    },
    { error: new Error('oh'), told: 'it Unknown Unexpected', reason: 'whatever else' },
  ])('$reason becomes a finding', async ({ error, told }) => {
    const found = await verdicts([examination('it', () => Promise.reject(error))])

    expect(found).toEqual([told])
  })

  it('end at once where a person stops the run', async () => {
    const stop = new AbortController()
    const running = verdicts([examination('deaf', () => new Promise(() => {}))], stop.signal)
    stop.abort(new Error('interrupted'))

    await expect(running).rejects.toThrow('interrupted')
  })
})
