import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { parseDuration } from '../../src/spec/duration.ts'
import { DOCKERFILE, ROOT } from '../docker/image.ts'

const { mailkeel: service } = parse(readFileSync(join(ROOT, 'deploy/compose.yaml'), 'utf8')).services

describe('the container of compose', () => {
  it('is confined', () => {
    const user = DOCKERFILE.stages.at(-1)?.instructions.find(({ keyword }) => keyword === 'USER')?.text

    expect(service).toMatchObject({
      read_only: true,
      user,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    expect(service.privileged).toBeUndefined()
  })

  it('is reached from this machine only', () => {
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
  })

  it('mounts what the configuration names, and lets only the state be written', async () => {
    const loaded = await loadConfiguration(join(ROOT, 'deploy/compose/mailkeel.yaml'))
    const spec = loaded.ok ? loaded.configuration.spec : undefined

    expect(service.volumes).toEqual(['./compose:/etc/mailkeel:ro', `state:${spec?.stateDirectory}`])
    expect(spec?.policy).toBe('Observe')
    expect(service.ports.map((port: string) => Number(port.split(':').at(-1)))).toEqual([
      spec?.listener?.port,
      spec?.listener?.metrics?.port,
    ])
  })

  it('has time to end between two batches', async () => {
    const loaded = await loadConfiguration(join(ROOT, 'deploy/compose/mailkeel.yaml'))
    const shutdownMs = loaded.ok ? parseDuration(loaded.configuration.spec.loop.shutdownTimeout) : 0

    expect(parseDuration(service.stop_grace_period)).toBeGreaterThan(shutdownMs + 5000)
  })

  it('keeps its secrets out of git', () => {
    expect(readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n')).toContain('deploy/compose/secrets/')
  })
})
