// A real OpenSSH server that serves one repository with git-upload-pack and nothing else.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { sshKey } from '../crm-server/ssh-peer.ts'
import { createRepositories, push } from '../stack/git-server.ts'

/** A git server over ssh. */
export interface SshGitServer {
  readonly url: string
  readonly userName: string
  /** The key that may read, in the OpenSSH form. */
  readonly privateKey: string
  /** The keys of the server, in the form of known_hosts. */
  readonly knownHosts: string
  push(files: Readonly<Record<string, string>>, message?: string): string
  close(): void
}

/** Starts it; `publicKey` may read beside the own key. Needs sshd and git. */
export async function startSshGitServer(publicKey?: string): Promise<SshGitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeel-sshd-'))
  // Where it runs as root it asks for this one.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
  const [userKey, hostKey] = [sshKey(), sshKey()]
  const bare = join(folder, 'mail.git')
  const work = createRepositories(folder, bare)
  const port = await freePort()
  const command = join(folder, 'serve')
  writeFileSync(command, `#!/bin/sh\nexec git-upload-pack '${bare}'\n`)
  chmodSync(command, 0o755)
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  write('host_key', hostKey.private)
  const keys = [userKey.public, ...(publicKey === undefined ? [] : [publicKey])]
  write('authorized_keys', keys.map((key) => `command="${command}",restrict ${key}\n`).join(''))
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'AcceptEnv GIT_PROTOCOL',
    ...['PidFile none', 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'PermitRootLogin yes'],
  ]
  write('sshd_config', `${settings.join('\n')}\n`)
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')])
  await listening(sshd)
  return {
    url: `ssh://127.0.0.1:${port}/mail.git`,
    userName: userInfo().username,
    privateKey: userKey.private,
    knownHosts: `[127.0.0.1]:${port} ${hostKey.public}\n`,
    push: (files, message = 'a change') => push(work, files, message),
    close() {
      sshd.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

function listening(sshd: ChildProcessWithoutNullStreams): Promise<void> {
  let log = ''
  return new Promise((resolve, reject) => {
    sshd.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${log}`)))
    sshd.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString('latin1')
      if (log.includes('Server listening')) resolve()
    })
  })
}
