import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { needs } from '../setup/needs.ts'
import { isInContext, parseDockerfile } from './dockerfile.ts'
import { contextFiles, copiesOf, copyFromContext, DOCKERFILE, DOCKERIGNORE, ROOT } from './image.ts'

const { instructions, stages } = DOCKERFILE
const runtime = stages.at(-1)
const scratch = mkdtempSync(join(tmpdir(), 'mailkeel-image-'))

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Programs that run beside Node, and the package of Debian that has them. */
const PROGRAMS = {
  git: { package: 'git' },
  gpg: { package: 'gpg' },
  ssh: { package: 'openssh-client' },
  'ssh-keygen': { package: 'openssh-client' },
  tini: { package: 'tini' },
}

/** The words of an instruction of the runtime that is written as a list. */
function wordsOf(keyword: string): readonly string[] {
  const text = runtime?.instructions.findLast((instruction) => instruction.keyword === keyword)?.text ?? ''
  return JSON.parse(text.slice(text.indexOf('[')))
}

describe('the image', () => {
  test('starts from a slim image of one line of Node, in every stage', () => {
    expect(stages.map(({ image }) => image)).toEqual(stages.map(() => expect.stringMatching(/^node:\d+-[a-z]+-slim$/)))
    expect(new Set(stages.map(({ image }) => image)).size).toBe(1)
  })

  test('does not run as root', () => {
    const users = runtime?.instructions.filter(({ keyword }) => keyword === 'USER').map(({ text }) => text)

    expect(users).toEqual(['1000:1000'])
  })

  test('runs the program that the package names', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

    expect(wordsOf('ENTRYPOINT')).toEqual(['tini', '--', 'node', `/app/${manifest.bin.mailkeel}`])
  })

  test('keeps running by default, with the configuration that is mounted', () => {
    expect(wordsOf('CMD')).toEqual(['run', '--config', '/etc/mailkeel/mailkeel.yaml'])
  })

  // The listener comes with the check that asks it.
  test.skipIf(!existsSync(join(ROOT, 'src/daemon/http/listener.ts')))('has a health check that exists', () => {
    const [, program = '', ...rest] = wordsOf('HEALTHCHECK')

    expect(existsSync(join(ROOT, program.replace('/app/dist/', 'src/').replace(/\.js$/, '.ts')))).toBe(true)
    expect(rest).toEqual(['/etc/mailkeel/mailkeel.yaml'])
  })

  test('names the ports that the schema has as defaults', () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'schema/v1/configuration.schema.json'), 'utf8'))
    const listener = schema.properties.spec.properties.listener.properties
    const ports = [listener.port.default, listener.metrics.properties.port.default]

    expect(runtime?.instructions.find(({ keyword }) => keyword === 'EXPOSE')?.text).toBe(ports.join(' '))
  })

  test('says what it is', () => {
    const labels = runtime?.instructions.find(({ keyword }) => keyword === 'LABEL')?.text

    for (const label of ['title', 'description', 'licenses', 'version', 'revision']) {
      expect(labels).toContain(`org.opencontainers.image.${label}=`)
    }
  })

  test('fetches nothing but packages by the lock file, and from Debian what reads a repository', () => {
    const runs = instructions.filter(({ keyword }) => keyword === 'RUN').map(({ text }) => text)
    const steps = runs.flatMap((text) => text.split(/\s*&&\s*/))
    const removed = (step: string) => /^rm -rf (\/[\w./*-]+ ?)+$/.test(step)

    expect(instructions.filter(({ keyword }) => keyword === 'ADD')).toEqual([])
    expect(steps.filter((step) => /https?:|curl|wget|apt|npm|npx/.test(step) && !removed(step))).toEqual([
      'npm ci',
      'npm run build',
      'npm ci --omit=dev',
      'apt-get update',
      'apt-get install -y --no-install-recommends ca-certificates git gpg openssh-client tini',
    ])
  })

  test('has every program that the source of the spec starts', () => {
    const installed = runtime?.instructions.find(({ text }) => text.includes('apt-get install'))?.text.split(' ') ?? []

    for (const [program, { package: debian }] of Object.entries(PROGRAMS)) expect(installed, program).toContain(debian)
  })

  test('compiles nothing and keeps no lists of packages', () => {
    const ran = runtime?.instructions.filter(({ keyword }) => keyword === 'RUN').map(({ text }) => text) ?? []

    expect(ran.join(' ')).not.toMatch(/\b(gcc|g\+\+|make|build-essential|python3?|node-gyp)\b/)
    expect(ran.join(' ')).toContain('rm -rf /var/lib/apt/lists/*')
  })

  test('holds no secret and asks for none', () => {
    const named = instructions.filter(({ keyword }) => keyword === 'ENV' || keyword === 'ARG').map(({ text }) => text)

    expect(named.filter((text) => /pass|secret|token|key|credential/i.test(text))).toEqual([])
  })

  test('leaves the build tools behind', () => {
    const fromBuild = runtime && copiesOf(runtime).filter(({ from }) => from !== undefined)

    expect(fromBuild).toEqual([
      { from: 'dependencies', sources: ['/dependencies/node_modules/'], destination: '/app/node_modules/' },
      { from: 'build', sources: ['/build/dist/'], destination: '/app/dist/' },
    ])
  })

  test('takes every file from a place that exists', () => {
    const files = contextFiles()
    for (const [index, stage] of stages.entries()) {
      for (const { from, sources } of copiesOf(stage)) {
        if (from === undefined) {
          for (const source of sources.map((path) => path.replace(/\/$/, ''))) {
            expect(
              files.some((file) => file === source || file.startsWith(`${source}/`)),
              source,
            ).toBe(true)
          }
        } else {
          expect(stages.slice(0, index).map(({ name }) => name)).toContain(from)
        }
      }
    }
  })
})

describe('the build', () => {
  test.each([
    '.git/config',
    'node_modules/x',
    'dist/main.js',
    'mailkeel.yaml',
    '.env',
    'secrets/x.pfx',
    'test/x.ts',
    '.npmrc.local',
  ])('never sees %s', (path) => {
    expect(isInContext(path, DOCKERIGNORE)).toBe(false)
  })

  test.each(['src/main.ts', 'package-lock.json', 'schema/v1/defs.schema.json'])('sees %s', (path) => {
    expect(isInContext(path, DOCKERIGNORE)).toBe(true)
  })

  test('has in its first stage all that compiling needs', () => {
    const root = join(scratch, 'build')
    const [build] = stages
    for (const copy of build ? copiesOf(build) : []) copyFromContext(copy, root, '/')
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))

    const built = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, encoding: 'utf8' })

    expect(`${built.stdout}${built.stderr}`).toBe('')
    expect(existsSync(join(root, 'dist', 'main.js'))).toBe(true)
  })
})

needs('npm')('the runtime', () => {
  test('has in it all that the program needs to start', () => {
    const app = join(scratch, 'app')
    for (const copy of runtime ? copiesOf(runtime) : [])
      if (copy.from === undefined) copyFromContext(copy, scratch, '/')
    cpSync(join(ROOT, 'dist'), join(app, 'dist'), { recursive: true })
    for (const folder of productionPackages()) cpSync(join(ROOT, folder), join(app, folder), { recursive: true })
    // Every module is loaded, not just those of one verb; what is for browsers only has to be there.
    const program = join(app, 'load-all.mjs')
    writeFileSync(program, LOAD_ALL)

    const loaded = spawnSync(process.execPath, [program], { cwd: scratch, encoding: 'utf8' })

    expect(loaded.stderr).toBe('')
    expect(Number(loaded.stdout)).toBeGreaterThan(50)
    expect(existsSync(join(app, 'dist', 'web', 'index.html'))).toBe(true)
  })
})

const LOAD_ALL = `
  import { readdirSync } from 'node:fs'
  const files = readdirSync(new URL('./dist/', import.meta.url), { recursive: true })
    .filter((path) => path.endsWith('.js') && path !== 'main.js' && !path.startsWith('web/'))
  for (const file of files) await import(new URL('./dist/' + file, import.meta.url))
  console.log(files.length)
`

function productionPackages(): readonly string[] {
  const listed = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: ROOT, encoding: 'utf8' })
  if (listed.status !== 0) throw new Error(listed.stderr)
  return listed.stdout
    .split('\n')
    .filter((path) => path.includes('node_modules'))
    .map((path) => relative(ROOT, path))
}

describe('parseDockerfile', () => {
  test('puts continued lines together, leaves comments out and fills defaults in', () => {
    const text = `ARG BASE=node:1\n# comment\nFROM \${BASE} AS one\nRUN a \\\n# within\n && b\nCOPY --from=x a b /c/\n`

    expect(parseDockerfile(text).stages).toEqual([
      {
        name: 'one',
        image: 'node:1',
        instructions: [
          { keyword: 'RUN', text: 'a && b', line: 4 },
          { keyword: 'COPY', text: '--from=x a b /c/', line: 7 },
        ],
      },
    ])
  })
})
