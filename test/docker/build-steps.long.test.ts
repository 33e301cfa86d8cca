import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseCopy, type Stage } from './dockerfile.ts'
import { copiesOf, copyFromContext, placeOf, stageNamed } from './image.ts'

const scratch = mkdtempSync(join(tmpdir(), 'mailkeel-image-'))

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Carries out the steps of a build stage in a folder that stands for its root. Runs npm and nothing else. */
function buildStage(stage: Stage): string {
  const root = join(scratch, stage.name ?? '')
  let workdir = '/'
  for (const instruction of stage.instructions) {
    if (instruction.keyword === 'WORKDIR') {
      workdir = instruction.text
      mkdirSync(join(root, workdir), { recursive: true })
    } else if (instruction.keyword === 'COPY') {
      copyFromContext(parseCopy(instruction), root, workdir)
    } else if (instruction.keyword === 'RUN') {
      expect(instruction.text).toMatch(/^npm (ci|run)( [\w=-]+)*$/)
      const ran = spawnSync('sh', ['-c', instruction.text], { cwd: join(root, workdir), encoding: 'utf8' })
      expect(ran.status, `${instruction.text}\n${ran.stdout}${ran.stderr}`).toBe(0)
    }
  }
  return root
}

test('the steps of the image give a program that starts', () => {
  const built = new Map(['build', 'dependencies'].map((name) => [name, buildStage(stageNamed(name))]))
  const root = join(scratch, 'runtime')

  for (const copy of copiesOf(stageNamed('runtime'))) {
    const from = built.get(copy.from ?? '')
    if (from === undefined) copyFromContext(copy, root, '/')
    else
      for (const source of copy.sources)
        cpSync(join(from, source), placeOf(copy.destination, root, '/'), { recursive: true })
  }
  const started = spawnSync(process.execPath, [join(root, 'app', 'dist', 'main.js'), '--help'], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { NODE_ENV: 'production', PATH: '' },
  })

  expect(started.stderr).toBe('')
  expect(started.status).toBe(0)
  expect(started.stdout).toContain('mailkeel')
}, 300_000)
