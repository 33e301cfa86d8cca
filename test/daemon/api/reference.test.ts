import { readFile, writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { type Description, referencePage } from './reference.ts'
import { emptyBoard, serveApi } from './serving.ts'

const PAGE = new URL('../../../docs/reference/api.md', import.meta.url)

it('docs/reference/api.md is what the routes and their schemas say', async () => {
  const served = await serveApi({ board: emptyBoard() })
  const { body } = await served.get<Description>('/api/v1/openapi.json')
  await served.close()

  const made = referencePage(body)

  if (process.env['MAILKEEL_WRITE_DOCS'] !== undefined) await writeFile(PAGE, made)
  expect(await readFile(PAGE, 'utf8')).toBe(made)
})
