import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'

describe('the demo', () => {
  it('tells its story, ends well by itself and leaves nothing behind', { timeout: 120_000 }, async () => {
    const temporary = directoryWith({})

    const { code, stdout, stderr } = await mailkeel(['demo'], { env: { TMPDIR: temporary } })

    expect(code, stderr).toBe(EXIT.inSync)
    expect(stdout.match(/^\$ mailkeel .*$/gm)).toEqual([
      '$ mailkeel validate',
      '$ mailkeel plan',
      '$ mailkeel apply --yes --allow change --wait 90s',
      '$ mailkeel status',
      '$ mailkeel plan',
    ])
    expect(stdout).toContain('allowed change')
    expect(stdout).toContain('failing')
    expect(stdout).toMatch(/Nothing to do: exit code 0, \d+ requests, 0 writes/)
    expect(readdirSync(temporary)).toEqual([])
  })

  it('stops on Ctrl-C, says so and leaves nothing behind', async () => {
    const temporary = directoryWith({})
    let stopped = false

    const { code, stderr } = await mailkeel(['demo', '--mailboxes', '40'], {
      env: { TMPDIR: temporary },
      onOutput(output, kill) {
        if (stopped || !output.includes('$ mailkeel plan')) return
        stopped = true
        kill('SIGINT')
      },
    })

    expect(code).toBe(EXIT.error)
    expect(stderr).toContain('the demo was interrupted')
    expect(readdirSync(temporary)).toEqual([])
  })
})
