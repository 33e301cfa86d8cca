import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { createEvaluationPfx } from '../../src/certificate/create.ts'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { mailkeelHere } from './in-process.ts'
import { directoryWith } from './process.ts'

const PASSWORD = 'correct horse battery'
const SCHEMA = JSON.parse(readFileSync(new URL('../../docs/reference/report.schema.json', import.meta.url), 'utf8'))
const CREATE = ['cert', 'create', '--subject', 'CN=crm-s2s-lab', '--out', 'lab.pfx']

const PFX = await createEvaluationPfx({
  subject: [{ type: 'CN', value: 'crm-s2s-lab' }],
  password: PASSWORD,
  days: 365,
  // Valid from before these tests begin.
  now: new Date(Date.now() - 60_000),
  encryption: 'TripleDes',
})
const { sha256 } = PFX.certificate

/** A folder with a PFX. */
function laboratory(files: Readonly<Record<string, string>> = {}) {
  const folder = directoryWith({ 'lab.txt': `${PASSWORD}\n`, ...files })
  writeFileSync(join(folder, 'lab.pfx'), PFX.bytes)
  const inspect = (words: readonly string[], typed?: readonly string[]) =>
    mailkeelHere(['cert', 'inspect', ...words], {
      cwd: folder,
      env: { PFX_PASSWORD: PASSWORD, WRONG: 'no-7' },
      ...(typed ? { typed } : {}),
    })
  return { folder, inspect }
}

describe('cert create', () => {
  it('writes a file for its owner alone, and tells what to paste where', async () => {
    const folder = directoryWith({ 'lab.txt': `${PASSWORD}\n` })

    const created = await mailkeelHere([...CREATE, '--password-file', 'lab.txt'], { cwd: folder })

    const made = /sha256: ([0-9a-f]{64})/.exec(created.stdout)?.[1]
    expect(created.code).toBe(EXIT.inSync)
    expect(statSync(join(folder, 'lab.pfx')).mode & 0o777).toBe(0o600)
    expect(created.stdout).toContain('lab.pfx: created, 365 days left')
    expect(created.stdout).toContain(`certificate:\n    name: lab\n    sha256: ${made}\n    evaluation: true`)
    expect(created.stdout).toContain(
      'certificates:\n    lab:\n      file: "lab.pfx"\n      password:\n        file: "lab.txt"',
    )
    expect(created.stdout + created.stderr).not.toContain(PASSWORD)
  })

  it('never replaces a file', async () => {
    const { folder } = laboratory()
    const before = readFileSync(join(folder, 'lab.pfx'))

    const { code, stderr } = await mailkeelHere([...CREATE, '--password-file', 'lab.txt'], { cwd: folder })

    expect({ code, same: readFileSync(join(folder, 'lab.pfx')).equals(before) }).toEqual({
      code: EXIT.usage,
      same: true,
    })
    expect(stderr).toContain('nothing was written')
  })

  it.each([
    { words: ['cert', 'create', '--out', 'x.pfx'], says: '--subject is missing', reason: 'no subject' },
    { words: ['cert', 'create', '--subject', 'CN=a'], says: '--out is missing', reason: 'no file' },
    {
      words: ['cert', 'create', '--subject', 'O=a', '--out', 'x.pfx'],
      says: 'needs a part CN',
      reason: 'a bad subject',
    },
    { words: CREATE, says: 'needs a password', reason: 'no password' },
    { words: [...CREATE, '--days', '0'], says: '--days takes a number', reason: 'no days' },
    { words: ['cert', 'create', 'x.pfx'], says: '--out names the file', reason: 'a file as argument' },
    { words: ['cert', 'burn'], says: 'cert takes inspect or create', reason: 'another action' },
    { words: ['cert', 'inspect'], says: 'name a PFX file', reason: 'nothing to inspect' },
    { words: ['cert', 'inspect', 'a', 'b'], says: 'one file or name', reason: 'two to inspect' },
    { words: ['cert', 'inspect', 'gone.pfx'], says: 'there is no file gone.pfx', reason: 'no such file' },
  ])('$reason is misuse', async ({ words, says }) => {
    const { code, stdout, stderr } = await mailkeelHere(words, { cwd: directoryWith({}) })

    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    expect(stderr).toContain(says)
  })

  it.each([
    { typed: [PASSWORD, PASSWORD], code: EXIT.inSync, says: '', reason: 'the same twice' },
    { typed: [PASSWORD, 'another'], code: EXIT.usage, says: 'the two passwords differ', reason: 'two that differ' },
    { typed: [''], code: EXIT.usage, says: 'needs a password', reason: 'nothing' },
  ])('a person types the password: $reason', async ({ typed, code, says }) => {
    const ended = await mailkeelHere(CREATE, { cwd: directoryWith({}), typed })

    expect(ended.code).toBe(code)
    expect(ended.stderr).toContain(says)
  })
})

