// What the demo works on: a folder with files and a simulated world.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { SimulatorWithTrust } from '../../simulator/index.ts'
import { principalOf, sha256Of } from './looks.ts'
import {
  configurationFile,
  type DemoCertificate,
  PFX_PASSWORD_FILE,
  pfxFile,
  secretFiles,
  TRUST_FILE,
  trustFile,
} from './trust-files.ts'

/** What a demo is told about and with. */
export interface Lab {
  readonly simulator: SimulatorWithTrust
  /** Names of the certificate to connect with and of the one that follows it. */
  readonly certificates: { readonly first: string; readonly next: string }
  /** SHA-256 of certificates, and names, of CRM's principal that are no business of ours. Grows when others add some. */
  readonly foreign: { readonly certificates: string[]; readonly names: string[] }
  /** The committed file that names the certificate, as it is now. */
  trustFile(): Promise<string>
  /** A certificate that was made. */
  certificate(name: string): Promise<DemoCertificate>
  /** Mounts certificates and commits one. Returns the committed file as it was before, undefined where there was none. */
  use(mounted: readonly string[], reviewed: DemoCertificate): Promise<string | undefined>
}

/** Prepares a folder. */
export async function openLab(folder: string, simulator: SimulatorWithTrust, year: number): Promise<Lab> {
  const write = async (path: string, text: string, mode = 0o644) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { mode })
  }
  const read = (path: string) => readFile(join(folder, path), 'utf8')
  for (const [path, text] of secretFiles(simulator)) await write(path, text, 0o600)
  await mkdir(join(folder, 'certificates'))
  const principal = principalOf(simulator.trust)
  let committed: string | undefined
  return {
    simulator,
    certificates: { first: `s2s-${year}`, next: `s2s-${year + 1}` },
    foreign: { certificates: principal.keys.map(({ key }) => sha256Of(key)), names: [...principal.names] },
    trustFile: () => read(TRUST_FILE),
    async certificate(name) {
      const { inspectCertificate } = await import('../../certificate/inspect.ts')
      const bytes = await readFile(join(folder, pfxFile({ name })))
      const { certificate } = await inspectCertificate({ name, bytes, password: await read(PFX_PASSWORD_FILE) })
      return { name, sha256: certificate.sha256 }
    },
    async use(mounted, reviewed) {
      const before = committed
      committed = trustFile(simulator.trust.tenant.tenantId, reviewed)
      await write('mailkeel.yaml', configurationFile(simulator, mounted))
      await write(TRUST_FILE, committed)
      return before
    },
  }
}
