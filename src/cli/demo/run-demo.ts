import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Machine } from '../../machine.ts'
import { readJournal } from '../../reconcile/journal-reader.ts'
import { type SimulatorWithTrust, startSimulator } from '../../simulator/index.ts'
import { type Invocation, isGiven, numberOf } from '../verb.ts'
import { paceOf } from '../verbs/simulate.ts'
import { connecting } from './connecting.ts'
import { openLab } from './lab.ts'
import { membersOf } from './members.ts'
import { rotating } from './rotating.ts'
import { type DemoMember, demoFiles } from './spec-files.ts'
import { type Teller, tellStory } from './story.ts'

/** How many times faster than real ones the tests of the demo run. */
const SPEED = 100
/** The usual mess without the ways that a spec cannot mend: two mailboxes of one address, and none at all. */
const LEFT_OUT = new Set(['duplicate-address', 'empty-address', 'forward', 'hostile-names'])
const NEWCOMER = 'newcomer@contoso.com'

/** Runs the demo and cleans up after it. Returns what did not go as told. */
export async function runDemo(
  invocation: Invocation,
  machine: Machine,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mailkeel-demo-'))
  const isKept = isGiven(invocation, 'keep')
  const cleanUp = () => (isKept ? undefined : rmSync(folder, { recursive: true, force: true }))
  const stop = machine.onExit(cleanUp)
  const simulator = await startOrganization(invocation, machine)
  try {
    const members = membersOf(simulator)
    await writeFiles(folder, demoFiles({ members, newcomer: NEWCOMER }))
    const lab = await openLab(folder, simulator, machine.now().getUTCFullYear())
    const teller = tellerAt(folder, machine, signal)
    teller.say(introduction(members, simulator))
    const wrong = await tellStory(teller, [...connecting(teller, lab), ...rotating(teller, lab)], signal)
    if (wrong.length === 0) teller.say(farewell(isKept ? folder : undefined))
    return wrong
  } finally {
    await simulator.close()
    cleanUp()
    stop()
  }
}

async function startOrganization(invocation: Invocation, machine: Machine): Promise<SimulatorWithTrust> {
  const { MESS_KINDS } = await import('../../simulator/index.ts')
  const mailboxes = numberOf(invocation, 'mailboxes', 300, 20, 100_000)
  return startSimulator({
    seed: numberOf(invocation, 'seed', 7, 0, 2 ** 31),
    mailboxes,
    queues: Math.ceil(mailboxes / 15),
    mess: MESS_KINDS.filter(({ name, usual }) => usual && !LEFT_OUT.has(name)).map(({ name }) => name),
    start: machine.now(),
    clock: { speed: 1, realTimeMs: () => machine.now().getTime() },
    service: paceOf(SPEED),
    // A tenant as they are: others keep keys and names on the same principal.
    trust: { tenant: { foreign: true } },
  })
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

function tellerAt(folder: string, machine: Machine, signal: AbortSignal): Teller {
  const { output } = machine
  const dim = (text: string) => (output.isTerminal ? `\u001b[2m${text}\u001b[22m` : text)
  return {
    say: (text) => output.write(`\n${text}\n`),
    run(words) {
      output.write(`\n${dim('$')} mailkeel ${words.join(' ')}\n`)
      return child(machine, words, folder, signal)
    },
    pause: (ms) => machine.sleep(ms, signal),
    now: machine.now,
    async allowed() {
      const found: Awaited<ReturnType<Teller['allowed']>>[number][] = []
      for (const scope of ['trust/contoso', 'organization/contoso-sales']) {
        for await (const record of readJournal(join(folder, '.mailkeel'), scope)) {
          if (record.type === 'pass-started') found.push(...record.allowed)
        }
      }
      return found
    },
  }
}

/** Runs this program again. A child that an interruption reaches too ends by itself; the demo waits for it. */
function child(
  { self, onExit }: Machine,
  words: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<number | null> {
  const [program = '', ...leading] = self
  return new Promise((resolve, reject) => {
    const running = spawn(program, [...leading, ...words], { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
    const end = () => void running.kill('SIGINT')
    const stop = onExit(() => void running.kill('SIGKILL'))
    signal.addEventListener('abort', end, { once: true })
    running.on('error', reject)
    running.on('close', (code) => {
      signal.removeEventListener('abort', end)
      stop()
      resolve(code)
    })
  })
}

function introduction(members: readonly DemoMember[], { url, trust }: SimulatorWithTrust): string {
  const people = members.filter(({ type }) => type === 'User').length
  const { servers } = trust.servers
  return `Simulated here: a CRM organization with ${people} people and ${members.length - people} queues (${url}),
its ${servers.length} CRM servers (SSH at ${servers.map(({ host, port }) => `${host}:${port}`).join(', ')}) and a tenant of Exchange Online (${trust.entra.loginUrl}).

Nothing connects them: no certificate, no credential, no settings. The mailboxes are in the usual mess, and a few will fail
their test whatever we do, as in real life.

This is a lab. Since 2025-10-01 Microsoft links no new tenant ("Connect Dynamics 365 (on-premises) to Exchange Online"). Who is
linked already takes the second half of this road each time a certificate ends, and the first half when a link broke.`
}

function farewell(folder: string | undefined): string {
  const files =
    folder === undefined ? 'The simulator is stopped and its files are removed.' : `The files are in ${folder}.`
  return `${files}\nNext: \`mailkeel run --demo\` stays running, with a repository to commit to and the status page; docs/tutorial.md goes through it.`
}
