import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { needs } from '../setup/needs.ts'
import { blocksIn, walkDocument } from './document.ts'

const TUTORIAL = fileURLToPath(new URL('../../docs/tutorial.md', import.meta.url))

needs('git')('the tutorial', () => {
  it('works as it is written', { timeout: 240_000 }, async () => {
    await walkDocument('docs/tutorial.md')
  })
})

it('the tutorial goes through the year: a commit, a mistake, drift, a hold, a rotation, an outage', () => {
  const scripts = blocksIn(readFileSync(TUTORIAL, 'utf8')).map(({ script }) => script)

  const all = scripts.join('')

  for (const word of [
    'run --demo',
    'git push',
    'incomming',
    'by-hand.mjs method',
    'suspend',
    'rotation.patch',
    'down',
    'up',
  ]) {
    expect(all).toContain(word)
  }
})
