import { expect, it, onTestFinished } from 'vitest'
import { shareRead } from '../../src/crm/read/shared.ts'

it('many callers may wait for one read with one signal, and Node warns of no leak', async () => {
  const warnings: string[] = []
  const note = ({ name }: Error) => void warnings.push(name)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  const read = shareRead(async () => 'rows')
  const { signal } = new AbortController()

  const all = await Promise.all(Array.from({ length: 50 }, () => read(signal)))
  // Warnings are told in the next turn.
  await new Promise((resolve) => setImmediate(resolve))

  expect(new Set(all)).toEqual(new Set(['rows']))
  expect(warnings).toEqual([])
})
