import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { shellWord } from '../flags.ts'
import { UsageError, type Verb } from '../verb.ts'

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
    const written = files.filter(({ path }) => !path.startsWith('.'))
    const into = shellWord(relative(workingDirectory, folder) || '.')
    output.write(`${written.map(({ path }) => `  ${path}`).join('\n')}

Next: write your names into these files, then
  ${into === '.' ? '' : `cd ${into} && `}mailkeel validate && mailkeel plan
`)
    return EXIT.inSync
  },
}

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
  throw new UsageError(
    `${taken.join(', ')} is there already; nothing was written. Name an empty folder: mailkeel init crm-mail`,
  )
}
