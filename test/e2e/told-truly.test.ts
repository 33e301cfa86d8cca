import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { quickSimulator, workspaceFor } from './workspace.ts'

describe('what people are told', () => {
  it('an apply that a guard stops says that nothing was written', async () => {
    const crm = await quickSimulator({ mailboxes: 20, mess: ['no-new-profile'] })

    const { code, stderr } = await mailkeel(['apply', '--yes'], { cwd: workspaceFor(crm) })

    expect(code).toBe(EXIT.override)
    expect(stderr).toContain(
      'Nothing was written: a guard asks. If it is meant: `mailkeel apply --yes --allow change`.',
    )
  })

  it('under policy Observe a plan does not offer to apply', async () => {
    const crm = await quickSimulator()

    const { stdout } = await mailkeel(['plan'], { cwd: workspaceFor(crm, { policy: 'Observe' }) })

    expect(stdout).not.toContain('mailkeel apply')
    expect(stdout).toContain('the policy is Observe')
  })

  it('a connection that fails is told once, with what of the configuration to look at', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm, { configuration: '  network: { totalTimeout: 1s, requestTimeout: 1s }\n' })
    await crm.close()

    const { code, stdout } = await mailkeel(['status'], { cwd })

    expect(code).toBe(EXIT.unknown)
    expect(stdout.match(/could not be read completely/g)).toHaveLength(1)
    expect(stdout.replace(/\s+/g, ' ')).toContain('Check `organizations.contoso-sales.url`')
    expect(stdout).not.toContain('0 of')
  })

  it('members that left a set with onRelease: Stop are stopped with --previous, and told of without', async () => {
    const crm = await quickSimulator({ mess: ['none'] })
    const cwd = workspaceFor(crm)
    const file = join(cwd, 'spec/everybody.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('spec:\n', 'spec:\n  onRelease: Stop\n'))
    cpSync(join(cwd, 'spec'), join(cwd, 'before'), { recursive: true })
    const text = readFileSync(file, 'utf8')
    const gone = /^ {4}- ([\w.-]+@\S+)\n/m.exec(text)
    writeFileSync(file, text.replace(gone?.[0] ?? 'none', ''))

    const without = await mailkeel(['plan'], { cwd })
    const told = await mailkeel(['plan', '--previous', 'before', '--output', 'json'], { cwd })

    const [{ plan, notices }] = JSON.parse(told.stdout).organizations
    const stopped = plan.steps
      .flatMap((step: { changes: { key: string; effects: string[] }[] }) => step.changes)
      .filter(({ effects }: { effects: string[] }) => effects.includes('stop'))
    expect(without.stdout.replace(/\s+/g, ' ')).toContain('only stopped with --previous')
    expect(stopped.map(({ key }: { key: string }) => key)).toEqual([gone?.[1]])
    expect(notices).toEqual([])
  })

  it('an account that may only read is told of while it is only planned', async () => {
    const crm = await quickSimulator({ authentication: 'bearer' })
    const cwd = workspaceFor(crm, { token: 'CRM_TOKEN' })

    const { stdout } = await mailkeel(['plan'], { cwd, env: { CRM_TOKEN: 'simulator-reader' } })

    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain('the account may write nothing, it lacks prvWriteMailbox')
    expect(text).toContain('the account may write nothing: apply would be refused')
    expect(text).not.toContain('mailkeel apply')
  })

  it('a trust that nobody says how to reach is told as such', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm)
    const tenant =
      'apiVersion: mailkeel/v1\nkind: Tenant\nmetadata: { name: contoso }\nspec: { tenantId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11 }\n'
    writeFileSync(join(cwd, 'spec/tenant.yaml'), tenant)

    const { stdout } = await mailkeel(['plan', '--output', 'markdown'], { cwd })

    expect(stdout).toContain(
      '**note**: mailkeel.yaml does not say how to sign in to tenant contoso, so its trust is neither checked nor written',
    )
  })
})

describe('validate', () => {
  it('counts a configuration inside the folder of the spec once, and ends as plan does where it is broken', async () => {
    const cwd = directoryWith({})
    const first = await mailkeel(['init'], { cwd })
    const valid = await mailkeel(['validate'], { cwd })
    const again = await mailkeel(['init'], { cwd })
    writeFileSync(
      join(cwd, 'mailkeel.yaml'),
      'apiVersion: mailkeel/v1\nkind: Configuration\nspec: { polic: Observe }\n',
    )
    const broken = await mailkeel(['validate'], { cwd })
    const planned = await mailkeel(['plan'], { cwd })

    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('.mailkeel/\n')
    expect(first.stdout).toContain('.schema/')
    expect(valid.stdout).toBe('4 files are valid\n')
    expect([again.code, broken.code, planned.code]).toEqual([EXIT.usage, EXIT.usage, EXIT.usage])
    expect(again.stderr).toContain('there is a spec here already')
  })
})
