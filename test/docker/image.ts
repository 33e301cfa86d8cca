import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Copy, isInContext, parseCopy, parseDockerfile, type Stage } from './dockerfile.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const DOCKERIGNORE = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
export const DOCKERFILE = parseDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))

/** The files that git knows, new ones included, so far as the build may see them. */
export function contextFiles(): readonly string[] {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (listed.status !== 0) throw new Error(listed.stderr)
  return listed.stdout.split('\0').filter((path) => path !== '' && isInContext(path, DOCKERIGNORE))
}

/** Copies what a COPY from the context names into a folder that stands for the root of a stage. */
export function copyFromContext({ sources, destination }: Copy, root: string, workdir: string): void {
  const files = contextFiles()
  for (const source of sources.map((path) => path.replace(/\/$/, ''))) {
    const target = placeOf(destination, root, workdir)
    for (const file of files) {
      if (file === source) copyFile(file, join(target, basename(file)))
      else if (file.startsWith(`${source}/`)) copyFile(file, join(target, file.slice(source.length + 1)))
    }
  }
}

function copyFile(file: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true })
  cpSync(join(ROOT, file), target)
}

/** Where a path of a stage lies under the folder that stands for its root. */
export function placeOf(path: string, root: string, workdir: string): string {
  return path.startsWith('/') ? join(root, path) : join(root, workdir, path)
}

/** The COPYs of a stage. */
export function copiesOf(stage: Stage): readonly Copy[] {
  return stage.instructions.filter(({ keyword }) => keyword === 'COPY').map(parseCopy)
}

/** The stage of this name. */
export function stageNamed(name: string): Stage {
  const stage = DOCKERFILE.stages.find((one) => one.name === name)
  if (!stage) throw new Error(`the Dockerfile has no stage ${name}`)
  return stage
}
