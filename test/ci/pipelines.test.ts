// The pipelines run at the host of the repository only. What can be checked here is: that they parse, call what exists, take nothing that may
// change under them, and hand no text of others to a shell.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from '../docker/image.ts'

interface Step {
  readonly name?: string
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

interface Job {
  readonly needs?: string
  readonly container?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps: readonly Step[]
}

interface Pipeline {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const FOLDER = join(ROOT, '.github/workflows')
const FILES = readdirSync(FOLDER)
const TEXTS = new Map(FILES.map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]))
const PIPELINES = new Map([...TEXTS].map(([name, text]): [string, Pipeline] => [name, parse(text)]))

function jobsOf(name: string): readonly Job[] {
  return Object.values(PIPELINES.get(name)?.jobs ?? {})
}

function stepsOf(name: string): readonly Step[] {
  return jobsOf(name).flatMap(({ steps }) => steps)
}

describe.each(FILES)('%s', (name) => {
  it('may do nothing that it does not say', () => {
    expect([{}, { contents: 'read' }]).toContainEqual(PIPELINES.get(name)?.permissions)
  })

  it('ends by itself', () => {
    for (const job of jobsOf(name)) expect(job['timeout-minutes']).toBeGreaterThan(0)
  })

  it('pins actions of others to a commit, with its version beside it', () => {
    const uses = [...(TEXTS.get(name) ?? '').matchAll(/uses: (.*)$/gm)].map(([, text]) => text)

    expect(uses.length).toBeGreaterThan(0)
    for (const text of uses) expect(text).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('uses one commit per action, everywhere', () => {
    const uses = [...TEXTS.values()].flatMap((text) => [...text.matchAll(/uses: (\S+?)@(.*)$/gm)])
    const commits = new Map<string, Set<string>>()
    for (const [, action = '', commit = ''] of uses) commits.set(action, (commits.get(action) ?? new Set()).add(commit))

    for (const [action, found] of commits) expect([...found], action).toHaveLength(1)
  })

  it('puts no expression into a script, where a name of others could become a command', () => {
    for (const { run = '' } of stepsOf(name)) expect(run).not.toContain('$' + '{{')
  })

  it('leaves no token in the work tree', () => {
    for (const { with: given } of stepsOf(name).filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(given?.['persist-credentials']).toBe(false)
  })

  it('calls only files that are there and may run', () => {
    const called = stepsOf(name).flatMap(({ run = '' }) => run.match(/(?:\.ci|scripts)\/[\w.-]+/g) ?? [])

    expect(called.length).toBeGreaterThan(0)
    for (const path of called) {
      expect(existsSync(join(ROOT, path)), path).toBe(true)
      if (!path.endsWith('.mjs')) expect(statSync(join(ROOT, path)).mode & 0o111, path).not.toBe(0)
    }
  })
})

describe('the checks', () => {
  it('are those of .ci/run, on the oldest line of Node that is supported', () => {
    const oldest = /\d+/.exec(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node)?.[0]

    for (const name of ['ci.yml', 'release.yml']) {
      const checks = PIPELINES.get(name)?.jobs['checks']
      expect(checks?.steps.map(({ run }) => run)).toContain('.ci/run')
      expect(checks?.container).toBe(`node:${oldest}-bookworm`)
    }
  })
})

describe('a release', () => {
  const pipeline = PIPELINES.get('release.yml')
  const image = pipeline?.jobs['image']
  const steps = image?.steps ?? []
  const at = (name: string) => {
    const index = steps.findIndex((step) => step.name === name)
    if (index < 0) throw new Error(`there is no step ${name}`)
    return index
  }

  it('comes from a tag, after every check', () => {
    expect(pipeline?.on).toEqual({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } })
    expect(image?.needs).toBe('checks')
  })

  it('is tried and signed before anybody can find it by a name', () => {
    const order = [
      'Build, and push without a name',
      'Try it on both platforms',
      'List the packages of Node in it',
      'Sign the image, and say what is in it',
      'Give it its name',
      'Publish',
    ].map(at)

    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it('is built for both platforms, from an exact base image, with what is in it and how it was made', () => {
    const given = steps[at('Build, and push without a name')]?.with

    expect(given).toMatchObject({ platforms: 'linux/amd64,linux/arm64', provenance: 'mode=max', sbom: true })
    expect(String(given?.['outputs'])).toContain('push-by-digest=true')
    expect(String(given?.['build-args'])).toMatch(/^NODE_IMAGE=/)
  })

  it('hands over only arguments that the Dockerfile takes', () => {
    const given = String(steps[at('Build, and push without a name')]?.with?.['build-args'])
    const taken = [...readFileSync(join(ROOT, 'Dockerfile'), 'utf8').matchAll(/^ARG (\w+)/gm)].map(([, name]) => name)

    expect([...given.matchAll(/^(\w+)=/gm)].map(([, name]) => name)).toEqual(taken)
  })

  it('signs a digest, not a name that may move, and says who may ask for the signature', () => {
    const { run, env } = steps[at('Sign the image, and say what is in it')] ?? {}

    expect(run).toContain('cosign sign --yes --recursive "$IMAGE"')
    expect(env?.['IMAGE']).toMatch(/@\$\{\{ steps\.build\.outputs\.digest \}\}$/)
    expect(image?.permissions).toEqual({ contents: 'write', packages: 'write', 'id-token': 'write' })
  })

  it('names only outputs of steps that there are', () => {
    const named = [...(TEXTS.get('release.yml') ?? '').matchAll(/steps\.(\w+)\.outputs\.(\w+)/g)]
    const names = steps[at('Names, and the exact base image of today')]?.run ?? ''
    const outputs = new Map([
      ['names', [...names.matchAll(/echo "(\w+)=/g)].map(([, output]) => output)],
      ['build', ['digest']],
    ])

    for (const [text, step = '', output] of named) expect(outputs.get(step), text).toContain(output)
  })
})
