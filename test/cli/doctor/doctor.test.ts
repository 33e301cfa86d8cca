import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { CANARY, type Clinic, startClinic, type Told } from './clinic.ts'

let clinic: Clinic
const said: string[] = []

beforeAll(async () => {
  clinic = await startClinic()
})
afterAll(() => clinic.close())
afterEach(() => clinic.recover())

/** What is not in order, as `subject: code`. */
function ill(findings: readonly Told[]): readonly string[] {
  return findings
    .filter(({ verdict }) => verdict !== 'Good')
    .map(({ subject, code, verdict }) => `${subject}: ${verdict} ${code}`)
}

/** Everything that a remedy tells to do. */
function remedyIn(findings: readonly Told[]): string {
  return findings
    .flatMap(({ remedy }) => [
      remedy?.words,
      ...(remedy?.commands ?? []).map(({ command }) => command),
      remedy?.yaml?.text,
    ])
    .join('\n')
}

async function findings(...words: readonly string[]) {
  const told = await clinic.findings(...words)
  said.push(told.text)
  return told
}

describe('a patient that is well', () => {
  it('has every connection, identity, right, secret and attestation found good', async () => {
    const { code, findings: all } = await findings()

    expect(ill(all)).toEqual([])
    expect(code).toBe(0)
    const subjects = [...new Set(all.map(({ subject }) => subject))]
    expect(subjects).toEqual([
      'this machine',
      'secrets',
      'certificate s2s',
      'organization contoso-sales',
      'tenant contoso',
      ...clinic.servers.map((server) => `server ${server}`),
      'deployment crm-farm',
      'runway',
    ])
  })

  it('is told in text and Markdown, each check with its evidence', async () => {
    const text = await clinic.doctor()
    const markdown = await clinic.doctor('--output', 'markdown')

    expect(text.stdout).toMatch(/^ {2}good +CRM version \(reading, identity crm-reader\): CRM 9\.1/m)
    expect(text.stdout).toMatch(/^\d+ checks: \d+ good$/m)
    expect(markdown.stdout).toMatch(/^- \*\*good\*\* CRM version/m)
  })

  it('is told in JSON as its schema says, also where something is wrong, and where it is probed', async () => {
    const schema = JSON.parse(
      await readFile(new URL('../../../docs/reference/report.schema.json', import.meta.url), 'utf8'),
    )
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)
    clinic.account(0, { isDeploymentAdministrator: false })
    clinic.simulator.trust.servers.faults.add({ kind: 'host-key-changed', server: 'crm-async-2.contoso.com' })

    for (const words of [[], ['--probe']]) {
      const { stdout } = await clinic.doctor('--output', 'json', ...words)

      expect(validate(JSON.parse(stdout)), JSON.stringify(validate.errors)).toBe(true)
    }
  })

  it('is only read, as every identity', async () => {
    const { simulator } = clinic
    const before = JSON.stringify(simulator.world.snapshot())
    const scripts = simulator.trust.servers.log().length

    await findings()

    expect(simulator.requests().writes).toBe(0)
    expect(JSON.stringify(simulator.world.snapshot())).toBe(before)
    const ran = simulator.trust.servers
      .log()
      .slice(scripts)
      .map(({ script }) => script)
    expect(new Set(ran)).toEqual(new Set(['read-server', 'read-deployment']))
    expect(simulator.trust.entra.requests().filter(({ method }) => method === 'PATCH')).toEqual([])
  })
})

interface Case {
  readonly reason: string
  readonly hurt: (clinic: Clinic) => unknown
  readonly ill: (clinic: Clinic) => readonly string[]
  readonly remedy: RegExp
  readonly code: number
}

const ONE = (line: string) => () => [line]
const server = (index: number, rest: string) => (one: Clinic) => [`server ${one.servers[index]}: ${rest}`]

