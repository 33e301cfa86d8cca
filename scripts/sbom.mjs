// Prints what the image has of others as CycloneDX. `npm sbom --omit=dev` leaves out packages that the program and a tool both use, so it is asked
// about a project that has no tools: ours without them, by the same lock file.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { devDependencies: _tools, scripts: _scripts, ...manifest } = read('package.json')
const lock = read('package-lock.json')
const packages = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true)
const { devDependencies: _locked, ...own } = lock.packages['']

const folder = mkdtempSync(join(tmpdir(), 'mailkeel-sbom-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
write('package.json', manifest)
write('package-lock.json', { ...lock, packages: { '': own, ...Object.fromEntries(packages) } })
const listed = spawnSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
  cwd: folder,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
if (listed.status === 0) process.stdout.write(listed.stdout)
else process.stderr.write(listed.stderr)
process.exitCode = listed.status ?? 1

function read(name) {
  return JSON.parse(readFileSync(join(root, name), 'utf8'))
}

function write(name, content) {
  writeFileSync(join(folder, name), JSON.stringify(content))
}
