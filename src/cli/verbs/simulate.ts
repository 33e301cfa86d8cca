import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../../compose/usage-error.ts'
import type { Machine } from '../../machine.ts'
import type { RunningSimulator, SimulatedWorld } from '../../simulator/index.ts'
import { EXIT } from '../exit-codes.ts'
import { interruptible } from '../interruption.ts'
import { CERTIFICATE_FILE, filesFor, type Practice, welcome } from '../simulated-configuration.ts'
import { durationOf, type Invocation, isGiven, listOf, numberOf, textOf, type Verb } from '../verb.ts'

const VERSIONS = ['8.2', '9.0', '9.1', 'online'] as const
const SIGN_INS = ['none', 'bearer', 'windows', 'adfs'] as const

/** `mailkeel simulate` */
export const simulate: Verb = {
  name: 'simulate',
  summary: 'run a simulated CRM organization to practise on',
  flags: [
    { syntax: '--seed <number>', describe: 'the same seed gives the same organization (1)' },
    { syntax: '--mailboxes <number>', describe: 'people with a mailbox (20)' },
    { syntax: '--queues <number>', describe: 'queues with a mailbox (5)' },
    {
      syntax: '--mess <kinds>',
      describe: 'ways to be in disorder: all, none, default, or names parted by commas; `--mess help` lists them',
      repeats: true,
    },
    { syntax: '--latency <duration>', describe: 'time each request takes (0ms)' },
    { syntax: '--operation-cost <duration>', describe: 'time each operation takes on top (0ms)' },
    { syntax: '--version <version>', describe: 'version of CRM (9.1)', choices: VERSIONS },
    { syntax: '--name <name>', describe: 'name of the organization in the URL (contoso-sales)' },
    { syntax: '--state <directory>', describe: 'load the organization from here, and save it here at the end' },
    { syntax: '--port <number>', describe: 'port to listen at (a free one)' },
    { syntax: '--static-pages', describe: 'answer repeated reads with the same bytes, for benchmarks' },
    { syntax: '--speed <factor>', describe: 'how many times faster than real time tests and retries go (1)' },
    {
      syntax: '--sign-in <way>',
      describe:
        'how callers sign in: none, bearer (tokens simulator-admin, -reader, -limited), windows (NTLM), adfs (tokens of its endpoint)',
      choices: SIGN_INS,
    },
    {
      syntax: '--language <number>',
      describe: 'language of texts: 1033 English, 1031 German, 1036, 1041, 3082 (1033)',
    },
    {
      syntax: '--beside <name>',
      describe: 'another organization beside, which synchronizes the first mailboxes until they are claimed',
      repeats: true,
    },
    {
      syntax: '--trust',
      describe: `simulates the tenant and two CRM servers too, and puts a certificate into ${CERTIFICATE_FILE} here`,
    },
    { syntax: '--connected', describe: 'with --trust: everything is set up already (a lab that was never connected)' },
    {
      syntax: '--files <folder>',
      describe: 'writes a configuration and a spec that fit into a new folder, with all that they need',
    },
    { syntax: '--async-off', describe: 'the asynchronous service does not run: tests are asked for and never start' },
    {
      syntax: '--switch <name=value>',
      describe: 'an answer to what the documentation of CRM leaves open; `--switch help` lists them',
      repeats: true,
    },
  ],
  examples: [
    { command: 'mailkeel simulate', does: 'a small organization with the usual mess' },
    {
      command: 'mailkeel simulate --mailboxes 300 --queues 20 --speed 20',
      does: 'a bigger one, in which tests take seconds',
    },
    {
      command: 'mailkeel simulate --mess old-profile,pending',
      does: 'only mailboxes on the old profile and without approval',
    },
    { command: 'mailkeel simulate --mess help', does: 'list the kinds of mess' },
    {
      command: 'mailkeel simulate --trust --files lab',
      does: 'with a tenant and servers, to connect and to renew the certificate in the folder lab',
    },
    { command: 'mailkeel simulate --state ./crm --port 8181', does: 'one that remembers, at a fixed address' },
  ],
  async run(invocation, machine) {
    const imported = await import('../../simulator/index.ts')
    const { LANGUAGES, MESS_KINDS, SWITCH_VALUES, startSimulator, switchesFrom } = imported
    if (listOf(invocation, 'mess').includes('help')) {
      machine.output.write(messHelp(MESS_KINDS))
      return EXIT.inSync
    }
    if (listOf(invocation, 'switch').includes('help')) {
      machine.output.write(switchHelp(SWITCH_VALUES))
      return EXIT.inSync
    }
    const options = optionsOf(invocation, machine, LANGUAGES)
    const simulator = await started(() =>
      startSimulator({ ...options, switches: switchesFrom(listOf(invocation, 'switch')) }),
    )
    try {
      const practice = practiceOf(simulator, options)
      const files = textOf(invocation, 'files')
      if (files === undefined) await keepCertificate(simulator, machine)
      else await writeFiles(resolve(machine.workingDirectory, files), practice)
      machine.output.write(welcome(practice, files))
      await interruptible(machine, 'stopping the simulator', untilAborted)
    } finally {
      await simulator.close()
    }
    return EXIT.inSync
  },
}

