import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Machine } from '../../../machine.ts'

/** A private folder that is gone when the demo ends, however that comes. */
export interface DemoFolder {
  readonly path: string
  write(file: string, content: string | Uint8Array, mode?: number): Promise<void>
  remove(): void
}

const NAME = 'mailkeel-demo'

/** Makes the folder: of a name that can be remembered, or where that is taken of another. */
export async function makeDemoFolder({ onExit }: Pick<Machine, 'onExit'>): Promise<DemoFolder> {
  const named = join(tmpdir(), NAME)
  const path = await mkdir(named, { mode: 0o700 }).then(
    () => named,
    () => mkdtemp(`${named}-`),
  )
  const forget = onExit(remove)
  function remove(): void {
    rmSync(path, { recursive: true, force: true })
  }
  return {
    path,
    async write(file, content, mode = 0o644) {
      await mkdir(dirname(join(path, file)), { recursive: true })
      await writeFile(join(path, file), content, { mode })
    },
    remove() {
      remove()
      forget()
    },
  }
}
