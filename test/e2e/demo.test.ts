import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'

describe('the demo', () => {
  it('tells its story, ends well by itself and leaves nothing behind', { timeout: 120_000 }, async () => {
    const temporary = directoryWith({})

    const { code, stdout, stderr } = await mailkeel(['demo'], { env: { TMPDIR: temporary } })

    expect(code, stdout + stderr).toBe(EXIT.inSync)
    expect(stdout.match(/^\$ mailkeel .*$/gm)?.map((line) => line.replaceAll(/\d{4}/g, 'year'))).toEqual([
      '$ mailkeel cert create --subject CN=s2s-year --out certificates/s2s-year.pfx --password-file secrets/pfx-password',
      '$ mailkeel validate',
      '$ mailkeel plan',
      '$ mailkeel apply --yes --allow change',
      '$ mailkeel apply --yes --allow tenant-id --allow change --wait 120s',
      '$ mailkeel status',
      expect.stringMatching(/^\$ mailkeel explain \S+@contoso\.com$/),
      '$ mailkeel plan',
      '$ mailkeel cert create --subject CN=s2s-year --out certificates/s2s-year.pfx --password-file secrets/pfx-password',
      '$ mailkeel plan',
      '$ mailkeel apply --yes --wait 120s',
      '$ mailkeel apply --yes --wait 60s',
      '$ mailkeel plan',
    ])
    expect(stdout).toContain('Microsoft links no new tenant')
    expect(stdout).toContain('allowed tenant-id')
    expect(stdout).toContain('allowed change')
    expect(stdout).toMatch(/-\s+sha256: [0-9a-f]{64}\n\s+\+\s+name: s2s-\d{4}\n\s+\+\s+sha256: [0-9a-f]{64}/)
    expect(stdout).toContain('1 credential is removed from Entra ID')
    expect(stdout).toContain('All 4 keys and 3 names of others are still there')
    expect(stdout.match(/Nothing to do: exit code 0, \d+ requests to .*, 0 writes/g)).toHaveLength(2)
    expect(readdirSync(temporary)).toEqual([])
  })

  it('has nobody without a team where there are few people', async () => {
    const temporary = directoryWith({})

    const { stdout } = await mailkeel(['demo', '--mailboxes', '20'], {
      env: { TMPDIR: temporary },
      onOutput: (output, kill) => {
        if (output.includes('$ mailkeel plan')) kill('SIGINT')
      },
    })

    expect(stdout).toContain('11 files are valid')
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
