// `mailkeel run --demo`: everything that surrounds mailkeel is simulated, mailkeel itself is not. The daemon gets a configuration as anybody
// would write it, fetches from a git server over https, and talks to CRM, Entra ID and the servers over sockets.
import { watch } from 'node:fs'
import { join } from 'node:path'
import type { LogLevel } from '../../../daemon/log.ts'
import type { Daemon } from '../../../daemon/run.ts'
import type { Machine } from '../../../machine.ts'
import type { SimulatorWithTrust } from '../../../simulator/index.ts'
import { loadConfiguration, type RuntimeConfiguration } from '../../../spec/configuration/load.ts'
import { CONFIGURATION_FILE } from '../../configuration.ts'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import { stayRunning } from '../../stay-running.ts'
import { membersOf } from '../members.ts'
import { PFX_PASSWORD_FILE, pfxFile, secretFiles } from '../trust-files.ts'
import { BY_HAND, byHandScript } from './by-hand.ts'
import { type StartedCompany, startCompany } from './company.ts'
import { AUTHORITY_FILE, liveConfigurationFile } from './configuration-file.ts'
import { type DemoFolder, makeDemoFolder } from './folder.ts'
import { startGitServer } from './git-server.ts'
import { guide } from './guide.ts'
import { createRepository } from './repository.ts'
import { demoHistory, PRACTICE, PRODUCTION, rotationPatch } from './spec-history.ts'
import { toldLog } from './told-log.ts'

/** Name of the bare repository in the folder. */
const REPOSITORY = 'mail.git'
/** The reviewed change of the tutorial. */
const ROTATION = 'rotation.patch'

/** Runs the demo until it is asked to end. Throws UsageError where git is missing. */
export async function runLiveDemo(machine: Machine, level: LogLevel | undefined): Promise<ExitCode> {
  const folder = await makeDemoFolder(machine)
  // Until everything runs there is nothing to end but the process; its end removes the folder.
  const forget = machine.onInterrupt(() => machine.exit(EXIT.inSync))
  const closers: (() => Promise<void>)[] = []
  try {
    const company = await startCompany(machine)
    closers.push(() => company.simulator.close())
    await writeRepository(folder, company, machine)
    const repository = join(folder.path, REPOSITORY)
    const git = await startGitServer({ repository, path: machine.environment['PATH'], now: machine.now() })
    closers.push(() => git.close())
    const configuration = await configure(folder, company, git)
    forget()
    const log = level === undefined ? toldLog(machine) : await jsonLog(machine, level)
    return await stayRunning({
      configuration,
      machine,
      log,
      started(daemon) {
        machine.output.write(guide({ folder: folder.path, words: daemon.words, ...guideNames(machine) }))
        return followPushes(repository, daemon)
      },
      late: folder.remove,
    })
  } finally {
    forget()
    for (const close of closers.reverse()) await close()
    folder.remove()
  }
}

async function writeRepository(folder: DemoFolder, company: StartedCompany, machine: Machine): Promise<void> {
  const { simulator, practising, certificates } = company
  const { tenantId } = simulator.trust.tenant
  const history = demoHistory({
    tenantId,
    certificate: certificates.first,
    members: membersOf(simulator),
    practising,
    now: machine.now(),
  })
  await createRepository(join(folder.path, REPOSITORY), history, machine.environment['PATH'])
  await folder.write(ROTATION, rotationPatch(tenantId, certificates.first, certificates.next))
}

async function configure(
  folder: DemoFolder,
  { simulator, practiceUrl, certificates }: StartedCompany,
  git: { readonly url: string; readonly authority: string },
): Promise<RuntimeConfiguration> {
  for (const [file, content] of secretFiles(simulator)) await folder.write(file, content, 0o600)
  for (const { name, pfx, password } of [certificates.first, certificates.next]) {
    await folder.write(pfxFile({ name }), pfx, 0o600)
    await folder.write(PFX_PASSWORD_FILE, password, 0o600)
  }
  await folder.write(AUTHORITY_FILE, git.authority)
  await folder.write(BY_HAND, byHandScript({ origin: originOf(simulator), organizations: [PRODUCTION, PRACTICE] }))
  const names = [certificates.first.name, certificates.next.name]
  const text = liveConfigurationFile({ places: simulator, practiceUrl, gitUrl: git.url, certificates: names })
  await folder.write(CONFIGURATION_FILE, text)
  const loaded = await loadConfiguration(join(folder.path, CONFIGURATION_FILE))
  if (!loaded.ok) throw new Error(`the configuration of the demo is wrong: ${loaded.problems[0]?.message}`)
  return loaded.configuration
}

/** As a webhook would: whoever pushes does not wait for the next look. */
function followPushes(repository: string, { hint }: Daemon): () => void {
  const watcher = watch(join(repository, 'refs', 'heads'), hint)
  // Where it cannot be watched, the next look finds what was pushed.
  watcher.on('error', () => {})
  return () => watcher.close()
}

async function jsonLog({ output, now }: Machine, level: LogLevel) {
  const { createLog } = await import('../../../daemon/log.ts')
  return createLog({ level, output, now })
}

function originOf({ port }: SimulatorWithTrust): string {
  return `http://127.0.0.1:${port}`
}

function guideNames({ self }: Machine) {
  return { self, repository: REPOSITORY, rotation: ROTATION, byHand: BY_HAND, configuration: CONFIGURATION_FILE }
}
