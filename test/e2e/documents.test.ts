import { spawn } from 'node:child_process'
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { directoryWith } from '../cli/process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DOCUMENTS = [
  'README.md',
  'docs/tutorial.md',
  ...readdirSync(join(ROOT, 'docs/how-to')).map((name) => `docs/how-to/${name}`),
]

/** A fenced block that is run: `sh test`, `sh test exit=2`, or `sh server` for what goes on in the background. */
interface Block {
  readonly kind: 'test' | 'server'
  readonly exit: number
  readonly script: string
}

describe('every command of the documents marked as tested', () => {
  it.each(DOCUMENTS)('%s', { timeout: 120_000 }, async (document) => {
    const blocks = blocksIn(readFileSync(join(ROOT, document), 'utf8'))
    const port = await freePort()
    const shell = openShell(folderFor(port))

    for (const { kind, exit, script } of blocks) {
      const text = script.replaceAll('8080', String(port))
      if (kind === 'server') await shell.serve(text)
      else expect(await shell.run(text), `${script}${shell.output()}`).toBe(exit)
    }
  })

  it('are there: the readme, the tutorial and every how-to have some', () => {
    const counts = DOCUMENTS.map((document) => blocksIn(readFileSync(join(ROOT, document), 'utf8')).length)
    const without = DOCUMENTS.filter((_, index) => counts[index] === 0)

    expect(counts[0]).toBeGreaterThan(0)
    expect(counts[1]).toBeGreaterThan(8)
    expect(without).toEqual([])
  })

  it('link only to files that exist', () => {
    for (const document of [
      ...DOCUMENTS,
      ...readdirSync(join(ROOT, 'docs/explanation')).map((name) => `docs/explanation/${name}`),
    ]) {
      const text = readFileSync(join(ROOT, document), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
        const file = join(ROOT, document, '..', target)
        expect(() => readFileSync(file), `${document} links to ${target}`).not.toThrow()
      }
    }
  })
})

function blocksIn(text: string): readonly Block[] {
  const fences = /^( *)```sh (test|server)(?: exit=(\d+))?\n([\s\S]*?)^ *```$/gm
  return [...text.matchAll(fences)].map(([, indent = '', kind, exit, script = '']) => ({
    kind: kind === 'server' ? 'server' : 'test',
    exit: Number(exit ?? 0),
    script: script.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

/** A folder as a reader has it: the examples, and `mailkeel` as a command. */
function folderFor(port: number): string {
  const folder = directoryWith({
    'bin/mailkeel': `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'dist/main.js')}' "$@"\n`,
  })
  chmodSync(join(folder, 'bin/mailkeel'), 0o755)
  for (const name of ['examples', 'deploy']) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  for (const example of ['quickstart', 'waves', 'overrides']) {
    const configuration = join(folder, `examples/${example}/mailkeel.yaml`)
    writeFileSync(configuration, readFileSync(configuration, 'utf8').replace('8080', String(port)))
  }
  return folder
}

/** A shell that stays open over all blocks of a document, as a reader's does. */
function openShell(folder: string) {
  const person = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@contoso.com' }
  const committer = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@contoso.com' }
  const path = `${join(folder, 'bin')}:${process.env['PATH']}`
  const env = { PATH: path, HOME: folder, ...person, ...committer }
  const shell = spawn('bash', ['--norc'], { cwd: folder, env, detached: true })
  onTestFinished(() => {
    if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL')
  })
  let said = ''
  let listener: () => void = () => undefined
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      listener()
    })
  }
  const until = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      listener = () => {
        const found = pattern.exec(said)
        if (found) resolve(found[1] ?? '')
      }
      listener()
    })
  let blocks = 0
  return {
    output: () => said,
    async run(script: string): Promise<number> {
      blocks += 1
      shell.stdin.write(`${script}\necho "block ${blocks} ended with $?"\n`)
      return Number(await until(new RegExp(`^block ${blocks} ended with (\\d+)$`, 'm')))
    },
    async serve(script: string): Promise<void> {
      shell.stdin.write(`${script.trimEnd()} &\n`)
      await until(/(Ctrl-C stops it)/)
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
