import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { UsageError } from '../../compose/usage-error.ts'
import { EXIT } from '../exit-codes.ts'
import { shellWord } from '../flags.ts'
import type { Verb } from '../verb.ts'

/** `mailkeel init` */
export const init: Verb = {
  name: 'init',
  summary: 'write a first spec and configuration',
  argument: { syntax: '[folder]', describe: 'where to write; this folder where nothing is said' },
  flags: [],
  examples: [
    { command: 'mailkeel init', does: 'write into this folder' },
    { command: 'mailkeel init crm-mail', does: 'write into a new folder' },
  ],
  async run({ argument }, { workingDirectory, output }) {
    const { initTemplate } = await import('../../spec/init-template.ts')
    const folder = resolve(workingDirectory, argument ?? '.')
    const files = await initTemplate()
    await refuseToReplace(
      folder,
      files.map(({ path }) => path),
    )
    for (const { path, content } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content, { flag: 'wx' })
    }
    const written = files.filter(({ path }) => !path.startsWith('.')).map(({ path }) => path)
    const ignores = await writeIgnore(folder)
    const into = shellWord(relative(workingDirectory, folder) || '.')
    output.write(`${written.map((path) => `  ${path}`).join('\n')}
  .schema/     by which editors complete and check these files
  .gitignore   ${ignores}

Next: write your names into these files, then
  ${into === '.' ? '' : `cd ${into} && `}mailkeel validate && mailkeel plan
`)
    return EXIT.inSync
  },
}

/** Keeps the state out of git; an ignore file that is there belongs to somebody and stays as it is. */
async function writeIgnore(folder: string): Promise<string> {
  try {
    await writeFile(join(folder, '.gitignore'), `${STATE}\n`, { flag: 'wx' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return `was there already and was left alone; it should name ${STATE}`
    }
    throw error
  }
  return `keeps the state of mailkeel (${STATE}) out of git`
}

const STATE = '.mailkeel/'

async function refuseToReplace(folder: string, paths: readonly string[]): Promise<void> {
  const there = await Promise.all(
    paths.map((path) =>
      stat(join(folder, path)).then(
        () => path,
        () => undefined,
      ),
    ),
  )
  const taken = there.filter((path) => path !== undefined)
  if (taken.length === 0) return
  const shown = taken.filter((path) => !path.startsWith('.'))
  const visible = shown.length > 0 ? shown : ['.schema/']
  throw new UsageError(
    `there is a spec here already (${visible.slice(0, 3).join(', ')}${visible.length > 3 ? ', …' : ''}); nothing was written. Go on with \`mailkeel validate\`, or name a folder that is not there yet`,
  )
}
