// Signatures of real programs, judged over a real server.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { RepositoryOptions } from '../../src/git/open.ts'
import type { GitRepository } from '../../src/git/repository.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'
import { NEVER, openOver, temporaryFolder } from './repository.ts'
import { endAgent, gpgSigner, type Signer, sshSigner } from './signers.ts'

needs('gpg')('signatures', () => {
  const folder = temporaryFolder()
  const state = temporaryFolder()
  const people: Record<'gpgAnn' | 'gpgEve' | 'gpgOld' | 'sshAnn' | 'sshEve' | 'sshOld', Signer> = Object.create(null)
  const files = { gpgKeysFile: join(folder.path, 'keys.asc'), allowedSignersFile: join(folder.path, 'signers') }
  let server: GitServer
  let repository: GitRepository | undefined

  beforeAll(async () => {
    server = await startGitServer()
    people.gpgAnn = gpgSigner(folder.path, 'ann')
    people.gpgEve = gpgSigner(folder.path, 'eve')
    people.gpgOld = gpgSigner(folder.path, 'old', { lastsADay: true })
    people.sshAnn = sshSigner(folder.path, 'ann')
    people.sshEve = sshSigner(folder.path, 'eve')
    people.sshOld = sshSigner(folder.path, 'old')
    writeFileSync(files.gpgKeysFile, people.gpgAnn.publicKey + people.gpgOld.publicKey)
    const lines = [
      `ann@contoso.com namespaces="git" ${people.sshAnn.publicKey}`,
      `old@contoso.com valid-before="20200101" ${people.sshOld.publicKey}`,
    ]
    writeFileSync(files.allowedSignersFile, `${lines.join('\n')}\n`)
    server.push({ 'a.yaml': 'a: 0\n' })
  })
  afterAll(async () => {
    for (const name of ['ann', 'eve', 'old']) endAgent(folder.path, name)
    await server.close()
    folder.remove()
    state.remove()
  })
  afterEach(async () => {
    await repository?.close()
    repository = undefined
  })

  const open = async (verify: RepositoryOptions['verify'], more: Partial<RepositoryOptions> = {}) => {
    repository = await openOver(server, state.path, { ...more, verify })
    return repository
  }
  const commit = (signer?: Signer) => {
    const words = signer ? [...signer.as, 'commit', '--gpg-sign'] : ['commit']
    server.git(...words, '--quiet', '--allow-empty', '--message', 'a change')
    server.git('push', '--quiet', '--force', 'origin', 'HEAD:main')
  }

  test.each<{ reason: string; by?: keyof typeof people; code: string | undefined }>([
    { reason: 'a known GPG key', by: 'gpgAnn', code: undefined },
    { reason: 'a known SSH key', by: 'sshAnn', code: undefined },
    { reason: 'nobody', code: 'NotSigned' },
    { reason: 'an unknown GPG key', by: 'gpgEve', code: 'SignerUnknown' },
    { reason: 'an unknown SSH key', by: 'sshEve', code: 'SignerUnknown' },
    { reason: 'an SSH key that was valid until 2020', by: 'sshOld', code: 'SignatureInvalid' },
  ])('a commit signed by $reason: $code', async ({ by, code }) => {
    commit(by && people[by])
    const from = await open({ ...files, mode: 'Head' })

    const refusal = await from.judge(await from.fetch(NEVER), undefined, NEVER)

    expect(refusal?.code).toBe(code)
  })

  test('a GPG key that expired since is told as expired', async () => {
    commit(people.gpgOld)
    const from = await open({ ...files, mode: 'Head' })

    const refusal = await from.judge(await from.fetch(NEVER), undefined, NEVER)

    expect(refusal).toMatchObject({ code: 'SignatureInvalid', message: expect.stringContaining('expired') })
  })

  test('a commit that was changed after it was signed is refused', async () => {
    commit(people.gpgAnn)
    const text = server.git('cat-file', 'commit', 'HEAD').replace('a change', 'another change')
    writeFileSync(join(folder.path, 'forged'), text)
    const forged = server.git('hash-object', '-t', 'commit', '-w', join(folder.path, 'forged')).trim()
    server.git('push', '--quiet', '--force', 'origin', `${forged}:main`)
    const from = await open({ ...files, mode: 'Head' })

    const fetched = await from.fetch(NEVER)

    expect(fetched.id).toBe(forged)
    expect(await from.judge(fetched, undefined, NEVER)).toMatchObject({ code: 'SignatureInvalid' })
  })

  test('a form of which there are no keys is refused', async () => {
    commit(people.sshAnn)
    const from = await open({ gpgKeysFile: files.gpgKeysFile, mode: 'Head' })

    expect(await from.judge(await from.fetch(NEVER), undefined, NEVER)).toMatchObject({ code: 'SignerUnknown' })
  })

  test('one unsigned commit between two is seen by Every and not by Head', async () => {
    commit(people.sshAnn)
    const start = server.git('rev-parse', 'HEAD').trim()
    commit()
    commit(people.sshAnn)
    const head = await open({ ...files, mode: 'Head' })
    const byHead = await head.judge(await head.fetch(NEVER), start, NEVER)
    await head.close()
    const every = await open({ ...files, mode: 'Every' })

    const byEvery = await every.judge(await every.fetch(NEVER), start, NEVER)

    expect(byHead).toBeUndefined()
    expect(byEvery).toMatchObject({ code: 'NotSigned' })
  })

  test('a file of keys that is none says so', async () => {
    commit(people.gpgAnn)
    const from = await open({ gpgKeysFile: files.allowedSignersFile, mode: 'Head' })
    const fetched = await from.fetch(NEVER)

    await expect(from.judge(fetched, undefined, NEVER)).rejects.toMatchObject({
      message: expect.stringContaining('gpgKeysFile'),
    })
  })

  test.each<{ reason: string; make: () => void; code: string | undefined }>([
    { reason: 'a signed one', make: () => signTag(people.gpgAnn), code: undefined },
    { reason: 'one signed by SSH', make: () => signTag(people.sshAnn), code: undefined },
    { reason: 'one signed by a stranger', make: () => signTag(people.gpgEve), code: 'SignerUnknown' },
    { reason: 'an annotated one', make: () => tag('tag', '--annotate', '--message', 'm', 'v1'), code: 'TagNotSigned' },
    { reason: 'a mere name', make: () => tag('tag', 'v1'), code: 'TagNotSigned' },
    {
      reason: 'an old signed one under a new name',
      make: () => {
        signTag(people.gpgAnn)
        const id = server.git('rev-parse', 'refs/tags/v1').trim()
        server.git('push', '--quiet', 'origin', ':refs/tags/v1', `${id}:refs/tags/v2`)
      },
      code: 'SignatureInvalid',
    },
  ])('a tag, $reason: $code', async ({ make, code }) => {
    commit()
    make()
    const from = await open({ ...files, mode: 'Tag' }, { reference: { tag: 'v*' } })

    const refusal = await from.judge(await from.fetch(NEVER), undefined, NEVER)
    server.git('tag', '--delete', 'v1')
    server.git('push', '--quiet', 'origin', '--prune', 'refs/tags/*')

    expect(refusal?.code).toBe(code)
  })

  function tag(...words: string[]): void {
    server.git(...words)
    server.git('push', '--quiet', '--tags', 'origin')
  }
  function signTag(signer: Signer): void {
    tag(...signer.as, 'tag', '--sign', '--message', 'm', 'v1')
  }
})
