import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/spec/compile/compile.ts'
import { loadConfiguration, organizationEndpoint, resolvePath } from '../../src/spec/configuration/load.ts'
import { directorySource } from '../../src/spec/directory-source.ts'
import { initTemplate } from '../../src/spec/init-template.ts'
import { loadSpec } from '../../src/spec/load.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

/** A folder holds a valid spec and a configuration that reaches every organization in it. */
async function expectValid(folder: string): Promise<void> {
  const configured = await loadConfiguration(join(folder, 'mailkeel.yaml'))
  expect(configured).toMatchObject({ ok: true })
  if (!configured.ok) return
  const source = resolvePath(configured.configuration, configured.configuration.spec.source.directory ?? '')
  const loaded = await loadSpec(directorySource(source))
  expect(loaded).toMatchObject({ ok: true })
  if (!loaded.ok) return
  for (const name of compile(loaded.spec).organizations.keys()) {
    expect(organizationEndpoint(configured.configuration, name), name).toBeDefined()
  }
}

async function yamlFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true })
  return entries.filter((entry) => entry.endsWith('.yaml')).map((entry) => join(folder, entry))
}

describe('every example', () => {
  it.each(readdirSync(EXAMPLES))('%s is valid, and its configuration reaches its organizations', async (name) => {
    await expectValid(join(EXAMPLES, name))
  })

  it('tells editors its schema in the first line', async () => {
    for (const file of await yamlFilesIn(EXAMPLES)) {
      const [first] = (await readFile(file, 'utf8')).split('\n')
      const [, schema] = /^# yaml-language-server: \$schema=(\S+)$/.exec(first ?? '') ?? []
      expect(schema && existsSync(join(dirname(file), schema)), file).toBe(true)
    }
  })

  it('quickstart has users and queues, and members that differ from their set', async () => {
    const loaded = await loadSpec(directorySource(join(EXAMPLES, 'quickstart')))

    const mailboxes = loaded.ok ? compile(loaded.spec).organizations.get('contoso-sales')?.mailboxes : undefined
    expect(mailboxes?.get('ann@contoso.com')).toMatchObject({
      type: 'User',
      profile: 'exchange-online',
      approval: 'Approved',
    })
    expect(mailboxes?.get('support@contoso.com')).toMatchObject({ type: 'Queue', appointmentsContactsTasks: 'None' })
    expect(mailboxes?.get('dora@contoso.com')).toMatchObject({ outgoing: 'None', onRelease: 'Stop' })
  })
})

describe('what init writes', () => {
  it('is a valid spec with its schemas beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mailkeel-init-'))
    const files = await initTemplate()
    for (const { path, content } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content)
    }

    await expectValid(folder)
    for (const { path, content } of files.filter((file) => file.path.endsWith('.yaml'))) {
      const [, schema] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(content) ?? []
      expect(schema && existsSync(join(folder, schema)), path).toBe(true)
    }
    await rm(folder, { recursive: true, force: true })
  })
})
