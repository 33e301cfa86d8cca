import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { needs } from '../setup/needs.ts'

describe('mailkeel run --demo', () => {
  needs('git')('with git', () => {
    it('says where the page is before anything else, connects, and leaves nothing behind', {
      timeout: 60_000,
    }, async () => {
      const temporary = directoryWith({})
      let asked = false

      const { code, stdout, stderr } = await mailkeel(['run', '--demo'], {
        env: { TMPDIR: temporary },
        onOutput(output, kill) {
          if (asked || !output.includes('contoso-sales: 10 changes made')) return
          asked = true
          kill('SIGINT')
        },
      })

      expect(code, stdout + stderr).toBe(EXIT.inSync)
      expect(stdout).toMatch(/^\nThe status page is at http:\/\/127\.0\.0\.1:\d+\/\n/)
      expect(stdout).toContain(`git clone ${temporary}/mailkeel-demo/mail.git`)
      expect(stdout).toMatch(/[0-9a-f]{7} is enforced now: Let the first pass through/)
      expect(stdout).toContain('trust contoso: 9 changes made')
      expect(readdirSync(temporary)).toEqual([])
    })

    it('that is interrupted before it runs leaves nothing behind', { timeout: 60_000 }, async () => {
      const temporary = directoryWith({})

      const { code } = await mailkeel(['run', '--demo'], {
        env: { TMPDIR: temporary },
        onTick: (kill) => {
          if (readdirSync(temporary).length > 0) kill('SIGINT')
        },
      })

      expect(code).toBe(EXIT.inSync)
      expect(readdirSync(temporary)).toEqual([])
    })

    it('takes another folder where the name is taken', { timeout: 60_000 }, async () => {
      const temporary = directoryWith({ 'mailkeel-demo/of-somebody-else': '' })

      const { stdout } = await mailkeel(['run', '--demo', '--log-level', 'info'], {
        env: { TMPDIR: temporary },
        onOutput: (output, kill) => {
          if (output.includes('"a revision is enforced"')) kill('SIGTERM')
        },
      })

      expect(stdout).toMatch(/git clone \S+\/mailkeel-demo-\w+\/mail\.git/)
      expect(readdirSync(temporary)).toEqual(['mailkeel-demo'])
    })
  })

  it('says so where git is missing, and leaves nothing behind', async () => {
    const temporary = directoryWith({})

    const { code, stderr } = await mailkeel(['run', '--demo'], { env: { TMPDIR: temporary, PATH: temporary } })

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('`mailkeel run --demo` needs git, which is not here')
    expect(readdirSync(temporary)).toEqual([])
  })

  it('takes no configuration of others', async () => {
    const { code, stderr } = await mailkeel(['run', '--demo', '--config', 'mailkeel.yaml'])

    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('--demo has a configuration of its own')
  })
})
