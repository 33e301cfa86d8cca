import { expect, it, onTestFinished } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { needs } from '../setup/needs.ts'
import { type GitServer, startGitServer } from '../stack/git-server.ts'
import { directoryWith, mailkeel } from './process.ts'

const ORGANIZATION = (name: string) =>
  `apiVersion: mailkeel/v1\nkind: Organization\nmetadata: { name: ${name} }\nspec: { uniqueName: ${name}, environment: Production }\n`

needs('git')('a spec in git', () => {
  it('is read at the newest commit of the branch, or at the one that is named', async () => {
    const { server, validate } = await served()
    const wrong = server.push({ 'spec/one.yaml': 'kind: Organisation\n' }, 'wrong')
    server.push({ 'spec/one.yaml': ORGANIZATION('one') }, 'right')

    const newest = await validate()
    const earlier = await validate('--revision', wrong)

    expect(newest.stdout).toBe('2 files are valid\n')
    expect(newest.code).toBe(EXIT.inSync)
    expect(earlier.code).toBe(EXIT.invalid)
    expect(earlier.stdout).toContain('one.yaml:1:')
  })

  it('gives way to a folder that is named', async () => {
    const { server, validate } = await served()
    server.push({ 'spec/one.yaml': 'kind: Organisation\n' })
    const folder = directoryWith({ 'one.yaml': ORGANIZATION('one') })

    const { stdout } = await validate(folder)

    expect(stdout).toBe('1 file is valid\n')
  })

  it('is refused where commits must be signed and the newest one is not', async () => {
    const { server, validate } = await served('verify: { allowedSignersFile: signers }')
    server.push({ 'spec/one.yaml': ORGANIZATION('one') })

    const { code, stderr } = await validate()

    expect(code).toBe(EXIT.usage)
    expect(stderr).toMatch(/not signed/)
  })

  it('that cannot be reached is told with what to do, without a trace', async () => {
    const { server, validate } = await served()
    server.behaviour.authorization = 'Basic somebody'

    const { code, stderr } = await validate()

    expect(code).toBe(EXIT.error)
    expect(stderr).toContain(server.url)
    expect(stderr).not.toContain('MAILKEEL_DEBUG')
  })

  it.each([
    { revision: 'main', reason: 'a name is no id' },
    { revision: 'f'.repeat(40), reason: 'there is no such commit' },
    { revision: '--upload-pack=x', reason: 'it never becomes a word of a command' },
  ])('has no commit $revision: $reason', async ({ revision }) => {
    const { server, validate } = await served()
    server.push({ 'spec/one.yaml': ORGANIZATION('one') })

    const { code, stderr } = await validate(`--revision=${revision}`)

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('may not be taken from')
  })

  it('changes only by commits: suspend asks for a folder', async () => {
    const { run } = await served()

    const { code, stderr } = await run(['suspend', 'ann@contoso.com', '--reason', 'x', '--until', '1d'])

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('name a folder in which it is checked out by --spec')
  })
})

it('a folder has no commits to name', async () => {
  const cwd = directoryWith({ 'one.yaml': ORGANIZATION('one') })

  const { code, stderr } = await mailkeel(['validate', '--revision', 'f'.repeat(40)], { cwd })

  expect(code).toBe(EXIT.usage)
  expect(stderr).toContain('--revision names a commit of `source.git`')
})

async function served(more = '') {
  const server: GitServer = await startGitServer()
  onTestFinished(() => server.close())
  server.push({ 'README.md': 'the spec is beside this file' })
  const cwd = directoryWith({
    signers: '',
    'mailkeel.yaml': `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source:
    git: { url: '${server.url}', folder: spec, ${more} }
  network: { caFile: '${server.caFile}' }
  policy: Observe
  identities: {}
  organizations: {}
`,
  })
  const run = (words: readonly string[]) => mailkeel(words, { cwd })
  return { server, run, validate: (...words: readonly string[]) => run(['validate', ...words]) }
}
