import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { mailkeelHere } from '../cli/in-process.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { quickSimulator, workspaceFor } from './workspace.ts'

describe('plan, apply and plan again', () => {
  it('comes to nothing to do, with 0 writes', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm)

    const planned = await mailkeel(['plan'], { cwd })
    const writesOfPlan = crm.requests().writes
    const applied = await mailkeel(['apply', '--yes', '--wait', '60s'], { cwd })
    const written = crm.requests().writes
    crm.resetRequests()
    const again = await mailkeel(['plan'], { cwd })

    expect([planned.code, applied.code, again.code]).toEqual([EXIT.changes, EXIT.inSync, EXIT.inSync])
    expect(writesOfPlan).toBe(0)
    expect(written).toBeGreaterThan(0)
    expect(crm.requests().writes).toBe(0)
    expect(again.stdout).toMatch(/^contoso-sales at \w{7}: in sync, 9 mailboxes healthy, checked in [\d.]+ s\n$/)
    expect((await mailkeel(['status'], { cwd })).code).toBe(EXIT.inSync)
  })

  it('a second apply writes nothing and says so in one line', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm)
    await mailkeelHere(['apply', '--yes', '--wait', '60s'], { cwd })
    crm.resetRequests()

    const { code, stdout } = await mailkeelHere(['apply', '--yes'], { cwd })

    expect(code).toBe(EXIT.inSync)
    expect(stdout.split('\n')).toHaveLength(2)
    expect(crm.requests().writes).toBe(0)
  })

  it('--only applies a part and leaves the rest planned', async () => {
    const crm = await quickSimulator({ mess: ['old-profile', 'pending'] })
    const cwd = workspaceFor(crm)

    await mailkeelHere(['apply', '--yes', '--only', 'approval'], { cwd })
    const rest = await mailkeelHere(['plan', '--output', 'json'], { cwd })

    const stages = JSON.parse(rest.stdout).organizations[0].plan.steps.map((step: { stage: string }) => step.stage)
    expect(stages).not.toContain('approval')
    expect(stages).toContain('mailbox')
  })

  it('a plan file applies what was reviewed and nothing that came later', async () => {
    const crm = await quickSimulator({ mess: ['old-profile', 'pending'] })
    const cwd = workspaceFor(crm)
    const reviewed = await mailkeelHere(['plan', '--only', 'approval', '--out', 'plan.json'], { cwd })

    const applied = await mailkeelHere(['apply', 'plan.json', '--yes', '--output', 'json'], { cwd })

    const [{ outcomes }] = JSON.parse(applied.stdout).organizations
    expect(reviewed.stdout).toContain('mailkeel apply plan.json --yes')
    expect(new Set(outcomes.map((outcome: { stage: string }) => outcome.stage))).toEqual(new Set(['approval']))
    expect(applied.code).toBe(EXIT.partly)
  })

  it('a plan is not written over a file that is no plan: 64, and the file stays', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm)
    const before = readFileSync(join(cwd, 'mailkeel.yaml'), 'utf8')

    const refused = await mailkeelHere(['plan', '--out', 'mailkeel.yaml'], { cwd })
    const misread = await mailkeelHere(['apply', 'mailkeel.yaml', '--yes'], { cwd })
    await mailkeelHere(['plan', '--out', 'plan.json'], { cwd })
    const replaced = await mailkeelHere(['plan', '--out', 'plan.json'], { cwd })

    expect([refused.code, misread.code, replaced.code]).toEqual([EXIT.usage, EXIT.usage, EXIT.changes])
    expect(readFileSync(join(cwd, 'mailkeel.yaml'), 'utf8')).toBe(before)
    expect(refused.stderr).toContain('it is not replaced')
    expect(misread.stderr).toContain('mailkeel plan --out plan.json')
  })

  it('a plan file that was edited is refused', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm)
    await mailkeelHere(['plan', '--out', 'plan.json'], { cwd })
    const text = readFileSync(join(cwd, 'plan.json'), 'utf8')
    writeFileSync(
      join(cwd, 'plan.json'),
      text.replaceAll('ServerSideSync', 'None').replaceAll('"Approved"', '"Rejected"'),
    )

    const { code, stderr } = await mailkeelHere(['apply', 'plan.json', '--yes'], { cwd })

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('was changed after it was written')
    expect(crm.requests().writes).toBe(0)
  })
})