describe('cert inspect', () => {
  it('tells what was found, and what to paste once nothing is wrong', async () => {
    const { inspect } = laboratory()

    const refused = await inspect(['lab.pfx', '--password-env', 'PFX_PASSWORD'])
    const allowed = await inspect(['lab.pfx', '--password-env', 'PFX_PASSWORD', '--evaluation', '--sha256', sha256])

    expect(refused.code).toBe(EXIT.blocked)
    expect(refused.stdout).toContain('lab.pfx: cannot be used, 1 fault')
    expect(refused.stdout).toContain('self-signed; request one from a trusted authority')
    expect(refused.stdout).not.toContain('In the Deployment')
    expect(allowed.code).toBe(EXIT.inSync)
    expect(allowed.stdout).toContain('KeySpec KeyExchange')
    expect(allowed.stdout).toContain('it is the one that was reviewed')
    expect(allowed.stdout).toContain(`sha256: ${sha256}`)
  })

  it.each([
    {
      words: ['--password-env', 'WRONG'],
      code: EXIT.usage,
      says: /lab\.pfx: the password does not open.*--password-env/,
    },
    { words: [], code: EXIT.usage, says: /--password-file says where it is/ },
    { words: ['--password-env', 'NOWHERE'], code: EXIT.error, says: /NOWHERE is not set/ },
    { words: ['--password-env', 'A', '--password-file', 'b'], code: EXIT.usage, says: /give one of/ },
    { words: ['--password-file', 'lab.txt', '--sha256', 'abc'], code: EXIT.usage, says: /64 hexadecimal digits/ },
  ])('$words says what to do', async ({ words, code, says }) => {
    const { inspect } = laboratory()

    const ended = await inspect(['lab.pfx', ...words])

    expect(ended.code).toBe(code)
    expect(ended.stderr).toMatch(says)
    expect(ended.stdout + ended.stderr).not.toContain('no-7')
  })

  it('a file that is none ends with exit code 4', async () => {
    const { inspect } = laboratory({ 'bad.pfx': 'this is none' })

    const { code, stderr } = await inspect(['bad.pfx', '--password-env', 'PFX_PASSWORD'])

    expect(code).toBe(EXIT.blocked)
    expect(stderr).toContain('bad.pfx: this is no PFX file')
  })

  it('asks for the password where a person can type it', async () => {
    const { inspect } = laboratory()

    const { code } = await inspect(['lab.pfx', '--evaluation'], [PASSWORD])

    expect(code).toBe(EXIT.inSync)
  })

  it('JSON is as its schema says, and Markdown is Markdown', async () => {
    const { inspect } = laboratory()
    const words = ['lab.pfx', '--password-env', 'PFX_PASSWORD']

    const [json, markdown] = await Promise.all([
      inspect([...words, '--output', 'json']),
      inspect([...words, '--output', 'markdown', '--evaluation']),
    ])

    const report = JSON.parse(json.stdout)
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(SCHEMA)
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
    expect(report.certificate).toMatchObject({ sha256, keySpec: 'KeyExchange', daysLeft: 365 })
    expect(markdown.stdout).toContain(`- **sha256**: \`${sha256}\``)
  })

  const CONFIGURATION = `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: spec }
  identities: {}
  organizations: {}
  certificates:
    lab: { file: lab.pfx, password: { env: PFX_PASSWORD } }
    gone: { file: gone.pfx }
`
  const specWith = (sha256: string) => `apiVersion: mailkeel/v1
kind: Deployment
metadata: { name: crm }
spec:
  certificate: { name: lab, sha256: ${sha256}, evaluation: true }
---
apiVersion: mailkeel/v1
kind: Tenant
metadata: { name: contoso }
spec: { tenantId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11 }
---
apiVersion: mailkeel/v1
kind: Organization
metadata: { name: sales }
spec: { uniqueName: Sales, environment: Production }
`

  it('a name of the configuration is held against what the spec asks for', async () => {
    const wrong = laboratory({ 'mailkeel.yaml': CONFIGURATION, 'spec/crm.yaml': specWith('ab'.repeat(32)) })
    const none = laboratory({ 'mailkeel.yaml': CONFIGURATION, 'spec/crm.yaml': '' })

    const [reviewed, unknown, gone] = await Promise.all([
      wrong.inspect(['lab']),
      none.inspect(['lab']),
      none.inspect(['gone']),
    ])

    expect(reviewed.stdout).toContain('it is not the one that was reviewed')
    expect(reviewed.stdout).toContain('self-signed, which is allowed for evaluation')
    expect(unknown.stdout).toContain('cannot be used, 1 fault')
    expect(gone).toMatchObject({ code: EXIT.blocked, stderr: expect.stringContaining('certificate `gone`: the file') })
  })

  it.each([
    { files: {}, reason: 'is not there' },
    { files: { 'ca.pem': '-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n' }, reason: 'holds none' },
  ])('a file of authorities that $reason is a mistake of the configuration', async ({ files }) => {
    const configuration = `${CONFIGURATION}  network: { caFile: ca.pem }\n`
    const { inspect } = laboratory({ 'mailkeel.yaml': configuration, 'spec/crm.yaml': '', ...files })

    const { code, stderr } = await inspect(['lab'])

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('`network.caFile` (ca.pem)')
  })
})
