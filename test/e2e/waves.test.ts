import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { quickSimulator } from './workspace.ts'

const EXAMPLE = fileURLToPath(new URL('../../examples/waves', import.meta.url))
const ANN = 'ann@contoso.com'

describe('a rollout from the command line', () => {
  it('stops at its canary, goes on when a person says so, and ends with exit code 6 until all of it works', async () => {
    const crm = await quickSimulator({ mailboxes: 8, queues: 1, mess: ['old-profile', 'no-new-profile'] })
    crm.setTruth(ANN, { unlicensed: true })
    const cwd = directoryWith({})
    cpSync(EXAMPLE, cwd, { recursive: true })
    const configuration = join(cwd, 'mailkeel.yaml')
    const text = readFileSync(configuration, 'utf8')
    writeFileSync(configuration, text.replace('http://127.0.0.1:8080/contoso-sales', crm.url))

    const stopped = await mailkeel(['apply', '--yes', '--wait', '60s'], { cwd })
    rmSync(join(cwd, '.mailkeel', 'memory'), { recursive: true })
    crm.resetRequests()
    const still = await mailkeel(['apply', '--yes', '--wait', '60s'], { cwd })
    const writes = crm.requests().writes
    const gone = await mailkeel(['apply', '--yes', '--allow', 'rollout', '--wait', '60s'], { cwd })
    const again = await mailkeel(['plan'], { cwd })

    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(EXIT.partly)
    expect(stopped.stdout).toContain(
      '7 mailboxes wait: stopped at the canary of the set "people": 1 of 1 mailbox failed (100 %',
    )
    expect(stopped.stdout.replaceAll(/\s+/g, ' ')).toContain('go on all the same with `mailkeel apply --allow rollout`')
    expect(stopped.stdout).toContain('people at the canary since')
    expect([still.code, writes]).toEqual([EXIT.partly, 0])
    expect(gone.code, gone.stdout + gone.stderr).toBe(EXIT.partly)
    expect(gone.stdout).toContain('8 of 9 mailboxes healthy, 1 fails')
    expect(again.code, again.stdout).toBe(EXIT.inSync)
  }, 120_000)
})
