import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { directoryWith } from '../cli/process.ts'
import { ROOT } from '../docker/image.ts'
import { needs } from '../setup/needs.ts'

needs('bash')('trying an image', () => {
  /** Runs the script with a docker that ends as told: `failing` is a piece of the command line that fails. */
  function tryImage(failing = 'run --config') {
    const folder = directoryWith({
      docker: `#!/bin/sh\necho "$*" >> "$CALLS"\ncase "$*" in *"${failing}"*) exit 64 ;; esac\n`,
    })
    chmodSync(join(folder, 'docker'), 0o755)
    const calls = join(folder, 'calls')
    const ran = spawnSync('bash', [join(ROOT, 'scripts/try-image.sh'), 'mailkeel:x', 'linux/arm64'], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH']}`, CALLS: calls },
    })
    return { status: ran.status, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [] }
  }

  it('runs it as it will run: read-only and without rights, on the platform asked for', () => {
    const { status, calls } = tryImage()

    expect(status).toBe(0)
    expect(calls.length).toBeGreaterThan(6)
    for (const call of calls) {
      expect(call).toMatch(/^run --rm --platform linux\/arm64 --read-only .*--cap-drop ALL .* mailkeel:x /)
    }
    expect(calls[0]).toMatch(/ mailkeel:x version$/)
    expect(calls[1]).toMatch(/\/examples\/quickstart:\/workspace:ro mailkeel:x validate$/)
  })

  it.each(['version', 'validate', 'command -v git', 'command -v ssh-keygen', 'id -u'])(
    'fails where %s fails',
    (piece) => {
      expect(tryImage(piece).status).not.toBe(0)
    },
  )

  it('fails where it runs without a configuration', () => {
    expect(tryImage('nothing of this').status).toBe(1)
  })
})
