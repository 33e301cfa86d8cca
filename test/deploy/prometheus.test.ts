import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { createMetrics } from '../../src/daemon/metrics/metrics.ts'
import { directoryWith } from '../cli/process.ts'
import { board, clock, report, standing } from '../daemon/metrics/standings.ts'
import { ROOT } from '../docker/image.ts'
import { conditions } from '../report/samples.ts'
import { needs } from '../setup/needs.ts'

const FOLDER = join(ROOT, 'deploy/prometheus')

function promtool(args: readonly string[], input = '') {
  const ran = spawnSync('promtool', args, { encoding: 'utf8', input })
  return { status: ran.status, output: `${ran.stdout}${ran.stderr}` }
}

needs('promtool')('Prometheus', () => {
  it('takes the rules', () => {
    expect(promtool(['check', 'rules', join(FOLDER, 'rules.yaml')])).toMatchObject({ status: 0 })
  })

  it('fires every alert when it should, and no other', () => {
    const { status, output } = promtool(['test', 'rules', join(FOLDER, 'rules.test.yaml')])

    expect(output).toContain('SUCCESS')
    expect(status).toBe(0)
  })

  it('would notice a rule whose limit moved', () => {
    const rules = readFileSync(join(FOLDER, 'rules.yaml'), 'utf8')
    const tests = parse(readFileSync(join(FOLDER, 'rules.test.yaml'), 'utf8'))
    const ofRunway = tests.tests.filter(({ name }: { readonly name: string }) => name.endsWith('days are left'))
    const folder = directoryWith({
      'rules.yaml': rules.replace('_days) <= 7', '_days) <= 6'),
      'rules.test.yaml': stringify({ ...tests, tests: ofRunway }),
    })

    expect(promtool(['test', 'rules', join(folder, 'rules.test.yaml')]).status).toBe(1)
  })

  it('takes what we serve, and finds nothing to complain about', async () => {
    const writer = board()
    const metrics = createMetrics(writer, { now: clock().now, version: '1.2.3', process: false })
    writer.setScope(standing({ report: report({ conditions: [conditions('ann@contoso.com')] }) }))
    writer.tell({ type: 'pass', scope: 'organization/contoso-sales', report: report(), tookMs: 12 })

    const { status, output } = promtool(['check', 'metrics'], await metrics.render())

    expect(output).toBe('')
    expect(status).toBe(0)
  })
})
