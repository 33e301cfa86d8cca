import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A key and the certificate that belongs to it, as PEM. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

/** A private certificate authority for one test file. */
export interface Authority {
  readonly caPem: string
  /** Issues a server certificate for these alternative names, for example `DNS:crm.contoso.test`. */
  issue(names: string, options?: { readonly isExpired?: boolean }): Identity
  dispose(): void
}

// `openssl ca` is the one command that sets both dates of a certificate in every version that is still around.
const CONFIGURATION = `
[ca]
default_ca = authority
[authority]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = anything
[anything]
commonName = supplied
`

/** Makes an authority with the `openssl` command; use it only within `needs('openssl')`. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'mailkeel-authority-'))
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const openssl = (...parameters: string[]) => execFileSync('openssl', parameters, { cwd: folder, stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  write('ca.cnf', CONFIGURATION)
  write('index.txt', '')
  write('serial', '1000\n')
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=mailkeel test CA',
  )
  let issued = 0

  return {
    caPem: read('ca.pem'),
    issue(names, { isExpired = false } = {}) {
      const name = `server-${++issued}`
      const dates = isExpired ? ['-startdate', '200101000000Z', '-enddate', '200102000000Z'] : ['-days', '2']
      write(`${name}.ext`, `subjectAltName=${names}\n`)
      openssl('req', '-new', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
      const files = ['-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.pem`]
      openssl('ca', '-config', 'ca.cnf', '-batch', '-notext', ...dates, ...files)
      return { key: read(`${name}.key`), cert: read(`${name}.pem`) }
    },
    dispose() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
