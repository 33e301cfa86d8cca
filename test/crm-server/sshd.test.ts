// The channel over a real OpenSSH server, with a program in the place of powershell.exe.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BOOTSTRAP } from '../../src/crm-server/bootstrap.ts'
import { scriptOf } from '../../src/crm-server/scripts.ts'
import { createSshChannel } from '../../src/crm-server/ssh-channel.ts'
import { fingerprintOf } from '../../src/crm-server/ssh-connection.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { sshKey } from './ssh-peer.ts'

const NEVER = new AbortController().signal
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

interface Sshd {
  readonly folder: string
  readonly port: number
  readonly process: ChildProcessWithoutNullStreams
  /** What it has logged so far. */
  readonly log: () => string
}

const userKey = sshKey()
const hostKey = sshKey()

/** An sshd of our own on loopback, whose users find the stub first on their path. */
async function startSshd(): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeel-sshd-'))
  // Where it runs as root it asks for this one.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
  const port = await freePort()
  const stub = join(folder, 'powershell.mjs')
  copyFileSync(fileURLToPath(new URL('./stub-powershell.mjs', import.meta.url)), stub)
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin', 'powershell.exe'), `#!/bin/sh\nexec ${process.execPath} ${stub} "$@"\n`)
  chmodSync(join(folder, 'bin', 'powershell.exe'), 0o755)
  writeFileSync(join(folder, 'host_key'), hostKey.private, { mode: 0o600 })
  writeFileSync(join(folder, 'authorized_keys'), `${userKey.public}\n`, { mode: 0o600 })
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `SetEnv PATH=${folder}/bin:/usr/bin:/bin`,
    ...['PidFile none', 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'PermitRootLogin yes'],
    'LogLevel DEBUG3',
  ]
  writeFileSync(join(folder, 'sshd_config'), `${settings.join('\n')}\n`)
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')])
  return { folder, port, process: sshd, log: await listening(sshd) }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

function listening(sshd: ChildProcessWithoutNullStreams): Promise<() => string> {
  let log = ''
  return new Promise((resolve, reject) => {
    sshd.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${log}`)))
    sshd.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString('latin1')
      if (log.includes('Server listening')) resolve(() => log)
    })
  })
}

needs('sshd')('over a real OpenSSH server', () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => {
    sshd.process.kill()
    rmSync(sshd.folder, { recursive: true, force: true })
  })

  const channel = (hostKeySha256: string, privateKey = userKey.private) =>
    createSshChannel({
      host: '127.0.0.1',
      port: sshd.port,
      name: `127.0.0.1:${sshd.port}`,
      hostKeySha256,
      userName: userInfo().username,
      signIn: { type: 'Key', privateKey: async () => privateKey },
      newToken: () => randomBytes(16).toString('hex'),
      now: () => new Date(0),
    })

  test('a script of half a megabyte of input is carried, and its secrets are seen by nobody', async () => {
    const secrets = [
      { path: 'pfx.data', prompt: 'p', kind: 'file', read: async () => CANARY_SECRET.repeat(20_000) },
      { path: 'pfx.password', prompt: 'p', kind: 'password', read: async () => CANARY_SECRET },
    ] as const
    const open = channel(fingerprintOf(publicBlobOf(hostKey.public)))

    const call = { script: scriptOf('ensure-certificate'), input: {}, secrets }
    const answers = await Promise.all([open.execute(call, NEVER), open.execute(call, NEVER)])
    await open.close()

    const result = {
      bootstrap: hash(BOOTSTRAP),
      isScriptWhole: true,
      id: 'ensure-certificate',
      password: hash(CANARY_SECRET),
      bytes: CANARY_SECRET.length * 20_000,
    }
    const answer = { ok: true, result, changed: false, warnings: [], at: '1970-01-01T00:00:00.000Z' }
    expect(answers).toEqual([answer, answer])
    const captured = readFileSync(join(sshd.folder, 'capture.txt'), 'utf8')
    expect(captured).toContain('-EncodedCommand')
    for (const text of [captured, sshd.log(), ...filesOf(sshd.folder)]) expect(text).not.toContain(CANARY_SECRET)
  })

  test('another host key ends the connection before the sign-in', async () => {
    const open = channel(`SHA256:${'A'.repeat(43)}`)

    const failed = await open
      .execute({ script: scriptOf('read-server'), input: {}, secrets: [] }, NEVER)
      .catch((error) => error)

    expect(failed).toMatchObject({ code: 'HostKeyChanged' })
  })

  test('a key that nobody allowed is refused', async () => {
    const open = channel(fingerprintOf(publicBlobOf(hostKey.public)), sshKey().private)

    const failed = await open
      .execute({ script: scriptOf('read-server'), input: {}, secrets: [] }, NEVER)
      .catch((error) => error)

    expect(failed).toMatchObject({ code: 'SignInRefused' })
  })
})

/** The blob of a public key in the one-line form. */
function publicBlobOf(line: string): Buffer {
  return Buffer.from(line.split(' ')[1] ?? '', 'base64')
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(folder, name), 'latin1'))
}
