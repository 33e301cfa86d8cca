// The machine as a verb sees it: streams, clock, randomness, interruptions. Made once, in main.ts; tests give another. What only some verbs
// use is loaded when they do: this file is a part of every start.

/** A stream that people or programs read. */
export interface Output {
  readonly isTerminal: boolean
  /** Columns of the terminal; Infinity where it is none. */
  readonly columns: () => number
  write(text: string): void
}

/** Everything outside of the process that a verb may touch by itself. */
export interface Machine {
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly output: Output
  readonly errors: Output
  /** How this program is started again, for the demo: program and leading arguments. */
  readonly self: readonly string[]
  /** Who runs this, for the journal: `ann@build-7`. */
  readonly user: () => Promise<string>
  readonly now: () => Date
  readonly random: () => number
  readonly newId: () => string
  /** Resolves after the time; rejects when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Asks on the terminal. Undefined where nobody can be asked. */
  readonly ask?: (question: string, signal: AbortSignal) => Promise<string>
  /** Asks for a secret: what is typed is not shown. Undefined where nobody can be asked. */
  readonly askSecret?: (question: string, signal: AbortSignal) => Promise<string>
  /** Calls back on every Ctrl-C or request to end; the returned function ends that. */
  onInterrupt(handler: () => void): () => void
  /** Calls back when the process ends, however that comes; nothing can be waited for then. */
  onExit(handler: () => void): () => void
  /** Ends the process at once. */
  exit(code: number): never
}

/** The machine this process runs on. */
export function thisMachine(): Machine {
  const { stdin, stdout, stderr, env } = process
  ignoreClosedPipe(stdout)
  ignoreClosedPipe(stderr)
  const machine: Machine = {
    workingDirectory: process.cwd(),
    environment: env,
    output: outputOf(stdout),
    errors: outputOf(stderr),
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    user,
    now: () => new Date(),
    random: Math.random,
    newId: () => crypto.randomUUID(),
    sleep,
    onInterrupt,
    onExit,
    exit: (code) => process.exit(code),
  }
  return stdin.isTTY && stderr.isTTY ? { ...machine, ask, askSecret } : machine
}

async function user(): Promise<string> {
  const { hostname, userInfo } = await import('node:os')
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A container may run as a number that has no name.
    return `${process.getuid?.() ?? 'somebody'}@${hostname()}`
  }
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    isTerminal: stream.isTTY === true,
    columns: () => (stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY),
    write: (text) => void stream.write(text),
  }
}

/** A reader that has seen enough (`mailkeel plan | head`) is no failure. */
function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    throw error
  })
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  await setTimeout(Math.max(0, ms), undefined, signal ? { signal } : {})
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await lines.question(question, { signal })
  } finally {
    lines.close()
  }
}

async function askSecret(question: string, signal: AbortSignal): Promise<string> {
  const [{ createInterface }, { Writable }] = await Promise.all([
    import('node:readline/promises'),
    import('node:stream'),
  ])
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  process.stderr.write(question)
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  // While keys are read one by one, the terminal sends no signal of its own.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await lines.question('', { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

function onExit(handler: () => void): () => void {
  process.once('exit', handler)
  return () => process.off('exit', handler)
}

function onInterrupt(handler: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.on(signal, handler)
  return () => {
    for (const signal of signals) process.off(signal, handler)
  }
}
