import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import type { RunningTrust } from '../../src/simulator/index.ts'
import { mailkeelHere } from '../cli/in-process.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { commitAll } from '../setup/git.ts'
import { quickSimulator } from './workspace.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))

/** The organizations each example speaks of. A new example needs a row. */
const ORGANIZATIONS: Readonly<Record<string, readonly string[]>> = {
  'every-field': ['contoso-sales', 'contoso-former'],
  overrides: ['contoso-sales'],
  quickstart: ['contoso-sales'],
  trust: ['contoso-sales'],
  'held-back': ['contoso-sales'],
  'two-organizations': ['contoso-sales', 'contoso-test'],
  waves: ['contoso-sales'],
}

/** Guards that a person passes by name. What an example has overrides for needs none. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = { overrides: [] }

/** Examples whose tenant and servers are simulated too. Nobody ever connected them. */
const WITH_TRUST: ReadonlySet<string> = new Set(['trust'])

const SECRETS = { POP3_PASSWORD: 'one password', SMTP_PASSWORD: 'another password' }

describe('every example', () => {
  it('has a row here', () => {
    expect(readdirSync(EXAMPLES).sort()).toEqual(Object.keys(ORGANIZATIONS).sort())
  })

  it.each(Object.keys(ORGANIZATIONS))(
    '%s is valid, is applied, and then leaves nothing to do',
    async (example) => {
      const servers = await Promise.all(
        (ORGANIZATIONS[example] ?? []).map((organizationName) =>
          quickSimulator({
            organizationName,
            mailboxes: 12,
            queues: 4,
            mess: ['old-profile', 'no-new-profile', 'pending'],
            ...(WITH_TRUST.has(example) ? { trust: true as const } : {}),
          }),
        ),
      )
      const allowed = (
        ALLOWED[example] ?? ['stop', 'claim', 'old-mail', 'delete-mail', 'default-profile', 'stop-all', 'tenant-id']
      ).flatMap((guard) => ['--allow', guard])
      const cwd = directoryWith({})
      cpSync(join(EXAMPLES, example), cwd, { recursive: true })
      pointTo(
        join(cwd, 'mailkeel.yaml'),
        servers.map(({ url }) => url),
      )
      const secrets = servers.flatMap(({ trust }) => (trust ? [layTrust(cwd, trust)] : []))
      commitAll(cwd)

      const env = Object.assign({}, SECRETS, ...secrets)
      const valid = await mailkeelHere(['validate'], { cwd })
      const applied = await mailkeel(['apply', '--yes', ...allowed, '--wait', '90s'], { cwd, env })
      for (const server of servers) server.resetRequests()
      const again = await mailkeelHere(['plan'], { cwd, env })

      expect([valid.code, applied.code, again.code], applied.stdout + applied.stderr + again.stdout).toEqual([
        0,
        0,
        EXIT.inSync,
      ])
      expect(servers.map((server) => server.requests().writes)).toEqual(servers.map(() => 0))
      expect(again.stdout.match(/in sync|nothing to apply/g)).toHaveLength(servers.length + secrets.length)
    },
    120_000,
  )
})

/** Writes the addresses of running simulators over those in a configuration, matched by the name at their end. */
function pointTo(file: string, urls: readonly string[]): void {
  let text = readFileSync(file, 'utf8')
  for (const url of urls) {
    const name = url.slice(url.lastIndexOf('/'))
    text = text.replace(new RegExp(`http://127\\.0\\.0\\.1:\\d+${name}\\b`), url)
  }
  writeFileSync(file, text)
}

/** Puts what a simulated trust is reached by into the files of an example, and what it is opened with beside them. Returns the variables. */
function layTrust(cwd: string, trust: RunningTrust): Readonly<Record<string, string>> {
  const { applications, certificate, entra, servers, tenant } = trust
  const addresses = servers.servers.map(
    ({ port, hostKeySha256 }) => `port: ${port}, identity: servers, hostKeySha256: '${hostKeySha256}'`,
  )
  edit(join(cwd, 'mailkeel.yaml'), (text) =>
    text
      .replace(/login: \S+/, `login: ${entra.loginUrl}`)
      .replace(/graph: \S+/, `graph: ${entra.graphUrl}`)
      .replaceAll(/port: \d+, identity: servers, hostKeySha256: '[^']+'/g, () => addresses.shift() ?? ''),
  )
  edit(join(cwd, 'spec/trust.yaml'), (text) =>
    text
      .replace(/tenantId: \S+/, `tenantId: ${tenant.tenantId}`)
      .replace(/sha256: \S+/, `sha256: ${certificate.sha256}`),
  )
  writeFileSync(join(cwd, 's2s-2027.pfx'), certificate.pfx)
  writeFileSync(join(cwd, 'ssh-key'), servers.privateKey)
  return {
    ENTRA_READER_SECRET: applications.reading.secret,
    ENTRA_WRITER_SECRET: applications.writing.secret,
    CRM_DEPLOY_PASSWORD: servers.password,
    PFX_PASSWORD: certificate.password,
  }
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}
