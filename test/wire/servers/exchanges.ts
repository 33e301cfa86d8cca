import { readFile } from 'node:fs/promises'
import type { ScriptId } from '../../../src/crm-server/scripts.ts'
import {
  certificateFacts,
  type MadeCertificate,
  makeDeploymentCertificate,
} from '../../../src/simulator/servers/index.ts'

export const NOW_MS = Date.parse('2026-11-23T08:00:00Z')
export const PASSWORD = 'simulator'

/** One script with its input and the document it answers with, written down from the documentation of what it calls. */
export interface ScriptExchange {
  readonly name: string
  /** What the deployment is like, where that matters. */
  readonly world?: {
    readonly connected?: true
    /** Which server is asked; the first has the deployment tools. */
    readonly server?: number
  }
  readonly script: ScriptId
  readonly input: Readonly<Record<string, unknown>>
  readonly document: Readonly<Record<string, unknown>>
  /** Paths of members whose value must be the written one; of the others the form counts. */
  readonly same: readonly string[]
}

/** A file of exchanges with its source. */
export interface ScriptExchanges {
  readonly file: string
  readonly source: string
  readonly exchanges: readonly ScriptExchange[]
}

/** Makes the certificate that the exchanges are about. */
export function makeWrittenCertificate(): MadeCertificate {
  return makeDeploymentCertificate(NOW_MS, 'crm-s2s-2026')
}

/** All files, with this certificate in its places: `<certificate>`, `<sha256>`, `<thumbprint>`, `<pfx>`, `<password>`. */
export function readScriptExchanges({ der, pfx }: MadeCertificate): Promise<readonly ScriptExchanges[]> {
  const facts = certificateFacts(der)
  const values: Readonly<Record<string, string | undefined>> = {
    '<certificate>': der,
    '<sha256>': facts?.sha256,
    '<thumbprint>': facts?.thumbprint,
    '<pfx>': Buffer.from(pfx).toString('base64'),
    '<password>': PASSWORD,
  }
  return Promise.all(
    ['reading.json', 'writing.json'].map(async (file) => {
      const text = await readFile(new URL(file, import.meta.url), 'utf8')
      const filled = text.replaceAll(/<\w+>/g, (place) => values[place] ?? place)
      return { file, ...(JSON.parse(filled) as Omit<ScriptExchanges, 'file'>) }
    }),
  )
}
