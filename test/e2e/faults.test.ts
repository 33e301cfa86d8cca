import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import type { FaultRule } from '../../src/simulator/index.ts'
import { mailkeel } from '../cli/process.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { quickSimulator, workspaceFor } from './workspace.ts'

const IMPATIENT = '  network: { totalTimeout: 1s, requestTimeout: 1s }\n'
const ALWAYS = { times: 'always' } as const
const MAILBOXES = { match: { path: 'mailboxes' }, ...ALWAYS }

describe('a server that cannot be believed', () => {
  it.each<{ fault: FaultRule; reason: string }>([
    { fault: { kind: 'status', status: 429, retryAfter: 0.1, ...ALWAYS }, reason: 'throttles everything' },
    { fault: { kind: 'status', status: 503, body: 'html', ...MAILBOXES }, reason: 'is unavailable for one set' },
    { fault: { kind: 'html', page: 'sign-in', ...ALWAYS }, reason: 'answers with a sign-in page' },
    { fault: { kind: 'truncated-body', ...MAILBOXES }, reason: 'ends bodies in the middle, with the right length' },
    { fault: { kind: 'half-body', ...MAILBOXES }, reason: 'closes the connection in the middle of bodies' },
    { fault: { kind: 'reset', ...MAILBOXES }, reason: 'resets connections' },
    { fault: { kind: 'no-answer', ...MAILBOXES }, reason: 'never answers' },
    { fault: { kind: 'empty-body', ...MAILBOXES }, reason: 'answers 200 with nothing' },
  ])('that $reason: apply ends with 5 and nothing is written', async ({ fault }) => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm, { configuration: IMPATIENT })
    crm.faults.add(fault)

    const { code, stdout } = await mailkeel(['apply', '--yes'], { cwd })

    expect(code).toBe(EXIT.unknown)
    expect(stdout).toContain('unknown')
    expect(crm.requests().writes).toBe(0)
  })

  it('that throttles everything: plan and status end with 5 too, and call nothing in sync or failing', async () => {
    const crm = await quickSimulator()
    const cwd = workspaceFor(crm, { configuration: IMPATIENT })
    crm.faults.add({ kind: 'status', status: 429, retryAfter: 0.1, ...ALWAYS })

    const [planned, status] = await Promise.all([mailkeel(['plan'], { cwd }), mailkeel(['status'], { cwd })])

    expect([planned.code, status.code]).toEqual([EXIT.unknown, EXIT.unknown])
    expect(planned.stdout + status.stdout).not.toMatch(/in sync|healthy, \d+ fail/)
  })

  it('that repeats a row on the next page is not believed: 5, and nothing is written', async () => {
    const crm = await quickSimulator({ maxPageSize: 3 })
    const cwd = workspaceFor(crm)
    crm.faults.add({ kind: 'duplicate-row', ...MAILBOXES })

    const { code } = await mailkeel(['apply', '--yes'], { cwd })

    expect(code).toBe(EXIT.unknown)
    expect(crm.requests().writes).toBe(0)
  })

  it('that says 204 and changes nothing is found out: 6, and nothing is called applied', async () => {
    const crm = await quickSimulator({ mess: ['pending'] })
    const cwd = workspaceFor(crm)
    crm.faults.add({ kind: 'lying-write', match: { operation: 'any' }, ...ALWAYS })

    const { code, stdout } = await mailkeel(['apply', '--yes', '--only', 'approval'], { cwd })

    expect(code).toBe(EXIT.partly)
    expect(stdout).toContain('0 of ')
    expect(stdout).toContain('did not take effect')
  })

  it('that is mended meanwhile is taken up again by apply --wait', async () => {
    const crm = await quickSimulator({ mess: ['pending', 'untested'] })
    const cwd = workspaceFor(crm)
    crm.faults.add({ kind: 'status', status: 503, times: 2, match: { path: 'mailboxes' } })

    const { code } = await mailkeel(['apply', '--yes', '--wait', '20s'], { cwd })

    expect(code).toBe(EXIT.inSync)
  })
})

describe('a secret', () => {
  it('A21: a bearer token appears in no output, journal, memory or plan file, whatever goes wrong', async () => {
    const crm = await quickSimulator({
      authentication: 'bearer',
      mess: ['old-profile', 'pending', 'missing-in-exchange', 'hostile-names'],
      callers: (authorization) => (authorization === `Bearer ${CANARY_SECRET}` ? adminOf() : undefined),
    })
    const adminOf = () => crm.world.callers.admin
    const cwd = workspaceFor(crm, {
      token: 'CRM_TOKEN',
      configuration: IMPATIENT,
      keep: (address) => /^[\w.]+@/.test(address),
    })
    const env = { CRM_TOKEN: CANARY_SECRET, MAILKEEL_DEBUG: '1' }
    const said: string[] = []
    const run = async (...words: string[]) => {
      const { stdout, stderr } = await mailkeel(words, { cwd, env })
      said.push(stdout, stderr)
    }

    await run('plan', '--details', '--out', 'plan.json')
    await run('plan', '--output', 'json')
    await run('apply', '--yes', '--wait', '2s', '--output', 'markdown')
    await run('status', '--output', 'json')
    crm.faults.add({ kind: 'expired-token', ...ALWAYS })
    await run('plan')
    await run('apply', '--yes')
    crm.faults.clear()
    crm.faults.add({ kind: 'redirect', ...ALWAYS })
    await run('status')

    const everything = [...said, ...filesBelow(cwd)].join('\n')
    expect(everything).toContain('healthy')
    expect(everything).not.toContain(CANARY_SECRET)
    expect(everything).not.toContain(Buffer.from(CANARY_SECRET).toString('base64').slice(0, 16))
  })

  it('that is missing is named by where it should be, with exit code 64', async () => {
    const crm = await quickSimulator()

    const { code, stderr } = await mailkeel(['plan'], { cwd: workspaceFor(crm, { token: 'CRM_TOKEN' }) })

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('the token of identity crm: the environment variable CRM_TOKEN is not set')
  })
})

describe('hostile names', () => {
  it('A24, A25: reach no terminal and no Markdown as anything but letters', async () => {
    const crm = await quickSimulator({ mailboxes: 12, mess: ['hostile-names', 'no-new-profile'] })
    const cwd = workspaceFor(crm, { keep: (address) => /^[\w.]+@/.test(address) })

    const outputs = await Promise.all(
      [['plan', '--details'], ['plan', '--output', 'markdown'], ['plan', '--output', 'json'], ['status']].map((words) =>
        mailkeel(words, { cwd }),
      ),
    )

    for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  })
})

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}
