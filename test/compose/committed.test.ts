import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { uncommittedFiles } from '../../src/compose/committed.ts'
import { directoryWith } from '../cli/process.ts'
import { commitAll, git } from '../setup/git.ts'

const FILE = 'overrides.yaml'
const { PATH } = process.env

function hashOf(folder: string) {
  return (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex')
}

async function faultOf(
  folder: string,
  file = FILE,
  more: Partial<Parameters<typeof uncommittedFiles>[0]> = {},
): Promise<string | undefined> {
  const { signal } = new AbortController()
  const input = { folder, files: [file], hashOf: hashOf(folder), environment: { PATH }, signal, ...more }
  return (await uncommittedFiles(input)).get(file)
}

function repository(files: Readonly<Record<string, string>> = { [FILE]: 'kind: Override\n' }): string {
  const folder = directoryWith(files)
  commitAll(folder)
  return folder
}

describe('a file that is committed as it is', () => {
  it.each<{ reason: string; files: Readonly<Record<string, string>>; file: string; below?: string }>([
    { reason: 'in the folder of the repository', files: { [FILE]: 'a\n' }, file: FILE },
    { reason: 'in a folder below it', files: { 'crm/mail/o.yaml': 'a\n' }, file: 'mail/o.yaml', below: 'crm' },
    { reason: 'with a name that looks like a pattern', files: { ':(top)[*].yaml': 'a\n' }, file: ':(top)[*].yaml' },
    { reason: 'with a name that looks like a flag', files: { '--help.yaml': 'a\n' }, file: '--help.yaml' },
    { reason: 'with a name that git would quote', files: { 'ö "x"\ty.yaml': 'a\n' }, file: 'ö "x"\ty.yaml' },
    { reason: 'without anything in it', files: { [FILE]: '' }, file: FILE },
  ])('$reason', async ({ files, file, below = '.' }) => {
    expect(await faultOf(join(repository(files), below), file)).toBeUndefined()
  })

  it('with the line ends of Windows in the work tree', async () => {
    const folder = repository({ [FILE]: 'a\nb\n' })
    writeFileSync(join(folder, FILE), 'a\r\nb\r\n')

    expect(await faultOf(folder)).toBeUndefined()
  })

  it('in a repository of the newer object format', async () => {
    const folder = directoryWith({ [FILE]: 'a\n' })
    git(folder, 'init', '--quiet', '--object-format=sha256')
    commitAll(folder)

    expect(await faultOf(folder)).toBeUndefined()
  })
})

describe('a file that is not', () => {
  it.each<{ reason: string; make: () => string; fault: RegExp }>([
    {
      reason: 'was changed',
      make() {
        const folder = repository()
        writeFileSync(join(folder, FILE), 'limit: 99999\n')
        return folder
      },
      fault: /was changed since it was committed; commit it/,
    },
    {
      reason: 'was changed and staged',
      make() {
        const folder = repository()
        writeFileSync(join(folder, FILE), 'limit: 99999\n')
        git(folder, 'add', FILE)
        return folder
      },
      fault: /was changed since it was committed/,
    },
    {
      reason: 'was changed where git is told to look away',
      make() {
        const folder = repository()
        git(folder, 'update-index', '--assume-unchanged', FILE)
        writeFileSync(join(folder, FILE), 'limit: 99999\n')
        return folder
      },
      fault: /was changed since it was committed/,
    },
    {
      reason: 'is only staged',
      make() {
        const folder = repository({ 'other.yaml': 'a\n' })
        writeFileSync(join(folder, FILE), 'a\n')
        git(folder, 'add', FILE)
        return folder
      },
      fault: /is not committed; commit it/,
    },
    {
      reason: 'is ignored',
      make() {
        const folder = repository({ '.gitignore': 'overrides.yaml\n' })
        writeFileSync(join(folder, FILE), 'a\n')
        return folder
      },
      fault: /is not committed/,
    },
    {
      reason: 'was committed as a link',
      make() {
        const folder = directoryWith({ 'a.yaml': 'a\n' })
        symlinkSync('a.yaml', join(folder, FILE))
        commitAll(folder)
        return folder
      },
      fault: /is not committed/,
    },
    {
      reason: 'lies in no repository',
      make: () => directoryWith({ [FILE]: 'a\n' }),
      fault: /no git work tree; put the spec under git/,
    },
    {
      reason: 'lies where nothing was committed yet',
      make() {
        const folder = directoryWith({ [FILE]: 'a\n' })
        git(folder, 'init', '--quiet')
        return folder
      },
      fault: /nothing is committed in its repository yet/,
    },
    {
      reason: 'lies in a repository that is broken',
      make() {
        const folder = repository()
        rmSync(join(folder, '.git', 'objects'), { recursive: true })
        return folder
      },
      fault: /git/,
    },
  ])('$reason', async ({ make, fault }) => {
    expect(await faultOf(make())).toMatch(fault)
  })

  it('was changed after the spec was read', async () => {
    const folder = repository()

    expect(await faultOf(folder, FILE, { hashOf: () => 'another' })).toMatch(/was changed/)
  })

  it('is told for each file by itself', async () => {
    const folder = repository({ 'a.yaml': 'a\n', 'b.yaml': 'b\n' })
    writeFileSync(join(folder, 'b.yaml'), 'c\n')
    const { signal } = new AbortController()

    const faults = await uncommittedFiles({
      folder,
      files: ['a.yaml', 'b.yaml'],
      hashOf: hashOf(folder),
      environment: { PATH },
      signal,
    })

    expect([...faults.keys()]).toEqual(['b.yaml'])
  })
})

describe('asking git', () => {
  it('says so where git is not installed', async () => {
    expect(await faultOf(repository(), FILE, { environment: { PATH: directoryWith({}) } })).toMatch(/not installed/)
  })

  it('ends where git does not answer, and says so', async () => {
    const programs = directoryWith({ git: '#!/bin/sh\nexec sleep 60\n' })
    chmodSync(join(programs, 'git'), 0o755)
    const environment = { PATH: `${programs}:${PATH}` }

    expect(await faultOf(repository(), FILE, { environment, deadlineMs: 50 })).toMatch(/did not answer in time/)
  })

  it('ends with the pass', async () => {
    const programs = directoryWith({ git: '#!/bin/sh\nexec sleep 60\n' })
    chmodSync(join(programs, 'git'), 0o755)
    const environment = { PATH: `${programs}:${PATH}` }
    const cancelled = AbortSignal.abort()

    await expect(faultOf(repository(), FILE, { environment, signal: cancelled })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })

  it('runs nothing that the repository names, and no repository named from outside', async () => {
    const folder = repository({ [FILE]: 'a\n', '.gitattributes': '* filter=evil diff=evil\n' })
    const marker = join(directoryWith({}), 'ran')
    const program = join(directoryWith({ evil: `#!/bin/sh\ntouch ${marker}\ncat\n` }), 'evil')
    chmodSync(program, 0o755)
    for (const name of ['core.fsmonitor', 'filter.evil.clean', 'filter.evil.smudge', 'diff.external', 'core.pager'])
      git(folder, 'config', name, program)
    git(folder, 'config', 'alias.ls-tree', `!${program}`)
    const elsewhere = repository({ [FILE]: 'limit: 99999\n' })
    writeFileSync(join(folder, FILE), 'limit: 99999\n')
    const environment = { PATH, GIT_DIR: join(elsewhere, '.git'), GIT_CONFIG_COUNT: '0', GIT_EXTERNAL_DIFF: program }

    const fault = await faultOf(folder, FILE, { environment })

    expect(fault).toMatch(/was changed since it was committed/)
    expect(existsSync(marker)).toBe(false)
  })

  it('is not led astray by an object that replaces another', async () => {
    const folder = repository()
    const [before] = git(folder, 'rev-parse', `HEAD:${FILE}`).trim().split('\n')
    const head = git(folder, 'rev-parse', 'HEAD').trim()
    writeFileSync(join(folder, FILE), 'limit: 99999\n')
    git(folder, 'commit', '--quiet', '--all', '--message', 'unseen')
    const unseen = git(folder, 'rev-parse', 'HEAD').trim()
    git(folder, 'reset', '--quiet', '--soft', head)
    git(folder, 'replace', head, unseen)

    expect(before).toMatch(/^[0-9a-f]{40}$/)
    expect(await faultOf(folder)).toMatch(/was changed since it was committed/)
  })
})
