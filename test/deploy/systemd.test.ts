import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { parseDuration } from '../../src/spec/duration.ts'
import { directoryWith } from '../cli/process.ts'
import { ROOT } from '../docker/image.ts'
import { needs } from '../setup/needs.ts'

const UNIT = readFileSync(join(ROOT, 'deploy/systemd/mailkeel.service'), 'utf8')

function settings(name: string): readonly string[] {
  return [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value)
}

describe('the service', () => {
  it('runs with the configuration that lies beside it, and hands over every secret that it names', async () => {
    const loaded = await loadConfiguration(join(ROOT, 'deploy/systemd/mailkeel.yaml'))
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const { spec } = loaded.configuration
    const files = [...JSON.stringify(spec).matchAll(/"file":"([^"]+)"/g)].map(([, file]) => file)

    expect(settings('ExecStart')).toEqual([
      '/usr/bin/node /opt/mailkeel/dist/main.js run --config /etc/mailkeel/mailkeel.yaml',
    ])
    expect(files).toEqual(
      settings('LoadCredential').map((one) => `/run/credentials/mailkeel.service/${one.split(':')[0]}`),
    )
    expect(spec.stateDirectory).toBe(`/var/lib/${settings('StateDirectory')[0]}`)
    expect(spec.policy).toBe('Observe')
    expect(Number(settings('TimeoutStopSec')[0]) * 1000).toBeGreaterThan(
      parseDuration(spec.loop.shutdownTimeout) + 5000,
    )
  })

  it('does not start again and again with a mistake', () => {
    expect(settings('Restart')).toEqual(['on-failure'])
    expect(settings('RestartPreventExitStatus')).toEqual([`${EXIT.usage} ${EXIT.invalid}`])
  })
})

needs('systemd-analyze')('systemd', () => {
  function analyze(...args: readonly string[]) {
    // The program of the unit is not installed here.
    const folder = directoryWith({ 'mailkeel.service': UNIT.replace('/usr/bin/node', '/bin/true') })
    const ran = spawnSync('systemd-analyze', [...args, join(folder, 'mailkeel.service')], { encoding: 'utf8' })
    return { status: ran.status, output: `${ran.stdout}${ran.stderr}` }
  }

  it('takes the unit without a complaint', () => {
    expect(analyze('verify')).toEqual({ status: 0, output: '' })
  })

  it('finds it well confined', () => {
    const { status, output } = analyze('security', '--offline=true', '--threshold=15')

    expect(status, output).toBe(0)
  })
})
