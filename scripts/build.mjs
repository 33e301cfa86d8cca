// Compiles src/ to dist/ and carries over what tsc does not: generated JavaScript and data files. What runs in a browser is bundled.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildWeb } from './build-web.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

rmSync(join(root, 'dist'), { recursive: true, force: true })
const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)

const CARRIED = new Set(['', '.js', '.mjs', '.json', '.ps1', '.yaml'])
const web = join(root, 'src', 'web')
cpSync(join(root, 'src'), join(root, 'dist'), {
  recursive: true,
  filter: (path) => CARRIED.has(extname(path)) && path !== web,
})
buildWeb(root)
chmodSync(join(root, 'dist', 'main.js'), 0o755)
