// Documents as a reader follows them: every block that is marked is typed into one shell, one after the other.
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { directoryWith } from '../cli/process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block that is run: `sh test`, `sh test exit=2`, `sh test until=0` where a reader repeats it, or `sh server` for what goes on beside. */
export interface Block {
  readonly kind: 'test' | 'server'
  /** It is run again until it ends as told. */
  readonly isRepeated: boolean
  readonly exit: number
  readonly script: string
}

/** Runs the blocks of a document; each must end with the code it tells. */
export async function walkDocument(document: string): Promise<void> {
  const port = await freePort()
  const folder = folderFor(port)
  const shell = openShell(folder)
  for (const { kind, exit, isRepeated, script } of blocksIn(readFileSync(join(ROOT, document), 'utf8'))) {
    const text = script.replaceAll('8080', String(port)).replaceAll('/tmp/', `${folder}/`)
    if (kind === 'server') await shell.serve(text)
    else expect(await shell.run(isRepeated ? repeated(text, exit) : text), `${script}${shell.output()}`).toBe(exit)
  }
}

/** A reader's patience. */
function repeated(script: string, exit: number): string {
  return `for try in $(seq 40); do\n( set -o pipefail\n${script})\ncode=$?\nif [ $code = ${exit} ]; then break; fi\nsleep 1\ndone\n( exit $code )`
}

/** The blocks of a document that are run, in their order. */
export function blocksIn(text: string): readonly Block[] {
  const fences = /^( *)```sh (test|server)(?: (exit|until)=(\d+))?\n([\s\S]*?)^ *```$/gm
  return [...text.matchAll(fences)].map(([, indent = '', kind, how, exit, script = '']) => ({
    kind: kind === 'server' ? 'server' : 'test',
    isRepeated: how === 'until',
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
  const env = { PATH: path, HOME: folder, TMPDIR: folder, ...person, ...committer }
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
      await until(/(Ctrl-C (?:stops|ends) it)/)
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
