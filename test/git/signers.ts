// People who sign: keys of GPG and of SSH, made by the real programs.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Somebody with a key: the words that make git sign with it, and what others need to know it. */
export interface Signer {
  /** Settings for `git`, before the command. */
  readonly as: readonly string[]
  /** The public key: armored, or one line of ssh. */
  readonly publicKey: string
}

/** Makes an SSH key. Needs ssh-keygen. */
export function sshSigner(folder: string, name: string): Signer {
  const file = join(folder, `ssh-${name}`)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file])
  return {
    as: ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${file}`],
    publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
  }
}

/** Makes a GPG key in a keyring of its own, or one that lasted for a day of 2024, on which it signs forever. Needs gpg. */
export function gpgSigner(folder: string, name: string, { lastsADay = false } = {}): Signer {
  const home = join(folder, `gpg-${name}`)
  mkdirSync(home, { mode: 0o700 })
  const time = lastsADay ? ['--faked-system-time', '20240101T120000!'] : []
  const gpg = (...words: string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', ...time, ...words], { encoding: 'utf8', stdio: 'pipe' })
  gpg('--passphrase', '', '--quick-generate-key', `${name}@contoso.com`, 'ed25519', 'sign', lastsADay ? '1d' : '0')
  const program = join(home, 'program')
  writeFileSync(program, `#!/bin/sh\nexec gpg --homedir '${home}' ${time.join(' ')} "$@"\n`, { mode: 0o755 })
  return {
    as: ['-c', 'gpg.format=openpgp', '-c', `gpg.program=${program}`, '-c', `user.signingKey=${name}@contoso.com`],
    publicKey: gpg('--armor', '--export'),
  }
}

/** Ends the agent that gpg began for a key. */
export function endAgent(folder: string, name: string): void {
  execFileSync('gpgconf', ['--homedir', join(folder, `gpg-${name}`), '--kill', 'all'], { stdio: 'ignore' })
}
