// Folders that people carry files in and out of, and the records of what went out and came back.
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandedFile } from './hand-out.ts'
import { READ_ME_HEAD } from './read-me.ts'
import { NO_RECORDS, type OfflineRecords } from './records.ts'
import { SCRIPT_HEAD } from './script-file.ts'
import type { BroughtFile } from './take.ts'

/** A folder that cannot be used, with what to do. */
export class FolderError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FolderError'
  }
}

/** No answer comes near this; what is bigger is something else. */
const MAXIMUM_BYTES = 16 * 1024 * 1024
const ANSWER = /\.answer\.txt$/i
const WRITTEN = /^(\d\d+-[a-z0-9-]+\.ps1|README\.txt)$/

/** The answers in a folder, by name. Throws FolderError where there is no such folder. */
export async function readAnswers(folder: string): Promise<readonly BroughtFile[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new FolderError(`${folder} cannot be read; --read-results takes the folder with the .answer.txt files`, {
      cause,
    })
  })
  const answers = names.filter((name) => ANSWER.test(name)).sort()
  return Promise.all(
    answers.map(async (name) => {
      const path = join(folder, name)
      const found = await stat(path)
      // What cannot be an answer is read as nothing, and refused as that.
      return { name, text: found.isFile() && found.size <= MAXIMUM_BYTES ? await readFile(path, 'utf8') : '' }
    }),
  )
}

/** Writes files for a person. Scripts of an earlier time are taken away, so that nobody runs them; nothing else is touched. */
export async function writeHandOut(folder: string, files: readonly HandedFile[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const old = (await readdir(folder)).filter((name) => WRITTEN.test(name))
    const ours = await Promise.all(old.map(async (name) => [name, await isOurs(join(folder, name))] as const))
    await Promise.all(ours.flatMap(([name, is]) => (is ? [rm(join(folder, name))] : [])))
    for (const { name, text } of files) await writeFile(join(folder, name), text, 'utf8')
  } catch (cause) {
    throw new FolderError(`the scripts cannot be written to ${folder}: ${textOf(cause)}`, { cause })
  }
}

async function isOurs(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8')
  return text.startsWith(SCRIPT_HEAD) || text.startsWith(READ_ME_HEAD)
}

/** The records of a deployment below a state directory; nothing where there are none, or none that can be read. */
export async function loadRecords(stateDirectory: string, deployment: string): Promise<OfflineRecords> {
  try {
    const value = JSON.parse(await readFile(pathOf(stateDirectory, deployment), 'utf8')) as OfflineRecords
    return value.v === 1 && Array.isArray(value.calls) && Array.isArray(value.answers) ? value : NO_RECORDS
  } catch {
    // Whatever is lost here is asked for once more.
    return NO_RECORDS
  }
}

/** Keeps the records of a deployment. The file is replaced as a whole. */
export async function saveRecords(stateDirectory: string, deployment: string, records: OfflineRecords): Promise<void> {
  const path = pathOf(stateDirectory, deployment)
  await mkdir(join(stateDirectory, 'offline'), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, JSON.stringify(records), { encoding: 'utf8', mode: 0o600 })
  await rename(`${path}.new`, path)
}

function pathOf(stateDirectory: string, deployment: string): string {
  return join(stateDirectory, 'offline', `${deployment}.json`)
}

function textOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'it cannot be written to'
}
