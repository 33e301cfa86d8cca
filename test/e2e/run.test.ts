import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { directoryWith, mailkeel, simulator } from '../cli/process.ts'
import { documentOf } from '../stack/spec.ts'
import { organizationDocuments } from '../stack/trust-workspace.ts'

it('mailkeel run applies what lies in a folder, takes what is saved there, and ends when it is asked', async () => {
  const running = await simulator({ mailboxes: 2, queues: 0, mess: ['none'] })
  const configuration = documentOf('Configuration', undefined, {
    source: { directory: 'spec' },
    policy: 'Enforce',
    listener: { port: 0 },
    identities: { crm: { type: 'None' } },
    organizations: { 'contoso-sales': { url: running.url, reading: 'crm' } },
  })
  const spec = organizationDocuments('contoso-sales', running)
  const cwd = directoryWith({ 'mailkeel.yaml': configuration, 'spec/sales.yaml': spec })
  const seen: string[] = []

  const ended = await mailkeel(['run'], {
    cwd,
    onOutput(output, kill) {
      const passes = output.split('\n').filter((line) => line.includes('"a pass is over"')).length
      if (passes >= 1 && seen.length === 0) {
        seen.push('applied')
        writeFileSync(join(cwd, 'spec', 'bad.yaml'), 'nothing: here\n')
      }
      if (output.includes('"a revision is refused"') && seen.length === 1) {
        seen.push('refused')
        kill('SIGTERM')
      }
    },
  })

  expect({ ...ended, seen }).toMatchObject({ code: 0, stderr: '', seen: ['applied', 'refused'] })
  expect(running.requests().writes).toBeGreaterThan(0)
  expect(existsSync(join(cwd, '.mailkeel', 'lock'))).toBe(false)
  for (const line of ended.stdout.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
})
