// A repository followed over a real OpenSSH server.

import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { GitCredential } from '../../src/git/credential.ts'
import type { GitRepository } from '../../src/git/repository.ts'
import { sshKey } from '../crm-server/ssh-peer.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { needs } from '../setup/needs.ts'
import { contentsOf, NEVER, openOver, temporaryFolder } from './repository.ts'
import { type SshGitServer, startSshGitServer } from './sshd.ts'

type SshCredential = Extract<GitCredential, { type: 'Ssh' }>

needs('sshd')('a repository over ssh', () => {
  const encrypted = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: CANARY_SECRET },
  })
  let server: SshGitServer
  let state: ReturnType<typeof temporaryFolder>
  let secrets: ReturnType<typeof temporaryFolder>
  let repository: GitRepository | undefined
  beforeAll(async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder.path, 'key.pem'), encrypted.publicKey)
    const line = execFileSync('ssh-keygen', ['-i', '-m', 'PKCS8', '-f', join(folder.path, 'key.pem')], {
      encoding: 'utf8',
    })
    folder.remove()
    server = await startSshGitServer(line.trim())
    server.push({ 'a.yaml': 'a: 1\n' })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    state = temporaryFolder()
    secrets = temporaryFolder()
  })
  afterEach(async () => {
    await repository?.close()
    repository = undefined
    state.remove()
    secrets.remove()
  })
  const open = async (more: Partial<SshCredential> = {}, url = server.url) => {
    const { userName, privateKey, knownHosts } = server
    const credential = async () => ({ type: 'Ssh', userName, privateKey, knownHosts, ...more }) as const
    repository = await openOver({ url, caPem: '' }, state.path, { credential, temporaryFolder: secrets.path })
    return repository
  }

  test('a deploy key fetches, and nothing private stays', async () => {
    const from = await open()

    const commit = await from.fetch(NEVER)
    const contents = await contentsOf(from, commit)
    await from.close()

    expect(contents).toEqual({ 'a.yaml': 'a: 1\n' })
    expect(readdirSync(secrets.path)).toEqual([])
  })

  test('a key with a passphrase in the PEM form is decrypted', async () => {
    const from = await open({ privateKey: encrypted.privateKey, passphrase: CANARY_SECRET })

    expect(await contentsOf(from, await from.fetch(NEVER))).toEqual({ 'a.yaml': 'a: 1\n' })
  })

  test('a server with another key is not spoken to', async () => {
    const other = server.knownHosts.replace(/ (\S+) \S+$/m, ` ${sshKey().public}`)
    const from = await open({ knownHosts: other })

    await expect(from.fetch(NEVER)).rejects.toMatchObject({ code: 'HostUnknown' })
  })

  test('a server that nobody knows is not spoken to', async () => {
    const from = await open({ knownHosts: '' })

    await expect(from.fetch(NEVER)).rejects.toMatchObject({ code: 'HostUnknown' })
  })

  test('a key that may not read is told as such', async () => {
    const from = await open({ privateKey: sshKey().private })

    await expect(from.fetch(NEVER)).rejects.toMatchObject({ code: 'Unauthorized' })
  })

  test('a server that is away is told as such', async () => {
    const from = await open({}, 'ssh://127.0.0.1:1/mail.git')

    await expect(from.fetch(NEVER)).rejects.toMatchObject({ code: 'Unreachable' })
  })

  test.each([
    {
      reason: 'a wrong passphrase',
      more: () => ({ privateKey: encrypted.privateKey, passphrase: 'other' }),
      says: /passphrase/,
    },
    { reason: 'no passphrase', more: () => ({ privateKey: encrypted.privateKey }), says: /passphrase/ },
    { reason: 'no key at all', more: () => ({ privateKey: CANARY_SECRET }), says: /no key/ },
    { reason: 'an option in the user name', more: () => ({ userName: '-oProxyCommand=x' }), says: /user name/ },
  ])('$reason is refused before anything runs', async ({ more, says }) => {
    const from = await open(more())

    const failed = await from.fetch(NEVER).catch((error: unknown) => error)

    expect(failed).toMatchObject({ code: 'Unauthorized', message: expect.stringMatching(says) })
    expect(String(failed)).not.toContain(CANARY_SECRET)
  })

  test('a key that OpenSSH encrypted is refused with what to do', async () => {
    const file = join(state.path, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'a passphrase', '-f', file])
    const from = await open({ privateKey: readFileSync(file, 'utf8'), passphrase: 'a passphrase' })

    await expect(from.fetch(NEVER)).rejects.toMatchObject({
      code: 'Unauthorized',
      message: expect.stringContaining('ssh-keygen -p'),
    })
  })
})
