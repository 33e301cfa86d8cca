import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { mailkeelHere } from '../cli/in-process.ts'
import { mailkeel } from '../cli/process.ts'
import { membersOf, quickSimulator, type WorkspaceOptions, workspaceFor } from './workspace.ts'

const SCHEMA = JSON.parse(readFileSync(new URL('../../docs/reference/report.schema.json', import.meta.url), 'utf8'))
const isReport = new Ajv2020({ strict: false }).compile(SCHEMA)

/** An organization in which everything works; `ann` and `bob` are managed, `stranger` is not. */
async function inOrder(options: WorkspaceOptions = {}) {
  const crm = await quickSimulator({ mess: ['none'] })
  const people = membersOf(crm).filter(({ isQueue }) => !isQueue)
  const [ann = '', bob = '', stranger = ''] = people.map(({ address }) => address)
  const cwd = workspaceFor(crm, { keep: (address) => address !== stranger, ...options })
  const run = (...words: string[]) => mailkeelHere(words, { cwd })
  const runProcess = (...words: string[]) => mailkeel(words, { cwd })
  return { crm, cwd, run, runProcess, ann, bob, stranger }
}

describe('explain', () => {
  it('tells a mailbox that fails, one that works, one nobody prepared and one that is not there; it never writes', async () => {
    const { crm, run, runProcess, ann, bob, stranger } = await inOrder()
    crm.setTruth(ann, { exchangeAddress: null })
    const tested = await run('test', ann, '--yes', '--wait', '60s')
    crm.resetRequests()

    const [failing, healthy, unmanaged, absent, json] = await Promise.all([
      runProcess('explain', ann),
      run('explain', bob),
      run('explain', stranger),
      run('explain', `x${stranger}`),
      run('explain', ann, '--output', 'json'),
    ])

    expect(tested.code, tested.stderr).toBe(EXIT.partly)
    expect(tested.stdout).toContain('Exchange has no mailbox')
    expect([failing.code, healthy.code, unmanaged.code, absent.code]).toEqual([6, 0, 0, 6])
    expect(failing.stdout).toMatch(/^\S+ does not work: .*Exchange has no mailbox/)
    expect(failing.stdout).toContain('← broken here')
    expect(unmanaged.stdout).toContain('works, and is not managed')
    expect(absent.stdout).toContain(`Did you mean ${stranger}?`)
    expect(isReport(JSON.parse(json.stdout)), JSON.stringify(isReport.errors)).toBe(true)
    expect(crm.requests().writes).toBe(0)
  })

  it('tells why nothing happens', async () => {
    const { run } = await inOrder({ policy: 'Observe' })

    const { code, stdout } = await run('explain')

    expect(code).toBe(EXIT.blocked)
    expect(stdout).toMatch(/policy .*← broken here/)
    expect(stdout).toContain('mailkeel has written nothing here so far')
  })

  it('a word that names nothing is misuse, with what it may be a slip of, and nothing is read', async () => {
    const { crm, run } = await inOrder()

    const { code, stderr } = await run('explain', 'everbody')

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('did you mean `everybody`?')
    expect(crm.requests().requests).toBe(0)
  })

  it('where CRM cannot be read it says so: 5', async () => {
    const { crm, run, ann } = await inOrder({ configuration: '  network: { totalTimeout: 1s, requestTimeout: 1s }\n' })
    await crm.close()

    const [told, stranger] = await Promise.all([run('explain', ann), run('explain', 'x@contoso.com')])

    expect([told.code, stranger.code]).toEqual([EXIT.unknown, EXIT.unknown])
    expect(told.stdout).toContain('it could not be read')
  })
})