function practiceOf({ url, world, trust }: RunningSimulator, options: ReturnType<typeof optionsOf>): Practice {
  const { organizationName, authentication, neighbours } = options
  return {
    url,
    organization: organizationName,
    signIn: authentication,
    beside: neighbours.map(({ name }) => name),
    addresses: someAddresses(world),
    ...(trust === undefined ? {} : { trust }),
  }
}

/** What a person would otherwise copy. Throws UsageError where a file is there already. */
async function writeFiles(folder: string, practice: Practice): Promise<void> {
  for (const [path, { content, isSecret }] of filesFor(practice)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { flag: 'wx', mode: isSecret ? 0o600 : 0o644 }).catch((error: unknown) => {
      throw new UsageError(`${file} cannot be written; name a folder that is not there yet`, { cause: error })
    })
  }
}

/** The certificate for a spec to name. It is good for nothing but this simulator. */
async function keepCertificate({ trust }: RunningSimulator, machine: Machine): Promise<void> {
  if (trust === undefined) return
  await writeFile(join(machine.workingDirectory, CERTIFICATE_FILE), trust.certificate.pfx, { mode: 0o600 })
}

/** A few people of the simulated organization, for a spec to begin with. */
function someAddresses(world: Pick<SimulatedWorld, 'rows'>): readonly string[] {
  const found: string[] = []
  for (const { emailaddress: address, regardingobjectid: holder } of world.rows('mailbox').values()) {
    if (typeof address !== 'string' || !/^[a-z][a-z.]*@[a-z.]+$/i.test(address)) continue
    if (holder !== null && typeof holder === 'object' && holder.entity === 'systemuser')
      found.push(address.toLowerCase())
    if (found.length === 3) break
  }
  return found
}

function languageOf(invocation: Invocation, known: readonly number[]): number {
  const language = numberOf(invocation, 'language', 1033, 1, 65_535)
  if (known.includes(language)) return language
  throw new UsageError(`--language takes one of ${known.join(', ')}, not "${language}"`)
}

function optionsOf(invocation: Invocation, machine: Machine, languages: readonly number[]) {
  const speed = numberOf(invocation, 'speed', 1, 0.01, 100_000)
  const mess = listOf(invocation, 'mess').flatMap((names) => names.split(',').map((name) => name.trim()))
  const state = textOf(invocation, 'state')
  return {
    seed: numberOf(invocation, 'seed', 1, 0, 2 ** 31),
    mailboxes: numberOf(invocation, 'mailboxes', 20, 0, 1_000_000),
    queues: numberOf(invocation, 'queues', 5, 0, 1_000_000),
    mess: mess.length === 0 ? ['default'] : mess,
    latencyMs: durationOf(invocation, 'latency', 0),
    operationCostMs: durationOf(invocation, 'operationCost', 0),
    version: VERSIONS.find((version) => version === textOf(invocation, 'version')) ?? '9.1',
    organizationName: textOf(invocation, 'name') ?? 'contoso-sales',
    ...(state === undefined ? {} : { stateDirectory: state }),
    port: numberOf(invocation, 'port', 0, 0, 65_535),
    staticPages: isGiven(invocation, 'staticPages'),
    authentication: SIGN_INS.find((way) => way === textOf(invocation, 'signIn')) ?? 'none',
    language: languageOf(invocation, languages),
    neighbours: listOf(invocation, 'beside').map((name) => ({ name })),
    conditions: { asynchronousService: !isGiven(invocation, 'asyncOff') },
    start: machine.now(),
    clock: { speed: 1, realTimeMs: () => machine.now().getTime() },
    service: paceOf(speed),
    ...trustOf(invocation),
  }
}

/** Beside a fixed port the next ones are fixed too, so that a configuration still fits after a restart. */
function trustOf(invocation: Invocation) {
  const connected = isGiven(invocation, 'connected')
  const port = numberOf(invocation, 'port', 0, 0, 65_535)
  const ports = port === 0 ? {} : { entra: port + 1, servers: [port + 2, port + 3] }
  if (isGiven(invocation, 'trust')) return { trust: { connected, ports } }
  if (connected) throw new UsageError('--connected says something only with --trust')
  return {}
}

/** Tests and retries of the simulated service, as many times faster than usual. Its clock keeps to real time. */
export function paceOf(speed: number) {
  return { pickupDelayMs: 2000 / speed, testDurationMs: 8000 / speed, retryAfterMs: 300_000 / speed }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A listening socket keeps the process alive; this only waits for the person.
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function started<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    throw new UsageError(startFailure(error), { cause: error })
  }
}

function startFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'the simulator could not be started'
  const isTaken = 'code' in error && error.code === 'EADDRINUSE'
  return isTaken ? 'the port is taken by another program; leave --port out to get a free one' : error.message
}

function messHelp(
  kinds: readonly { readonly name: string; readonly describe: string; readonly usual: boolean }[],
): string {
  const wide = Math.max(...kinds.map(({ name }) => name.length))
  const lines = kinds.map(({ name, describe, usual }) => `  ${usual ? '*' : ' '} ${name.padEnd(wide)}  ${describe}`)
  return `${lines.join('\n')}\n\n* in "default", the usual mess. "all" and "none" are what they say.\n`
}

function switchHelp(switches: Readonly<Record<string, readonly unknown[]>>): string {
  const lines = Object.entries(switches).map(([name, values]) => `  ${name}=${values.join('|')}`)
  return `${lines.join('\n')}\n\nWhat each asks stands in docs/reference/simulator.md.\n`
}