describe('guards and policy', () => {
  it('a plan that changes too many asks a person: 3, and apply writes nothing', async () => {
    const crm = await quickSimulator({ mailboxes: 20, mess: ['no-new-profile'] })
    const cwd = workspaceFor(crm)

    const planned = await mailkeelHere(['plan'], { cwd })
    const applied = await mailkeelHere(['apply', '--yes', '--wait'], { cwd })

    expect([planned.code, applied.code]).toEqual([EXIT.override, EXIT.override])
    expect(planned.stdout).toContain('mailkeel apply --yes --allow change')
    expect(applied.stdout).toContain('the limit is 30 %')
    expect(crm.requests().writes).toBe(0)
  })

  it('--allow passes the guard and the journal names who did', async () => {
    const crm = await quickSimulator({ mailboxes: 20, mess: ['no-new-profile'] })
    const cwd = workspaceFor(crm)

    const { code } = await mailkeelHere(['apply', '--yes', '--allow', 'change', '--wait', '60s'], { cwd })

    const journal = journalOf(cwd)
    expect(code).toBe(EXIT.inSync)
    expect(journal).toMatch(/"allowed":\[\{"guard":"change","by":"[^"]+@[^"]+"/)
  })

  it('a guard that does not exist is misuse', async () => {
    const crm = await quickSimulator()

    const { code, stderr } = await mailkeelHere(['plan', '--allow', 'chance-share'], { cwd: workspaceFor(crm) })

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('there are change, move, stop, unapprove, claim')
  })

  it('all mailboxes gone at once is a failed read: 4, and nobody can pass it', async () => {
    const crm = await quickSimulator({ mailboxes: 20, mess: ['none'] })
    const cwd = workspaceFor(crm)
    await mailkeelHere(['apply', '--yes', '--wait', '60s'], { cwd })
    crm.resetRequests()
    crm.faults.add({ kind: 'hide-rows', share: 1, times: 'always', match: { path: 'mailboxes' } })

    const planned = await mailkeelHere(['plan'], { cwd })
    const applied = await mailkeelHere(['apply', '--yes', '--allow', 'vanished'], { cwd })

    expect([planned.code, applied.code]).toEqual([EXIT.blocked, EXIT.blocked])
    expect(crm.requests().writes).toBe(0)
  })

  it('policy Observe shows what would be done, writes nothing and says why: 4', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm, { policy: 'Observe' })

    const { code, stdout, stderr } = await mailkeelHere(['apply', '--yes'], { cwd })

    expect(code).toBe(EXIT.blocked)
    expect(stdout).toContain('changes for')
    expect(stderr).toContain('the policy in')
    expect(crm.requests().writes).toBe(0)
  })

  it('without a terminal apply needs --yes', async () => {
    const crm = await quickSimulator()

    const { code, stderr } = await mailkeelHere(['apply'], { cwd: workspaceFor(crm) })

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('say --yes')
    expect(crm.requests().requests).toBe(0)
  })
})

describe('objects that fail or wait', () => {
  it('an address CRM does not know makes apply end with 6, and plan with 0', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm, { more: ['newcomer@contoso.com'] })

    const applied = await mailkeelHere(['apply', '--yes', '--wait', '60s'], { cwd })
    const planned = await mailkeelHere(['plan'], { cwd })

    expect([applied.code, planned.code]).toEqual([EXIT.partly, EXIT.inSync])
    expect(planned.stdout).toContain('newcomer@contoso.com: not in CRM yet')
  })

  it('a mailbox that fails its test makes apply --wait and status end with 6', async () => {
    const crm = await quickSimulator({ mess: ['no-new-profile', 'missing-in-exchange'] })
    const cwd = workspaceFor(crm)

    const applied = await mailkeelHere(['apply', '--yes', '--wait', '60s'], { cwd })
    const status = await mailkeelHere(['status'], { cwd })

    expect([applied.code, status.code]).toEqual([EXIT.partly, EXIT.partly])
    expect(status.stdout).toContain('Exchange has no mailbox')
  })

  it('a test that never ends makes apply --wait give up at its time, with 6', async () => {
    const crm = await quickSimulator({ mess: ['no-new-profile', 'never-picked-up'] })

    const { code, stderr } = await mailkeelHere(['apply', '--yes', '--wait', '2s'], { cwd: workspaceFor(crm) })

    expect(code).toBe(EXIT.partly)
    expect(stderr).toContain('Not all results are there after 2')
  })
})

describe('an account that may not do everything', () => {
  it('without the privilege to approve: what needs it is blocked (4), the rest is applied (6)', async () => {
    const crm = await quickSimulator({ authentication: 'bearer', mess: ['pending', 'old-profile'] })
    const cwd = workspaceFor(crm, { token: 'CRM_TOKEN' })
    const env = { CRM_TOKEN: 'simulator-limited' }

    const planned = await mailkeelHere(['plan'], { cwd, env })
    const applied = await mailkeelHere(['apply', '--yes'], { cwd, env })

    expect([planned.code, applied.code]).toEqual([EXIT.blocked, EXIT.partly])
    expect(planned.stdout).toMatch(/blocked .* lacks prvApproveRejectEmailAddress/)
    expect(applied.stdout).toContain('changes applied')
  })

  it('that may only read: plan works, apply writes nothing and says which right is missing', async () => {
    const crm = await quickSimulator({ authentication: 'bearer' })
    const cwd = workspaceFor(crm, { token: 'CRM_TOKEN' })
    const env = { CRM_TOKEN: 'simulator-reader' }

    const planned = await mailkeelHere(['plan'], { cwd, env })
    const applied = await mailkeelHere(['apply', '--yes'], { cwd, env })

    expect([planned.code, applied.code]).toEqual([EXIT.changes, EXIT.blocked])
    expect(applied.stdout).not.toContain('changes applied')
    expect(applied.stdout).toContain('lacks prvWrite')
    expect(crm.requests().writes).toBe(0)
  })

  it('at the address of another organization nothing is done', async () => {
    const crm = await quickSimulator({ organizationName: 'contoso-test' })
    const cwd = workspaceFor(crm)

    const { code, stdout } = await mailkeelHere(['apply', '--yes'], { cwd })

    expect(code).toBe(EXIT.blocked)
    expect(stdout).toContain('the organization behind this URL is contoso-test')
    expect(crm.requests().writes).toBe(0)
  })
})