const CASES: readonly Case[] = [
  {
    reason: 'the account that reads may write',
    hurt: (one) => Object.assign(one.environment, { READER: 'simulator-limited' }),
    ill: ONE('organization contoso-sales: Excess ReaderMayWrite'),
    remedy: /Take these privileges out of the security roles of user [0-9a-f-]{36}/,
    code: 6,
  },
  {
    reason: 'the account that writes may only read',
    hurt: (one) => Object.assign(one.environment, { WRITER: 'simulator-reader' }),
    ill: ONE('organization contoso-sales: Broken PrivilegeMissing'),
    remedy: /Settings > Security > Security Roles .* prvWriteMailbox \(Write on Mailbox\)/,
    code: 4,
  },
  {
    reason: 'one account reads and writes',
    hurt: (one) =>
      one.edit('mailkeel.yaml', (text) =>
        text.replace('reading: crm-reader, writing: crm-writer', 'reading: crm-writer'),
      ),
    ill: ONE('organization contoso-sales: Excess ReadsAndWrites'),
    remedy: /Name another identity as `writing`/,
    code: 6,
  },
  {
    reason: 'a token is missing',
    hurt: (one) => delete one.environment['READER'],
    ill: () => ['secrets: Broken Unreadable', 'organization contoso-sales: Broken Unauthenticated'],
    remedy: /export READER=/,
    code: 4,
  },
  {
    reason: 'the URL leads to another organization',
    hurt: (one) =>
      one.edit('spec/spec.yaml', (text) => text.replace('uniqueName: contoso-sales', 'uniqueName: contoso-other')),
    ill: () => [
      'organization contoso-sales: Broken AnotherOrganization',
      'organization contoso-sales: Broken AnotherOrganization',
      'deployment crm-farm: Broken OrganizationUnknown',
    ],
    remedy: /correct uniqueName/,
    code: 4,
  },
  {
    reason: 'Graph lacks a permission of the preflight',
    hurt: (one) => one.grant('reading', (roles) => roles.filter((role) => role !== 'MailboxSettings.Read')),
    ill: ONE('tenant contoso: Broken PermissionMissing'),
    remedy:
      /Application permissions, and add `MailboxSettings\.Read`; then a Privileged Role Administrator[\s\S]*\/adminconsent\?client_id=6d61696c-0000-4000-8000-000000000001/,
    code: 4,
  },
  {
    reason: 'the application that writes may not',
    hurt: (one) => one.grant('writing', (roles) => roles.filter((role) => role !== 'Application.ReadWrite.All')),
    ill: ONE('tenant contoso: Broken PermissionMissing'),
    remedy: /add `Application\.ReadWrite\.All`[\s\S]*client_id=6d61696c-0000-4000-8000-000000000002/,
    code: 4,
  },
  {
    reason: 'the application that reads may write',
    hurt: (one) => one.grant('reading', (roles) => [...roles, 'Application.ReadWrite.All']),
    ill: ONE('tenant contoso: Excess ReaderMayWrite'),
    remedy: /Enterprise applications > .* revoke `Application\.ReadWrite\.All`/,
    code: 6,
  },
  {
    reason: 'the application that writes has a role that nobody needs',
    hurt: (one) => one.grant('writing', (roles) => [...roles, 'Mail.Read']),
    ill: ONE('tenant contoso: Excess MoreThanNeeded'),
    remedy: /revoke `Mail\.Read`/,
    code: 6,
  },
  {
    reason: 'the secret of the applications is wrong',
    hurt: (one) => Object.assign(one.environment, { ENTRA: CANARY }),
    ill: () => ['tenant contoso: Broken SignInRefused', 'tenant contoso: Broken SignInRefused'],
    remedy: /value is needed, not its id/,
    code: 4,
  },
  {
    reason: 'nobody attested the Hybrid Connector',
    hurt: (one) => one.edit('spec/spec.yaml', (text) => text.replace(/ {4}hybridConnector:.*\n/, '')),
    ill: ONE('tenant contoso: Person NotAttested'),
    remedy:
      /Look for [^.(]* of the tenant; then write down who looked, and when\.[\s\S]*attestations:\n {2}hybridConnector:\n {4}by: <your name>\n {4}on: \d{4}-\d\d-\d\d/,
    code: 3,
  },
  {
    reason: 'a server shows another host key',
    hurt: ({ simulator }) =>
      simulator.trust.servers.faults.add({ kind: 'host-key-changed', server: 'crm-async-2.contoso.com' }),
    ill: server(1, 'Broken HostKeyChanged'),
    remedy: /Compare the key by hand[\s\S]*ssh-keygen\.exe -l -f [\s\S]*hostKeySha256: 'SHA256:[\w+/]{43}'/,
    code: 4,
  },
  {
    reason: 'a server refuses the sign-in',
    hurt: ({ simulator }) =>
      simulator.trust.servers.faults.add({ kind: 'sign-in-refused', server: 'crm-async-2.contoso.com' }),
    ill: server(1, 'Broken SignInRefused'),
    remedy: /net user 'svc-mailkeel'/,
    code: 4,
  },
  {
    reason: 'a server does not answer',
    hurt: ({ simulator }) => simulator.trust.servers.faults.add({ kind: 'down', server: 'crm-async-2.contoso.com' }),
    ill: server(1, 'Unknown Unreachable'),
    remedy: /Start-Service -Name sshd/,
    code: 5,
  },
  {
    reason: 'the SSH user is no administrator of a server',
    hurt: (one) => one.account(1, { isLocalAdministrator: false }),
    ill: server(1, 'Broken NotAdministrator'),
    remedy: /net localgroup Administrators 'CONTOSO\\svc-mailkeel' \/add/,
    code: 4,
  },
  {
    reason: 'the account is no Deployment Administrator',
    hurt: (one) => one.account(0, { isDeploymentAdministrator: false }),
    ill: ONE('deployment crm-farm: Broken NotDeploymentAdministrator'),
    remedy: /New-CrmDeploymentAdministrator -Name 'CONTOSO\\svc-mailkeel'/,
    code: 4,
  },
  {
    reason: 'an asynchronous service is stopped',
    hurt: ({ simulator }) => {
      const service = simulator.trust.deployment.servers[1]?.services[0]
      if (service) service.isRunning = false
    },
    ill: server(1, 'Broken ServiceStopped'),
    remedy: /Get-Service -Name 'MSCRMAsyncService\*' \| Start-Service/,
    code: 4,
  },
  {
    reason: 'the certificate is not the one that was reviewed',
    hurt: (one) => one.edit('spec/spec.yaml', (text) => text.replace(/sha256: .*/, `sha256: ${'ab'.repeat(32)}`)),
    ill: ONE('certificate s2s: Broken NotReviewed'),
    remedy: /review/i,
    code: 4,
  },
  {
    reason: 'the password does not open the certificate',
    hurt: (one) => Object.assign(one.environment, { PFX: CANARY }),
    ill: ONE('certificate s2s: Broken WrongPassword'),
    remedy: /./,
    code: 4,
  },
  {
    reason: 'every user may read the certificate file',
    hurt: ({ folder }) => chmod(join(folder, 's2s.pfx'), 0o644),
    ill: ONE('secrets: Excess SecretOpen'),
    remedy: /chmod 600 .*s2s\.pfx/,
    code: 6,
  },
  {
    reason: 'everybody may write what mailkeel remembers',
    hurt: ({ folder }) => chmod(join(folder, 'state'), 0o777),
    ill: ONE('this machine: Excess StateDirectoryOpen'),
    remedy: /chmod 700 .*state/,
    code: 6,
  },
  {
    reason: 'the state directory cannot be',
    hurt: (one) =>
      one.edit('mailkeel.yaml', (text) => text.replace('stateDirectory: state', 'stateDirectory: mailkeel.yaml/state')),
    ill: ONE('this machine: Broken StateDirectoryReadOnly'),
    remedy: /install -d -m 700/,
    code: 4,
  },
  {
    reason: 'an Override is in no repository',
    hurt: (one) =>
      one.edit(
        'spec/spec.yaml',
        (text) => `${text}---
apiVersion: mailkeel/v1
kind: Override
metadata: { name: move }
spec: { guard: stop, scope: { sets: [people] }, limit: 1, reason: agreed, expires: 2099-12-31T00:00:00Z }
`,
      ),
    ill: ONE('this machine: Broken OverrideNotCommitted'),
    remedy: /Commit the files/,
    code: 4,
  },
  {
    reason: 'nobody connects to a server',
    hurt: (one) =>
      one.edit('mailkeel.yaml', (text) => {
        const lines = text.split('\n')
        const last = lines.findLastIndex((line) => line.includes('hostKeySha256'))
        return lines.with(last, '        - { host: crm-offline.contoso.com, offline: true }').join('\n')
      }),
    ill: ONE('server crm-offline.contoso.com: Person Offline'),
    remedy: /mailkeel apply --emit-scripts/,
    code: 3,
  },
  {
    reason: 'authorities of the network are no file',
    hurt: (one) => one.edit('mailkeel.yaml', (text) => `${text}  network: { caFile: nowhere.pem }\n`),
    ill: () => [
      'this machine: Broken AuthoritiesUnusable',
      ...Array.from({ length: 2 }, () => 'organization contoso-sales: Unknown NetworkUnusable'),
      ...Array.from({ length: 2 }, () => 'tenant contoso: Unknown NetworkUnusable'),
    ],
    remedy: /Name a PEM file/,
    code: 5,
  },
]

describe('each single thing that is missing is exactly its own line, with what to do', () => {
  it.each(CASES)('$reason', async ({ hurt, ill: expected, remedy, code }) => {
    await hurt(clinic)

    const told = await findings()

    const wrong = told.findings.filter(({ verdict }) => verdict !== 'Good')
    expect(ill(told.findings)).toEqual(expected(clinic))
    expect(remedyIn(wrong)).toMatch(remedy)
    expect(told.code).toBe(code)
  })
})

describe('as identities of their own on the servers', () => {
  it('a reader that is an administrator is too much, and one that is none is right', async () => {
    const named = (user: string) =>
      clinic.edit('mailkeel.yaml', (text) =>
        text
          .replaceAll('identity: servers,', 'identity: reader, writingIdentity: servers,')
          .replace(
            '  organizations:',
            `    reader: { type: Ssh, userName: 'CONTOSO\\${user}', password: { env: SSH } }\n  organizations:`,
          )
          .replace(
            '  certificates:',
            `      credential: { userName: 'CONTOSO\\svc-mailkeel', password: { env: SSH } }\n  certificates:`,
          ),
      )
    await named('local-admin')
    const tooMuch = await findings()
    await clinic.recover()
    await named('reader')
    const right = await findings()

    expect(ill(tooMuch.findings)).toEqual(clinic.servers.map((one) => `server ${one}: Excess ReaderMayWrite`))
    expect(remedyIn(tooMuch.findings)).toContain("net localgroup Administrators 'CONTOSO\\local-admin' /delete")
    expect(ill(right.findings)).toEqual([])
    expect(
      right.findings.filter(({ subject }) => subject === 'deployment crm-farm').map(({ check }) => check),
    ).toContain('deployment tools (writing)')
  })

  it('a password that is wrong is tried once on each server, so that no account is locked', async () => {
    clinic.environment['SSH'] = CANARY
    const take = vi.spyOn(clinic.simulator.trust.servers.faults, 'take')

    const told = await findings()

    const connections = take.mock.calls.filter(([, script]) => script === undefined)
    expect(connections).toHaveLength(clinic.servers.length)
    expect(told.code).toBe(4)
  })
})

describe('where half is down', () => {
  it('a tenant that never answers costs its own deadline, and the rest is told', async () => {
    clinic.simulator.trust.entra.faults.add({ kind: 'no-answer', match: { operation: 'sign-in' }, times: 'always' })

    const { code, findings: all } = await findings('--deadline', '1s')

    expect(ill(all)).toEqual(['tenant contoso: Unknown TimedOut', 'tenant contoso: Unknown TimedOut'])
    expect(all.find(({ code: one }) => one === 'TimedOut')?.evidence).toBe('no answer within 1 s')
    expect(code).toBe(5)
  })
})

it('tells no secret, in no form, whatever is wrong', async () => {
  const path = join(clinic.folder, 'mailkeel.yaml')
  for (const form of ['text', 'markdown', 'json']) {
    const { stdout, stderr } = await clinic.doctor('--output', form)
    said.push(stdout, stderr)
  }

  const everything = said.join('\n')
  expect(everything.length).toBeGreaterThan(10_000)
  for (const secret of [CANARY, 'simulator-reader', 'simulator-admin', 'simulator-secret'])
    expect(everything).not.toContain(secret)
  expect(await readFile(path, 'utf8')).not.toContain(CANARY)
})

it('--out without --probe is a mistake', async () => {
  const { code, stderr } = await clinic.doctor('--out', 'x.json')

  expect(code).toBe(64)
  expect(stderr).toContain('--out goes with --probe')
})
