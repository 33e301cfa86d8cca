// The program as a person uses it, over a simulated tenant and simulated servers: the files are those that `simulate` prints, and time is the
// simulated one.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CERTIFICATE_FILE, welcome } from '../../src/cli/simulated-configuration.ts'
import { type SimulatorWithTrust, startSimulator, type TrustOptions } from '../../src/simulator/index.ts'
import type { MadeCertificate } from '../../src/simulator/servers/index.ts'
import { mailkeelHere } from '../cli/in-process.ts'
import { filesIn } from '../cli/simulated-files.ts'
import { plainAddresses } from './world.ts'

const DAY_MS = 86_400_000

/** How a lab differs from the usual one. */
export interface LabOptions extends TrustOptions {
  /** Changes the spec as it is written. */
  readonly spec?: (text: string) => string
}

/** A folder with a configuration and a spec, and what they lead to. */
export interface Lab {
  readonly simulator: SimulatorWithTrust
  readonly folder: string
  /** Runs a command, and returns what it said on both streams. */
  told(...words: readonly string[]): Promise<string>
  /** Changes a file of the folder. */
  edit(path: string, change: (text: string) => string): Promise<void>
  /** Lets tests end and time pass. */
  pass(ms: number): void
  /** Has the spec ask for another certificate. */
  rotateTo(made: MadeCertificate): Promise<void>
  close(): Promise<void>
}

/** Path of the one file of the spec. */
export const SPEC = 'spec/spec.yaml'
/** Path of the configuration. */
export const CONFIGURATION = 'mailkeel.yaml'

/** Starts it all, on Monday 2026-11-23 at 08:00 UTC. */
export async function startLab({ spec = (text) => text, ...trust }: LabOptions = {}): Promise<Lab> {
  const simulator = await startSimulator({
    clock: 'manual',
    start: new Date('2026-11-23T08:00:00Z'),
    mailboxes: 3,
    queues: 0,
    mess: ['none'],
    trust,
  })
  const { world } = simulator
  const folder = await mkdtemp(join(tmpdir(), 'mailkeel-lab-'))
  const files = filesIn(
    welcome({
      url: simulator.url,
      organization: 'contoso-sales',
      signIn: 'none',
      beside: [],
      addresses: plainAddresses(world, 'systemuser'),
      trust: simulator.trust,
    }),
  )
  await mkdir(join(folder, 'spec'))
  await writeFile(join(folder, CONFIGURATION), files.configuration)
  await writeFile(join(folder, SPEC), spec(files.spec))
  const { password, pfx } = simulator.trust.certificate
  await writeFile(join(folder, CERTIFICATE_FILE), pfx)
  const env = {
    ENTRA_SECRET: simulator.trust.applications.reading.secret,
    SSH_PASSWORD: simulator.trust.servers.password,
    PFX_PASSWORD: password,
  }
  const time = {
    now: () => world.now(),
    sleep: async (ms: number) => simulator.advance(ms),
  }
  const edit: Lab['edit'] = async (path, change) => {
    const file = join(folder, path)
    await writeFile(file, change(await readFile(file, 'utf8')))
  }
  return {
    simulator,
    folder,
    edit,
    async told(...words) {
      const { stdout, stderr } = await mailkeelHere(words, { cwd: folder, env, time })
      return stdout + stderr
    },
    pass(ms) {
      world.advanceUntilIdle(DAY_MS)
      simulator.advance(ms)
    },
    async rotateTo(made) {
      await writeFile(join(folder, 'next.pfx'), made.pfx)
      await edit(CONFIGURATION, (text) =>
        text.replace(
          /\n {2}certificates:\n/,
          (head) => `${head}    next: { file: next.pfx, password: { env: PFX_PASSWORD } }\n`,
        ),
      )
      await edit(SPEC, (text) =>
        text.replace(/name: s2s-simulated\n(\s+)sha256: \S+/, `name: next\n$1sha256: ${made.sha256}`),
      )
    },
    async close() {
      await simulator.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
