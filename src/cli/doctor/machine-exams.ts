// This machine: where mailkeel keeps its state, how it reaches the network, and what git says of overrides. Nothing is written, not even to try.
import { access, constants, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { authoritiesIn } from '../../certificate/chain.ts'
import { secretOf } from '../../compose/secrets.ts'
import type { Finding } from '../../report/doctor.ts'
import { resolvePath } from '../../spec/configuration/load.ts'
import { shellWord } from '../flags.ts'
import type { Examination } from './examine.ts'
import { bad, failure, good, type Question } from './finding.ts'
import type { Patient } from './patient.ts'

const SUBJECT = 'this machine'
const OTHERS_WRITE = 0o022

/** What this machine needs. */
export function machineExaminations(patient: Patient): readonly Examination[] {
  const { stateDirectory, configuration } = patient
  const of = (check: string, tried: string, look: (question: Question, signal: AbortSignal) => Promise<Finding>) => {
    const question = { subject: SUBJECT, check, tried }
    return { question, look: async (signal: AbortSignal) => ({ findings: [await look(question, signal)] }) }
  }
  const { proxy, caFile } = configuration.spec.network
  return [
    of('state directory', `looking whether this user may write ${stateDirectory}`, (question) =>
      stateFinding(question, stateDirectory),
    ),
    ...(caFile === undefined
      ? []
      : [of('authorities', `reading ${caFile} of network.caFile`, (question) => caFinding(question, patient, caFile))]),
    ...(proxy === undefined
      ? []
      : [of('proxy', `reading network.proxy`, (question) => proxyFinding(question, patient, proxy))]),
    of('git for overrides', 'asking git for the files in HEAD', (question, signal) =>
      gitFinding(question, patient, signal),
    ),
  ]
}

async function stateFinding(question: Question, directory: string): Promise<Finding> {
  const existing = await nearest(directory)
  const isThere = existing === directory
  const mayWrite = await access(existing, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!mayWrite) {
    const evidence = isThere
      ? `${directory} may not be written by this user`
      : `${directory} is not there, and ${existing} may not be written`
    return bad(question, 'Broken', 'StateDirectoryReadOnly', evidence, {
      words: 'Give this user a directory of its own; without journal and memory nothing is applied.',
      commands: [{ where: 'on this machine', command: `install -d -m 700 -o "$(id -un)" ${shellWord(directory)}` }],
    })
  }
  if (!isThere) return good(question, `${directory} is not there yet and can be created`)
  const { mode } = await stat(directory)
  if ((mode & OTHERS_WRITE) === 0) return good(question, `${directory} can be written`)
  return bad(
    question,
    'Excess',
    'StateDirectoryOpen',
    `others may write ${directory}, and so what mailkeel remembers`,
    {
      words: 'Take that from them.',
      commands: [{ where: 'on this machine', command: `chmod 700 ${shellWord(directory)}` }],
    },
  )
}

/** The directory itself, else the nearest above it that is there. */
async function nearest(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found || dirname(path) === path ? path : nearest(dirname(path))
}

async function caFinding(question: Question, { configuration }: Patient, caFile: string): Promise<Finding> {
  try {
    const pem = await readFile(resolvePath(configuration, caFile), 'utf8')
    const count = authoritiesIn([pem]).length
    if (count > 0) return good(question, `${caFile} holds ${count} ${count === 1 ? 'authority' : 'authorities'}`)
  } catch {
    // What is wrong with it is told below; the reason of the parser would quote the file.
  }
  const words = 'Name a PEM file of certificates of authorities that this user may read, or take `network.caFile` out.'
  return bad(question, 'Broken', 'AuthoritiesUnusable', `${caFile} cannot be read, or holds no certificate`, { words })
}

type Proxy = NonNullable<Patient['configuration']['spec']['network']['proxy']>

async function proxyFinding(
  question: Question,
  patient: Patient,
  { url, userName, password }: Proxy,
): Promise<Finding> {
  if (password) {
    try {
      await secretOf(password, 'the password of the proxy', patient)
    } catch (error) {
      return failure(question, error)
    }
  }
  const { host } = new URL(url)
  return good(question, userName === undefined ? `${host}, without a sign-in` : `${host}, as ${userName}`)
}

async function gitFinding(question: Question, { overrides }: Patient, signal: AbortSignal): Promise<Finding> {
  if (overrides.all.length === 0) return good(question, 'the spec has no Override, so git is not needed')
  const [first, ...more] = await overrides.uncommitted(signal)
  if (!first) return good(question, 'every Override is committed as it was read')
  const [file, why] = first
  const others = more.length === 0 ? '' : `, and ${more.length} more`
  const words =
    'Commit the files as they are, and let mailkeel run where git is installed: what nobody could review is no override.'
  return bad(question, 'Broken', 'OverrideNotCommitted', `${file}: ${why}${others}`, { words })
}
