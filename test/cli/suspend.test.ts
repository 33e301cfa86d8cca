import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { directoryWith, mailkeel } from './process.ts'

const organization = (name: string) =>
  `apiVersion: mailkeel/v1\nkind: Organization\nmetadata: { name: ${name} }\nspec:\n  uniqueName: ${name}\n  environment: Production\n`
const set = (members: string) =>
  `apiVersion: mailkeel/v1\nkind: MailboxSet\nmetadata: { name: sales }\nspec:\n  incoming: None\n  mailboxes:\n${members}`

const ONE = { 'organization.yaml': organization('one'), 'sales.yaml': set('    - ann@contoso.com # her\n') }
const TWO = {
  'one/organization.yaml': organization('one'),
  'one/sales.yaml': set('    - ann@contoso.com\n'),
  'two/organization.yaml': organization('two'),
  'two/sales.yaml': set('    - ann@contoso.com\n    - eve@contoso.com\n'),
}
const WHY = ['--reason', 'moves house', '--until', '2099-12-01', '--owner', 'ann']

describe('mailkeel suspend and resume', () => {
  it('write the spec, show what changed, and leave nothing behind when both were done', async () => {
    const cwd = directoryWith(ONE)

    const suspended = await mailkeel(['suspend', 'Ann@contoso.com', ...WHY], { cwd })
    const written = readFileSync(join(cwd, 'sales.yaml'), 'utf8')
    const again = await mailkeel(['suspend', 'ann@contoso.com', ...WHY], { cwd })
    const resumed = await mailkeel(['resume', 'ann@contoso.com'], { cwd })

    expect(written).toContain(
      '    - { address: ann@contoso.com, suspend: { owner: ann, reason: moves house, until: 2099-12-01 } } # her\n',
    )
    expect(suspended).toMatchObject({ code: EXIT.inSync, stderr: '' })
    expect(suspended.stdout).toContain('-     - ann@contoso.com # her\n+     - { address: ann@contoso.com, suspend:')
    expect(suspended.stdout).toContain(
      'ann@contoso.com is suspended until 2099-12-01 by ann: moves house\nReview and commit',
    )
    expect(again.stdout).toBe('ann@contoso.com is already suspended until 2099-12-01 by ann: moves house\n')
    expect(resumed.stdout).toContain('ann@contoso.com is not suspended any more')
    expect(readFileSync(join(cwd, 'sales.yaml'), 'utf8')).toBe(ONE['sales.yaml'])
  })

  it('with --dry-run show and do not write', async () => {
    const cwd = directoryWith(ONE)

    const { code, stdout } = await mailkeel(['suspend', 'sales', ...WHY, '--dry-run'], { cwd })

    expect(code).toBe(EXIT.changes)
    expect(stdout).toContain('+   suspend: { owner: ann, reason: moves house, until: 2099-12-01 }')
    expect(stdout).toContain('the set "sales" would be suspended')
    expect(readFileSync(join(cwd, 'sales.yaml'), 'utf8')).toBe(ONE['sales.yaml'])
  })

  it('suspend a whole organization where no set has that name', async () => {
    const cwd = directoryWith(ONE)

    await mailkeel(['suspend', 'one', ...WHY], { cwd })
    const { code } = await mailkeel(['validate'], { cwd })

    expect(code).toBe(EXIT.inSync)
    expect(readFileSync(join(cwd, 'organization.yaml'), 'utf8')).toMatch(/\n {2}suspend: \{ owner: ann, .* \}\n$/)
  })

  it('take the one organization that is named', async () => {
    const cwd = directoryWith(TWO)

    const unclear = await mailkeel(['suspend', 'ann@contoso.com', ...WHY], { cwd })
    const { code } = await mailkeel(['suspend', 'ann@contoso.com', ...WHY, '--organization', 'two'], { cwd })

    expect(unclear.code).toBe(EXIT.usage)
    expect(unclear.stderr).toContain('is in one and two; say which by --organization one')
    expect(code).toBe(EXIT.inSync)
    expect(readFileSync(join(cwd, 'one/sales.yaml'), 'utf8')).toBe(TWO['one/sales.yaml'])
    expect(readFileSync(join(cwd, 'two/sales.yaml'), 'utf8')).toContain('suspend')
  })

  it('say where else a mailbox is held', async () => {
    const cwd = directoryWith(ONE)
    await mailkeel(['suspend', 'sales', ...WHY], { cwd })

    const { code, stderr } = await mailkeel(['resume', 'ann@contoso.com'], { cwd })

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('ann@contoso.com is not suspended itself; the set "sales" is, until 2099-12-01')
  })

  it('do not touch a spec that has problems', async () => {
    const broken = `${ONE['sales.yaml']}    - ann@contoso.com\n`
    const cwd = directoryWith({ ...ONE, 'sales.yaml': broken })

    const { code, stderr } = await mailkeel(['suspend', 'ann@contoso.com', ...WHY], { cwd })

    expect(code).toBe(EXIT.invalid)
    expect(stderr).toContain('sales.yaml:8:7')
    expect(readFileSync(join(cwd, 'sales.yaml'), 'utf8')).toBe(broken)
  })

  it.each([
    { words: ['suspend', 'ann@contoso.com', '--until', '3d'], says: 'a suspension needs --reason' },
    { words: ['suspend', 'ann@contoso.com', '--reason', 'x'], says: 'a suspension needs --until' },
    { words: ['suspend', 'anm@contoso.com', ...WHY], says: 'did you mean `ann@contoso.com`?' },
    { words: ['suspend', 'ann@contoso.com', ...WHY, '--reason', 'a\u001b[31mb'], says: '--reason holds a character' },
    { words: ['suspend', 'ann@contoso.com', ...WHY, '--reason', 'a\nb'], says: '--reason holds a character' },
    { words: ['suspend', 'ann@contoso.com', ...WHY, '--owner', 'a\u202eb'], says: '--owner holds a character' },
    { words: ['suspend', 'ann@contoso.com', ...WHY, '--reason', 'x'.repeat(501)], says: 'at most 500 fit' },
    { words: ['suspend', 'ann@contoso.com', ...WHY, '--owner', 'x'.repeat(201)], says: 'at most 200 fit' },
  ])('$words is misuse: $says', async ({ words, says }) => {
    const cwd = directoryWith(ONE)

    const { code, stdout, stderr } = await mailkeel(words, { cwd })

    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    expect(stderr).toContain(says)
    expect(readFileSync(join(cwd, 'sales.yaml'), 'utf8')).toBe(ONE['sales.yaml'])
  })

  it('keep a reason that looks like YAML a reason', async () => {
    const cwd = directoryWith(ONE)
    const reason = `}, policy: Observe # "it's" \\`

    await mailkeel(['suspend', 'sales', ...WHY, '--reason', reason], { cwd })
    const { code, stdout } = await mailkeel(['resume', 'sales', '--dry-run'], { cwd })

    expect(code).toBe(EXIT.changes)
    expect(stdout).toContain(`reason: ${JSON.stringify(reason)}`)
  })

  it('work in a spec that another file makes large', async () => {
    const members = Array.from({ length: 3000 }, (_, index) => `    - user${index}@contoso.com\n`).join('')
    const cwd = directoryWith(ONE)
    writeFileSync(join(cwd, 'sales.yaml'), set(members))

    const { code, stdout } = await mailkeel(['suspend', 'user2999@contoso.com', ...WHY], { cwd })

    expect(code).toBe(EXIT.inSync)
    expect(stdout).toContain('@@ sales.yaml:3006')
  })
})
