// How a run ends, as a number. Pipelines branch on these, so they change for nobody. Where several hold, the highest listed wins.

/** Exit codes by name, the strongest first. */
export const EXIT = {
  /** The spec is not valid. */
  invalid: 65,
  /** The command line or the configuration is not usable. */
  usage: 64,
  /** Something failed that none of the others describes. */
  error: 1,
  /** The state of a remote system could not be told. */
  unknown: 5,
  /** A guard blocks, or the policy forbids writing. */
  blocked: 4,
  /** A guard asks a person. */
  override: 3,
  /** Applied, but some objects failed or wait. */
  partly: 6,
  /** Changes are planned. */
  changes: 2,
  /** In sync. */
  inSync: 0,
} as const

/** A name of an exit code. */
export type ExitName = keyof typeof EXIT
/** An exit code. */
export type ExitCode = (typeof EXIT)[ExitName]

/** Ended by a second Ctrl-C: 128 and the number of SIGINT, as shells have it. */
export const EXIT_INTERRUPTED_TWICE = 130

/** Names in order of strength. */
export const BY_STRENGTH = Object.keys(EXIT) as readonly ExitName[]

/** The strongest of the names; `inSync` where there is none. */
export function strongest(names: Iterable<ExitName>): ExitName {
  const all = new Set(names)
  return BY_STRENGTH.find((name) => all.has(name)) ?? 'inSync'
}

const OFTEN = {
  usage: 'the command line or the configuration is not usable; the message says what to write',
  error: 'something unexpected failed; nothing more was done',
} as const

/** What each exit code of each verb means. A code that is not listed is not used by that verb. */
export const MEANINGS = {
  init: { ...OFTEN, inSync: 'the files were written' },
  validate: { ...OFTEN, invalid: 'the spec has problems; each is printed with its place', inSync: 'the spec is valid' },
  plan: {
    ...OFTEN,
    invalid: 'the spec has problems; nothing was read',
    unknown: 'part of the state could not be read; nothing is planned for that part',
    blocked: 'a guard blocks the plan and nobody can pass it, or a check blocks objects',
    override: 'a guard asks a person: `--allow <guard>`, or an Override in the spec',
    changes: 'changes are planned',
    inSync: 'nothing to do',
  },
  apply: {
    ...OFTEN,
    error: 'something unexpected failed, or the run was interrupted; the journal says how far it got',
    invalid: 'the spec has problems; nothing was read or written',
    unknown: 'part of the state could not be read, or it is not known whether a write took effect',
    blocked: 'a guard or a check blocks, or the policy is Observe; what they are about was not written',
    override:
      'a guard asks a person: `--allow <guard>`, or an Override in the spec; what it asks about was not written',
    partly:
      'applied, or with `--wait` nothing to apply, but some objects fail or wait, also for a person who carries scripts',
    changes: 'the changes were not confirmed; nothing was written',
    inSync: 'applied, or nothing to do',
  },
  run: {
    ...OFTEN,
    error: 'something unexpected failed, or another process uses the state directory',
    inSync: 'it was asked to end; what was under way was finished and written into the journal',
  },
  status: {
    ...OFTEN,
    invalid: 'the spec has problems; nothing was read',
    unknown: 'part of the state could not be read',
    partly: 'some objects fail, wait or are blocked',
    changes: 'nothing is known to fail, and changes are planned',
    inSync: 'it is as the spec says, and nothing is known to fail; results of tests may still be open',
  },
  suspend: {
    ...OFTEN,
    invalid: 'the spec has problems, or would have one; nothing was written',
    changes: 'with `--dry-run`: the file would change',
    inSync: 'the file was written, or said so already',
  },
  resume: {
    ...OFTEN,
    invalid: 'the spec has problems, or would have one; nothing was written',
    changes: 'with `--dry-run`: the file would change',
    inSync: 'the file was written, or nothing was suspended',
  },
  explain: {
    ...OFTEN,
    usage: 'nothing is called that, or the command line or the configuration is not usable',
    invalid: 'the spec has problems; nothing was read',
    unknown: 'it cannot be told whether it works, or part of the state could not be read',
    blocked: 'without an argument: a guard, a check or the policy keeps everything from being written',
    override: 'without an argument: a guard asks a person',
    partly: 'it does not work, waits or is blocked; CRM may not even know it',
    changes: 'nothing is wrong but that changes are planned for it',
    inSync: 'it works as the spec says',
  },
  history: { ...OFTEN, inSync: 'what the journal holds was printed, also where that is nothing' },
  test: {
    ...OFTEN,
    usage: 'an address is not in the spec, nothing was selected, or the configuration is not usable',
    invalid: 'the spec has problems; nothing was read or written',
    unknown: 'part of the state could not be read, or it is not known whether a request took effect',
    blocked: 'a guard or a check blocks, or the policy is Observe; what they are about was not tested',
    override: 'a guard asks a person: `--allow <guard>`; what it asks about was not tested',
    partly: 'some could not be tested, or with `--wait` some tests failed or are still open',
    changes: 'it was not confirmed; nothing was written',
    inSync: 'tests were asked for or are on their way; with `--wait` all passed',
  },
  doctor: {
    ...OFTEN,
    invalid: 'the spec has problems; nothing was asked',
    unknown: 'part could not be looked at, or with `--probe` a question could not be asked',
    blocked: 'something is missing or broken; each line says what to grant, run or correct',
    override: 'everything that can be looked at works; a person must look at the rest',
    partly: 'everything works; an account or a file allows more than is needed',
    inSync: 'everything works, with no more rights than needed; with `--probe` every question was asked',
  },
  cert: {
    ...OFTEN,
    usage: 'the command line or the configuration is not usable, or the password does not open the file',
    blocked: 'inspect: it cannot be used; each fault is printed',
    inSync: 'inspect: it can be used; create: the file was written',
  },
  schema: { ...OFTEN, inSync: 'the schema was printed' },
  simulate: { ...OFTEN, inSync: 'the simulator was stopped' },
  demo: { ...OFTEN, error: 'a step did not go as told', inSync: 'everything went as told' },
  completion: { ...OFTEN, inSync: 'the script was printed' },
  version: { ...OFTEN, inSync: 'the version was printed' },
} as const satisfies Record<string, Partial<Record<ExitName, string>>>

/** Verbs that the tables know. */
export type VerbName = keyof typeof MEANINGS

/** The codes of a verb with their meanings, the strongest first. */
export function exitTable(verb: VerbName): readonly { readonly code: ExitCode; readonly meaning: string }[] {
  const meanings: Partial<Record<ExitName, string>> = MEANINGS[verb]
  return BY_STRENGTH.flatMap((name) => {
    const meaning = meanings[name]
    return meaning === undefined ? [] : [{ code: EXIT[name], meaning }]
  })
}
