// Overrides as people use them: documents of the spec, in a git repository, and the program as a process.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { mailkeel } from '../cli/process.ts'
import { commitAll } from '../setup/git.ts'
import { quickSimulator, workspaceFor } from './workspace.ts'

const SOON = '2099-01-01T00:00:00Z'

interface Written {
  readonly guard?: string
  readonly limit?: number
  readonly expires?: string
  readonly scope?: string
}

function overrideFile({ guard = 'change', limit = 50, expires = SOON, scope = '' }: Written = {}): string {
  return `apiVersion: mailkeel/v1
kind: Override
metadata: { name: migration }
spec: { guard: ${guard}, limit: ${limit}, reason: everybody moves, ticket: CHG-4711, expires: ${expires}${scope} }
`
}

/** Everybody moves, which the guard `change` asks about. */
async function moving(override: string, commit = true) {
  const crm = await quickSimulator({ mailboxes: 20, mess: ['no-new-profile'] })
  const cwd = workspaceFor(crm)
  writeFileSync(join(cwd, 'spec', 'overrides.yaml'), override)
  if (commit) commitAll(cwd)
  return { crm, cwd }
}

function journalOf(cwd: string): string {
  const folder = join(cwd, '.mailkeel', 'journal', 'organization', 'contoso-sales')
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('')
}

/** Told on one line, however wide the terminal is. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ')
}

describe('an override', () => {
  it('that is committed passes its guard; the plan shows it, and the journal records it', async () => {
    const { cwd } = await moving(overrideFile())

    const planned = await mailkeel(['plan'], { cwd })
    const json = await mailkeel(['plan', '--output', 'json'], { cwd })
    const applied = await mailkeel(['apply', '--yes', '--wait', '20s'], { cwd })

    expect([planned.code, applied.code]).toEqual([EXIT.changes, EXIT.inSync])
    expect(flat(planned.stdout)).toContain('passed by the override migration (everybody moves, CHG-4711)')
    expect(planned.stdout).not.toContain('--allow')
    expect(JSON.parse(json.stdout).organizations[0].guards[0]).toMatchObject({
      overridden: true,
      overrides: [{ name: 'migration', ticket: 'CHG-4711' }],
    })
    expect(journalOf(cwd)).toMatch(
      /"allowed":\[\{"guard":"change","by":"[^"]+","at":"[^"]+","overrides":\[\{"name":"migration"/,
    )
  })

  it.each<{ reason: string; override: Written; edit?: (cwd: string) => void; commit?: boolean; says: string }>([
    {
      reason: 'was changed after it was committed',
      override: { limit: 1 },
      edit: (cwd) => writeFileSync(join(cwd, 'spec', 'overrides.yaml'), overrideFile()),
      says: 'its file was changed since it was committed; commit it as it is',
    },
    {
      reason: 'has expired',
      override: { expires: '2026-01-01T00:00:00Z' },
      says: 'it expired on 2026-01-01T00:00:00Z',
    },
    { reason: 'is for fewer', override: { limit: 3 }, says: 'its limit is 3, and it would cover' },
  ])('that $reason passes nothing, and says so', async ({ override, edit, commit = true, says }) => {
    const { crm, cwd } = await moving(overrideFile(override), commit)
    edit?.(cwd)

    const { code, stdout } = await mailkeel(['apply', '--yes'], { cwd })

    expect(code).toBe(EXIT.override)
    expect(flat(stdout)).toContain(says)
    expect(crm.requests().writes).toBe(0)
  })

  it('that does not count leaves the word of a person at the keyboard as good as ever', async () => {
    const { cwd } = await moving(overrideFile(), false)

    const { code, stdout } = await mailkeel(['apply', '--yes', '--wait', '20s', '--allow', 'change'], { cwd })

    expect(code).toBe(EXIT.inSync)
    expect(flat(stdout)).toContain('passed with --allow change')
  })

  it('cannot name a set that does not exist', async () => {
    const { cwd } = await moving(overrideFile({ scope: ', scope: { sets: [evrybody] }' }))

    const { code, stdout, stderr } = await mailkeel(['plan'], { cwd })

    expect(code).toBe(EXIT.invalid)
    expect(stdout + stderr).toContain('did you mean `everybody`?')
  })
})

describe('a limit per hour', () => {
  it('counts what was changed before, from the journal, also where the memory is lost', async () => {
    const crm = await quickSimulator({ mailboxes: 6, mess: ['no-new-profile'] })
    const guards = '  guards: { change: { maximumPercent: 100, maximumPerHour: 4 } }\n'
    const cwd = workspaceFor(crm, { configuration: guards })
    const [first, second] = readFileSync(join(cwd, 'spec', 'everybody.yaml'), 'utf8').match(/[\w.]+@[\w.]+/g) ?? []
    const only = (address = '') => ['apply', '--yes', '--only', 'email-server-profile', '--only', address]

    const refused = await mailkeel(['apply', '--yes'], { cwd })
    const some = await mailkeel([...only(first), '--only', second ?? ''], { cwd })
    rmSync(join(cwd, '.mailkeel', 'memory'), { recursive: true })
    const rest = await mailkeel(['plan'], { cwd })

    expect([refused.code, some.code, rest.code]).toEqual([EXIT.override, EXIT.inSync, EXIT.override])
    expect(flat(rest.stdout)).toMatch(/\d with those of the last hour, and the limit is 4 an hour/)
  })
})