describe('a spec or configuration that is not usable', () => {
  it.each(['plan', 'apply', 'status', 'validate'])(
    '%s ends with 65 for an invalid spec and names the place',
    async (verb) => {
      const crm = await quickSimulator()
      const cwd = workspaceFor(crm)
      writeFileSync(
        join(cwd, 'spec', 'profile.yaml'),
        'apiVersion: mailkeel/v1\nkind: EmailServerProfile\nmetadata: { name: exchange-online }\nspec:\n  displayNam: Exchange Online\n  serverType: ExchangeOnlineHybrid\n',
      )

      const { code, stdout, stderr } = await mailkeel(verb === 'apply' ? [verb, '--yes'] : [verb], { cwd })

      expect(code).toBe(EXIT.invalid)
      expect(stdout + stderr).toContain('spec/profile.yaml:5:3')
      expect(stdout + stderr).toContain('did you mean `displayName`?')
      expect(crm.requests().requests).toBe(0)
    },
  )

  it.each([
    { words: ['plan'], files: {}, says: 'mailkeel init', reason: 'there is no configuration' },
    {
      words: ['plan', '--config', 'other.yaml'],
      files: {},
      says: 'there is no file other.yaml',
      reason: 'a wrong name',
    },
    { words: ['plan', '--config', '.'], files: {}, says: 'is a folder', reason: 'a folder in place of a file' },
    { words: ['validate', 'nowhere'], files: {}, says: 'there is no folder', reason: 'no such folder' },
    {
      words: ['plan'],
      files: { 'mailkeel.yaml': 'apiVersion: mailkeel/v1\nkind: Configuration\nspec: { polcy: Observe }\n' },
      says: 'did you mean `policy`?',
      reason: 'a slip in the configuration',
    },
    {
      words: ['plan'],
      files: { 'mailkeel.yaml': 'apiVersion: mailkeel/v1\nkind: Configuration\nspec: { policy: Observe }\n' },
      says: 'the spec has no Organization',
      reason: 'nothing to work on',
    },
  ])('$words ends with 64 where $reason', async ({ words, files, says }) => {
    const { code, stderr } = await mailkeel(words, { cwd: directoryWith(files) })

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain(says)
  })

  it('an organization that nobody described, or that cannot be reached, is misuse', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm)
    const unknown = await mailkeelHere(['plan', '--organization', 'contoso'], { cwd })
    const text = readFileSync(join(cwd, 'mailkeel.yaml'), 'utf8')
    writeFileSync(join(cwd, 'mailkeel.yaml'), text.replace('contoso-sales: {', 'contoso-other: {'))
    const unreachable = await mailkeelHere(['plan'], { cwd })

    expect([unknown.code, unreachable.code]).toEqual([EXIT.usage, EXIT.usage])
    expect(unknown.stderr).toContain('it has contoso-sales')
    expect(unreachable.stderr).toContain('does not say how to reach contoso-sales')
  })
})

describe('init', () => {
  it('writes a spec that is valid, and never replaces a file', async () => {
    const cwd = directoryWith({})

    const first = await mailkeelHere(['init', 'new'], { cwd })
    const valid = await mailkeelHere(['validate'], { cwd: join(cwd, 'new') })
    const second = await mailkeelHere(['init', 'new'], { cwd })

    expect([first.code, valid.code, second.code]).toEqual([EXIT.inSync, EXIT.inSync, EXIT.usage])
    expect(first.stdout).toContain('cd new && mailkeel validate')
    expect(second.stderr).toContain('nothing was written')
  })
})

describe('schema', () => {
  it('lists the kinds and prints one', async () => {
    const [list, one, none] = await Promise.all([
      mailkeelHere(['schema']),
      mailkeelHere(['schema', 'MailboxSet']),
      mailkeelHere(['schema', 'Mailbox']),
    ])

    expect([list.code, one.code, none.code]).toEqual([EXIT.inSync, EXIT.inSync, EXIT.usage])
    expect(list.stdout).toContain('MailboxSet')
    expect(JSON.parse(one.stdout)).toMatchObject({ title: 'MailboxSet' })
    expect(none.stderr).toContain('there are Tenant')
  })
})

function journalOf(cwd: string): string {
  const folder = join(cwd, '.mailkeel', 'journal', 'organization', 'contoso-sales')
  const files = readdirSync(folder)
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('')
}
