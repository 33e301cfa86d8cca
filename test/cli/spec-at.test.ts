import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadSpecAt } from '../../src/cli/spec-at.ts'
import { thisMachine } from '../../src/machine.ts'
import { directoryWith } from './process.ts'

const ORGANIZATION =
  'apiVersion: mailkeel/v1\nkind: Organization\nmetadata: { name: one }\nspec: { uniqueName: one, environment: Production }\n'
const configuration = (policy: string) =>
  `apiVersion: mailkeel/v1\nkind: Configuration\nspec: { source: { directory: . }, policy: ${policy}, identities: {}, organizations: {} }\n`

const read = (folder: string) =>
  loadSpecAt({ folder }, { ...thisMachine(), workingDirectory: folder }, AbortSignal.timeout(10_000))

it('the revision is that of the spec: a configuration beside it does not count, a document of the spec does', async () => {
  const cwd = directoryWith({ 'one.yaml': ORGANIZATION, 'mailkeel.yaml': configuration('Observe') })
  const before = await read(cwd)

  writeFileSync(join(cwd, 'mailkeel.yaml'), configuration('Enforce'))
  const reconfigured = await read(cwd)
  writeFileSync(join(cwd, 'one.yaml'), `# said anew\n${ORGANIZATION}`)
  const respecified = await read(cwd)

  expect(before.loaded.ok).toBe(true)
  expect(reconfigured.revision).toBe(before.revision)
  expect(respecified.revision).not.toBe(before.revision)
})
