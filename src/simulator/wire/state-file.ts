import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** The state a simulator left in its directory, or undefined where there is none. Throws where the file cannot be read as JSON. */
export async function loadState(directory: string): Promise<unknown> {
  const path = join(directory, STATE_FILE)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new Error(`the simulator's state in ${path} is damaged; delete the file to start anew`, { cause })
  }
}

/** Puts the state into the directory in one step, so that a crash leaves the old state or the new one. */
export async function saveState(directory: string, state: unknown): Promise<void> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, STATE_FILE)
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(state))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

const STATE_FILE = 'simulator-state.json'
