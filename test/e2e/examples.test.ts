import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
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
  'held-back': ['contoso-sales'],
  'two-organizations': ['contoso-sales', 'contoso-test'],
  waves: ['contoso-sales'],
}

/** Guards that a person passes by name. What an example has overrides for needs none. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = { overrides: [] }

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
          }),
        ),
      )
      const allowed = (
        ALLOWED[example] ?? ['stop', 'claim', 'old-mail', 'delete-mail', 'default-profile', 'stop-all']
      ).flatMap((guard) => ['--allow', guard])
      const cwd = directoryWith({})
      cpSync(join(EXAMPLES, example), cwd, { recursive: true })
      pointTo(
        join(cwd, 'mailkeel.yaml'),
        servers.map(({ url }) => url),
      )
      commitAll(cwd)

      const valid = await mailkeelHere(['validate'], { cwd })
      const applied = await mailkeel(['apply', '--yes', ...allowed, '--wait', '90s'], { cwd, env: SECRETS })
      for (const server of servers) server.resetRequests()
      const again = await mailkeelHere(['plan'], { cwd })

      expect([valid.code, applied.code, again.code], applied.stdout + applied.stderr + again.stdout).toEqual([
        0,
        0,
        EXIT.inSync,
      ])
      expect(servers.map((server) => server.requests().writes)).toEqual(servers.map(() => 0))
      expect(again.stdout.match(/in sync|nothing to apply/g)).toHaveLength(servers.length)
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
