// The bare repository on the disk. What is in it can be fetched again, so one that is damaged is thrown away; its configuration is written
// anew each time, and what a killed process left behind is swept up.
import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ask } from './ask.ts'
import { failureOf } from './failure.ts'
import type { Home } from './home.ts'
import { GitError } from './repository.ts'

/** Where the repository of an address is kept. */
export function storeFolder(stateDirectory: string, url: string): string {
  return join(stateDirectory, 'git', createHash('sha256').update(url).digest('hex').slice(0, 16))
}

const CONFIGURATION = '[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = true\n'

/** Makes sure that there is a usable repository, and that nobody's leftovers are in its way. Throws GitError. */
export async function prepareStore(folder: string, home: Home, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new GitError('Broken', `the folder ${folder} cannot be made; look at \`stateDirectory\``, { cause })
  })
  await sweep(folder)
  if ((await readdir(folder)).length > 0) {
    await writeFile(join(folder, 'config'), CONFIGURATION)
    const { code, output } = await ask(home, ['rev-parse', '--is-bare-repository'], signal)
    if (code === 0 && output.trim() === 'true') return
    await empty(folder)
  }
  await create(folder, home, signal)
}

/** Throws the repository away where objects of it are missing or broken; tells whether it did. */
export async function renewIfDamaged(folder: string, home: Home, signal: AbortSignal): Promise<boolean> {
  const { code } = await ask(home, ['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], signal)
  if (code === 0) return false
  await empty(folder)
  await create(folder, home, signal)
  return true
}

async function create(folder: string, home: Home, signal: AbortSignal): Promise<void> {
  const { code, complaint } = await ask(home, ['init', '--bare', '--quiet'], signal)
  if (code !== 0) throw failureOf(complaint, 'making the local repository', [])
  await writeFile(join(folder, 'config'), CONFIGURATION)
}

async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
}

/** Locks and half-received packs of processes that were killed. Nobody else works here: the state directory is held by one process. */
export async function sweep(folder: string): Promise<void> {
  for (const [place, pattern] of LEFTOVERS) {
    const names = await readdir(join(folder, place)).catch(() => [])
    for (const name of names) if (pattern.test(name)) await rm(join(folder, place, name), { force: true })
  }
}

const LEFTOVERS: readonly (readonly [string, RegExp])[] = [
  ['.', /\.lock$/],
  ['refs/mailkeel', /\.lock$/],
  ['objects/pack', /^tmp_|^\.tmp-/],
]
