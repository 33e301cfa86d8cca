import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { blocksIn, walkDocument } from './document.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs/how-to')).map((name) => `docs/how-to/${name}`)]

describe('every command of the documents marked as tested', () => {
  it.each(DOCUMENTS)('%s', { timeout: 120_000 }, async (document) => {
    await walkDocument(document)
  })

  it('are there: the readme and every how-to have some', () => {
    const counts = DOCUMENTS.map((document) => blocksIn(readFileSync(join(ROOT, document), 'utf8')).length)
    const without = DOCUMENTS.filter((_, index) => counts[index] === 0)

    expect(counts[0]).toBeGreaterThan(0)
    expect(without).toEqual([])
  })

  it('all stand in the list of the readme', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => `docs/${path.replaceAll('\\', '/')}`)

    const unnamed = pages.filter((page) => !readme.includes(`](${page})`))

    expect(unnamed).toEqual([])
  })

  it('link only to files that exist', () => {
    for (const document of [
      ...DOCUMENTS,
      'docs/tutorial.md',
      ...readdirSync(join(ROOT, 'docs/explanation')).map((name) => `docs/explanation/${name}`),
    ]) {
      const text = readFileSync(join(ROOT, document), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
        const file = join(ROOT, document, '..', target)
        expect(() => readFileSync(file), `${document} links to ${target}`).not.toThrow()
      }
    }
  })
})
