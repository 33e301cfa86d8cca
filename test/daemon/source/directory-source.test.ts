import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { openDirectorySource } from '../../../src/daemon/source/directory-source.ts'
import type { Look, RevisionSource } from '../../../src/daemon/source/revision-source.ts'
import { thisMachine } from '../../../src/machine.ts'
import { loadSpec } from '../../../src/spec/load.ts'
import { directoryWith } from '../../cli/process.ts'
import { ORGANIZATION } from '../../stack/spec.ts'

const { signal } = new AbortController()

async function opened(
  folder: string,
): Promise<RevisionSource & { readonly hints: () => number; hinted(): Promise<void> }> {
  const source = await openDirectorySource({ folder, machine: thisMachine() })
  onTestFinished(() => source.close())
  let hints = 0
  let told = () => {}
  source.onHint(() => {
    hints += 1
    told()
  })
  // Until the folder is watched, nothing that happens in it is noticed.
  await setTimeout(300)
  return {
    ...source,
    hints: () => hints,
    hinted: () =>
      new Promise((resolve) => {
        if (hints > 0) resolve()
        told = resolve
      }),
  }
}

function idOf(look: Look): string {
  if (look.outcome !== 'Revision') throw new Error('refused')
  return look.revision.info.id
}

/** A folder as Kubernetes mounts a ConfigMap; the returned function brings other content as the kubelet does. */
function configMap(content: string): { readonly folder: string; readonly swap: (content: string) => void } {
  const folder = directoryWith({})
  let count = 0
  const write = (text: string) => {
    count += 1
    mkdirSync(join(folder, `..v${count}`))
    writeFileSync(join(folder, `..v${count}`, 'spec.yaml'), text)
    return `..v${count}`
  }
  symlinkSync(write(content), join(folder, '..data'))
  symlinkSync('..data/spec.yaml', join(folder, 'spec.yaml'))
  return {
    folder,
    swap(text) {
      symlinkSync(write(text), join(folder, '..data_tmp'))
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    },
  }
}

it('tells of a mounted ConfigMap when its link is pointed elsewhere, and reads what it leads to', async () => {
  const { folder, swap } = configMap(ORGANIZATION)
  const source = await opened(folder)
  const before = await source.look(undefined, signal)

  swap(`# said anew\n${ORGANIZATION}`)
  await source.hinted()
  const after = await source.look(undefined, signal)

  expect(idOf(after)).not.toBe(idOf(before))
  const loaded = after.outcome === 'Revision' ? await loadSpec(after.revision.files) : undefined
  expect(loaded).toMatchObject({ ok: true, fileCount: 1 })
})

it('gives the files of one state, however often they are swapped while they are read', async () => {
  const { folder, swap } = configMap(ORGANIZATION)
  const source = await opened(folder)

  const look = await source.look(undefined, signal)
  swap('this: is no spec')
  const loaded = look.outcome === 'Revision' ? await loadSpec(look.revision.files) : undefined

  expect(loaded?.ok).toBe(true)
})

it('follows no other link', async () => {
  const { folder } = configMap(ORGANIZATION)
  symlinkSync('/etc/hostname', join(folder, 'other.yaml'))
  symlinkSync('..data/../../outside.yaml', join(folder, 'outside.yaml'))
  const source = await opened(folder)

  const look = await source.look(undefined, signal)
  const loaded = look.outcome === 'Revision' ? await loadSpec(look.revision.files) : undefined

  expect(loaded?.ok === false && loaded.problems.map(({ file }) => file)).toEqual(['other.yaml', 'outside.yaml'])
})

it.each([
  {
    reason: 'an editor writes beside the file and moves it there',
    change: (folder: string) => {
      writeFileSync(join(folder, '.one.yaml.swp'), `# other\n${ORGANIZATION}`)
      renameSync(join(folder, '.one.yaml.swp'), join(folder, 'one.yaml'))
    },
  },
  {
    reason: 'a checkout writes many files',
    change: (folder: string) => {
      for (let count = 0; count < 50; count += 1) writeFileSync(join(folder, `more-${count}.yaml`), '# nothing\n')
    },
  },
])('tells once, when everything is there: $reason', async ({ change }) => {
  const folder = directoryWith({ 'one.yaml': ORGANIZATION })
  const source = await opened(folder)
  const before = await source.look(undefined, signal)

  change(folder)
  await source.hinted()
  await setTimeout(500)

  expect(source.hints()).toBe(1)
  expect(idOf(await source.look(undefined, signal))).not.toBe(idOf(before))
})

it('is the same revision while the content is the same', async () => {
  const source = await opened(directoryWith({ 'one.yaml': ORGANIZATION, 'mailkeel.yaml': 'kind: Configuration\n' }))
  const beside = await opened(directoryWith({ 'one.yaml': ORGANIZATION }))

  const [one, again, other] = [
    await source.look(undefined, signal),
    await source.look(undefined, signal),
    await beside.look(undefined, signal),
  ]

  expect(idOf(again)).toBe(idOf(one))
  expect(idOf(other)).toBe(idOf(one))
})

it('fails where the folder is gone, so that what is enforced stays enforced', async () => {
  const source = await opened(join(directoryWith({}), 'gone'))

  await expect(source.look(undefined, signal)).rejects.toThrow(/ENOENT/)
})
