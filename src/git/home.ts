// Every git process has a home of its own: a private folder whose .gitconfig is all the configuration there is. Credentials stand in it too,
// so they are neither arguments nor environment, and they are gone as soon as the process is. Because the settings come by this file,
// nothing that simple-git blocks as unsafe ever has to be allowed.
import { mkdirSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configText, type Setting } from './config-text.ts'
import { ALWAYS } from './settings.ts'

/** What homes are made with. */
export interface HomeMaker {
  /** Where the program is looked for; nothing else of it is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The repository that git works in. */
  readonly repository: string
  /** Where homes are made; the system's place for such things where absent. */
  readonly temporaryFolder?: string
  /** Calls back when the process ends, so that nothing private stays. */
  readonly onExit?: (handler: () => void) => () => void
}

/** A private folder, and the environment of processes that live in it. */
export interface Home {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Writes a file that only we may read, and tells its path. */
  write(name: string, content: string): Promise<string>
  dispose(): Promise<void>
}

/** Makes a home. `settings` is asked once the folder is known, because they may name files in it. Whoever made it disposes of it. */
export async function createHome(
  { environment, repository, temporaryFolder = tmpdir(), onExit }: HomeMaker,
  protocol: 'https' | 'ssh' | 'none',
  settings: (home: Home) => readonly Setting[] | Promise<readonly Setting[]>,
): Promise<Home> {
  const folder = await mkdtemp(join(temporaryFolder, 'mailkeel-git-'))
  const forget = onExit?.(() => rmSync(folder, { recursive: true, force: true }))
  const home: Home = {
    folder,
    environment: bareEnvironment(environment, folder, repository, protocol),
    async write(name, content) {
      const path = join(folder, name)
      await writeFile(path, content, { mode: 0o600, flag: 'wx' })
      return path
    },
    async dispose() {
      forget?.()
      await rm(folder, { recursive: true, force: true })
    },
  }
  try {
    mkdirSync(join(folder, 'gnupg'), { mode: 0o700 })
    await home.write('.gitconfig', configText([...ALWAYS, ...(await settings(home))]))
    return home
  } catch (error) {
    await home.dispose()
    throw error
  }
}

/** The names in our environment that begin with GIT_; simple-git passes on none that it was not told. */
export const GIT_NAMES = [
  'GIT_ALLOW_PROTOCOL',
  'GIT_ATTR_NOSYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_DIR',
  'GIT_NO_LAZY_FETCH',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OPTIONAL_LOCKS',
  'GIT_TERMINAL_PROMPT',
] as const

function bareEnvironment(
  { PATH, SystemRoot }: HomeMaker['environment'],
  folder: string,
  repository: string,
  protocol: string,
): Readonly<Record<string, string>> {
  const ofGit: Readonly<Record<(typeof GIT_NAMES)[number], string>> = {
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_DIR: repository,
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  }
  return {
    ...ofGit,
    ...(PATH === undefined ? {} : { PATH }),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    GNUPGHOME: join(folder, 'gnupg'),
    HOME: folder,
    LC_ALL: 'C',
    TMPDIR: folder,
    XDG_CONFIG_HOME: folder,
  }
}
