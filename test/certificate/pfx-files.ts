import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Kinds of keys. */
export type KeyKind = 'rsa' | 'rsa-1024' | 'rsa-pss' | 'ec'

/** A key and its certificate, as names of files in the workshop. */
export interface Made {
  readonly key: string
  readonly cert: string
}

/** A folder in which certificates and PFX files are made with the `openssl` command; use it only within `needs('openssl')`. */
export interface Workshop {
  /** Makes a certificate: self-signed, or issued by another. */
  certificate(options?: {
    readonly kind?: KeyKind
    readonly subject?: string
    readonly issuer?: Made
    readonly authority?: boolean
    readonly extensions?: readonly string[]
  }): Made
  /** Makes a PFX; `flags` are those of `openssl pkcs12`. */
  pfx(made: Made, password: string, ...flags: readonly string[]): Buffer
  /** Joins certificates to one PEM file, for `-certfile`. */
  joined(...made: readonly Made[]): string
  pem(made: Made): string
  dispose(): void
}

const KEY_FLAGS: Readonly<Record<KeyKind, readonly string[]>> = {
  rsa: ['-newkey', 'rsa:2048'],
  'rsa-1024': ['-newkey', 'rsa:1024'],
  'rsa-pss': ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
}

/** Opens a workshop. */
export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeel-pfx-'))
  const openssl = (words: readonly string[], env: Record<string, string> = {}) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe', env: { PATH: process.env['PATH'], ...env } })
  const read = (name: string) => readFileSync(join(folder, name))
  let made = 0
  return {
    certificate({ kind = 'rsa', subject, issuer, authority = false, extensions = [] } = {}) {
      const id = `c${++made}`
      const files = { key: `${id}.key`, cert: `${id}.pem` }
      const request = [
        'req',
        ...KEY_FLAGS[kind],
        '-nodes',
        '-keyout',
        files.key,
        '-subj',
        subject ?? `/CN=${id}`,
        '-utf8',
      ]
      const wanted = [`basicConstraints=critical,CA:${authority ? 'TRUE' : 'FALSE'}`, ...extensions]
      if (issuer === undefined) {
        openssl([...request, '-x509', '-days', '30', '-out', files.cert, ...wanted.flatMap((one) => ['-addext', one])])
        return files
      }
      writeFileSync(join(folder, `${id}.ext`), wanted.join('\n'))
      openssl([...request, '-out', `${id}.csr`])
      const by = ['-CA', issuer.cert, '-CAkey', issuer.key, '-CAcreateserial', '-days', '30']
      openssl(['x509', '-req', '-in', `${id}.csr`, ...by, '-extfile', `${id}.ext`, '-out', files.cert])
      return files
    },
    pfx({ key, cert }, password, ...flags) {
      const inputs = flags.includes('-nokeys') ? ['-in', cert] : ['-inkey', key, '-in', cert]
      const out = ['-out', 'file.pfx', '-passout', 'env:PASSWORD']
      openssl(['pkcs12', '-export', ...inputs, ...out, ...flags], { PASSWORD: password })
      return read('file.pfx')
    },
    joined(...all) {
      const name = `joined${++made}.pem`
      writeFileSync(join(folder, name), Buffer.concat(all.map(({ cert }) => read(cert))))
      return name
    },
    pem: ({ cert }) => read(cert).toString('utf8'),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}
