import { describe, expect, it } from 'vitest'
import { demoFiles } from '../../src/cli/demo/spec-files.ts'
import { compile } from '../../src/spec/compile/compile.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { directorySource } from '../../src/spec/directory-source.ts'
import { loadSpec } from '../../src/spec/load.ts'
import { directoryWith } from './process.ts'

describe('the spec of the demo', () => {
  const members = [
    ...Array.from({ length: 25 }, (_, index) => ({ address: `user${index}@contoso.com`, type: 'User' as const })),
    { address: 'support@contoso.com', type: 'Queue' as const },
    { address: "o'hara@contoso.com", type: 'User' as const },
  ]
  const files = demoFiles({ members, url: 'http://127.0.0.1:8080/contoso-sales', newcomer: 'new@contoso.com' })

  it('is valid and wants every member once, and the newcomer', async () => {
    const root = directoryWith(files)

    const loaded = await loadSpec(directorySource(`${root}/spec`))

    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const { mailboxes } = compile(loaded.spec).organizations.get('contoso-sales') ?? { mailboxes: new Map() }
    expect([...mailboxes.keys()].sort()).toEqual([...members.map(({ address }) => address), 'new@contoso.com'].sort())
    expect(mailboxes.get('support@contoso.com')).toMatchObject({ type: 'Queue', appointmentsContactsTasks: 'None' })
  })

  it('has a configuration that is valid', async () => {
    const root = directoryWith(files)

    const loaded = await loadConfiguration(`${root}/mailkeel.yaml`)

    expect(loaded).toMatchObject({ ok: true })
  })
})