describe('test', () => {
  it('asks for tests and corrects nothing else, also not of the mailboxes it tests', async () => {
    const { crm, run, ann } = await inOrder()
    const drifted = crm.drift('method', 20)
    const methods = () => drifted.map((id) => crm.world.rows('mailbox').get(id)?.['incomingemaildeliverymethod'])
    const before = methods()
    crm.resetRequests()

    const { code, stdout } = await run('test', '--set', 'everybody', '--yes', '--wait', '60s')

    expect([EXIT.inSync, EXIT.partly]).toContain(code)
    expect(stdout).toContain('are tested')
    expect(drifted.length).toBeGreaterThan(0)
    expect(methods()).toEqual(before)
    expect(crm.requests().writes).toBeGreaterThan(0)
    const again = await run('test', ann, '--yes', '--output', 'json')
    expect(isReport(JSON.parse(again.stdout)), JSON.stringify(isReport.errors)).toBe(true)
  })

  it.each([
    {
      words: (stranger: string) => ['test', stranger, '--yes'],
      says: 'is not in the spec',
      reason: 'it is not managed',
    },
    { words: () => ['test', '--yes'], says: 'say what to test', reason: 'nothing was selected' },
    { words: () => ['test', '--set', 'everbody', '--yes'], says: 'did you mean', reason: 'there is no such set' },
    { words: () => ['test', '--set', 'everybody'], says: '--yes', reason: 'there is nobody to ask' },
  ])('is misuse where $reason, and nothing is written', async ({ words, says }) => {
    const { crm, run, stranger } = await inOrder()

    const { code, stderr } = await run(...words(stranger))

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain(says)
    expect(crm.requests().writes).toBe(0)
  })

  it('beside a rollout that has taken every place says that it could not ask, and with --wait asks when there is one', async () => {
    const crm = await quickSimulator({ mess: ['old-profile'] })
    const people = membersOf(crm).filter(({ isQueue }) => !isQueue)
    const [ann = '', bob = ''] = people.map(({ address }) => address)
    const cwd = workspaceFor(crm, { configuration: '  tests: { maximumInFlight: 1 }\n  rollout: { waves: [50] }\n' })
    crm.world.setConditions({ asynchronousService: false })
    await mailkeel(['apply', '--yes', '--allow', 'change'], { cwd })
    crm.resetRequests()

    const beside = await mailkeel(['test', bob, '--yes'], { cwd })
    const writes = crm.requests().writes
    crm.world.setConditions({ asynchronousService: true })
    const waited = await mailkeel(['test', ann, bob, '--yes', '--wait', '30s'], { cwd })

    expect([beside.code, writes], beside.stderr).toEqual([EXIT.partly, 0])
    expect(beside.stderr).toContain('1 test could not be asked for yet')
    expect(beside.stderr).not.toContain('The results come by themselves')
    expect(waited.stdout).toContain('2 of 2 mailboxes work')
    expect(waited.stderr).not.toContain('could not be asked for')
    expect(crm.requests().writes).toBeGreaterThan(0)
  })

  it('writes nothing where the policy is Observe', async () => {
    const { crm, run, ann } = await inOrder({ policy: 'Observe' })

    const { code, stderr } = await run('test', ann, '--yes')

    expect(code).toBe(EXIT.blocked)
    expect(stderr).toContain('the policy in')
    expect(crm.requests().writes).toBe(0)
  })
})

describe('history', () => {
  it('tells after a kill what was under way, without CRM and without secrets', async () => {
    const crm = await quickSimulator({ mailboxes: 40, queues: 0, mess: ['no-new-profile'], latencyMs: 30 })
    const cwd = workspaceFor(crm)
    let killed = false
    await mailkeel(['apply', '--yes', '--allow', 'change'], {
      cwd,
      onTick: (kill) => {
        if (killed || crm.requests().writes < 2) return
        killed = true
        kill('SIGKILL')
      },
    })
    await crm.close()
    const file = join(cwd, 'mailkeel.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('{ type: None }', '{ type: Bearer, token: { env: NOT_THERE } }'))

    const [told, json] = await Promise.all([
      mailkeelHere(['history'], { cwd }),
      mailkeelHere(['history', '--output', 'json'], { cwd }),
    ])

    expect([told.code, json.code]).toEqual([0, 0])
    expect(told.stdout).toContain('cut off before its end')
    expect(told.stdout).toMatch(/cut off, not looked up yet/)
    expect(isReport(JSON.parse(json.stdout)), JSON.stringify(isReport.errors)).toBe(true)
  })

  it('of one address: what was changed, from what to what, where it is asked for', async () => {
    const crm = await quickSimulator({ mess: ['old-profile'] })
    const cwd = workspaceFor(crm)
    await mailkeelHere(['apply', '--yes', '--allow', 'change', '--wait', '60s'], { cwd })
    const [{ address = '' } = {}] = membersOf(crm)
    const all = await mailkeelHere(['history', '--output', 'json'], { cwd })
    const changes = JSON.parse(all.stdout).passes.flatMap(
      (pass: { changes: { key: string; kind: string }[] }) => pass.changes,
    )
    const key: string = changes.find(({ kind }: { kind: string }) => kind === 'Mailbox')?.key ?? address

    const { stdout } = await mailkeelHere(['history', key.toUpperCase()], { cwd })

    expect(stdout).toMatch(/applied +\S+ /)
    expect(stdout).toContain('everybody.yaml:')
    expect(stdout.match(/@contoso\.com/gi)).toHaveLength(1)
  })
})
