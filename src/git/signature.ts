// Signatures of commits and tags. Which form one has is read from the object itself; git and its helpers then only say whether it is good,
// with no keys but those that the files name. Good means both: git ends well, and what it printed says so.
import { readFile } from 'node:fs/promises'
import { ask } from './ask.ts'
import { missing, run } from './child.ts'
import { createHome, type Home, type HomeMaker } from './home.ts'
import { readObject } from './objects.ts'
import { GitError, type Refusal } from './repository.ts'

/** Absolute paths of the files with the keys of those who may sign. */
export interface SignerFiles {
  readonly gpgKeysFile?: string | undefined
  readonly allowedSignersFile?: string | undefined
}

/** A commit or tag, by the id of the object. `label` is for messages: `commit 0123abc`. */
export interface Signed {
  readonly type: 'commit' | 'tag'
  readonly id: string
  readonly label: string
}

/** Looks at signatures until it is disposed of. */
export interface Verifier {
  /** Why the signature does not count; undefined where it does. Throws GitError. */
  refusal(signed: Signed, signal: AbortSignal): Promise<Refusal | undefined>
  dispose(): Promise<void>
}

/** Makes a verifier with the keys as the files hold them now. Throws GitError where a file cannot be read. */
export async function createVerifier(files: SignerFiles, maker: HomeMaker, signal: AbortSignal): Promise<Verifier> {
  const signers = await contentOf(files.allowedSignersFile, 'allowedSignersFile')
  const keys = await contentOf(files.gpgKeysFile, 'gpgKeysFile')
  const home = await createHome(maker, 'none', async (own) =>
    signers === undefined
      ? []
      : [
          {
            section: 'gpg',
            subsection: 'ssh',
            key: 'allowedSignersFile',
            value: await own.write('allowed_signers', signers),
          },
        ],
  )
  try {
    if (keys !== undefined) await importKeys(keys, home, signal)
  } catch (error) {
    await home.dispose()
    throw error
  }
  const known = { OpenPGP: keys !== undefined, SSH: signers !== undefined, 'X.509': false }
  return {
    refusal: (signed, aborted) => refusalOf(signed, known, home, aborted),
    dispose: () => home.dispose(),
  }
}

async function contentOf(file: string | undefined, field: string): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new GitError('Broken', `\`source.git.verify.${field}\`: the file ${file} cannot be read`, { cause })
  }
}

/** A keyring of its own, in which there is nobody else. */
async function importKeys(keys: string, home: Home, signal: AbortSignal): Promise<void> {
  await home.write('gnupg/gpg.conf', 'no-autostart\nno-auto-key-retrieve\ndisable-dirmngr\nno-permission-warning\n')
  const file = await home.write('keys.asc', keys)
  const doing = 'reading the GPG keys of those who may sign'
  const { code } = await run({
    words: ['gpg', '--batch', '--quiet', '--import', file],
    environment: home.environment,
    folder: home.folder,
    signal,
    timeoutMs: 30_000,
    mostBytes: 1024 * 1024,
    doing,
  })
  if (code !== 0)
    throw new GitError(
      'Broken',
      `${doing}: \`source.git.verify.gpgKeysFile\` holds no public keys as \`gpg --armor --export\` writes them`,
    )
}

type Form = 'OpenPGP' | 'SSH' | 'X.509'

/** The first line of a signature (git, gpg-interface). */
const FORMS: readonly (readonly [string, Form])[] = [
  ['-----BEGIN PGP SIGNATURE-----', 'OpenPGP'],
  ['-----BEGIN PGP MESSAGE-----', 'OpenPGP'],
  ['-----BEGIN SSH SIGNATURE-----', 'SSH'],
  ['-----BEGIN SIGNED MESSAGE-----', 'X.509'],
]

async function refusalOf(
  { type, id, label }: Signed,
  known: Readonly<Record<Form, boolean>>,
  home: Home,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const object = await readObject(type, id, home, signal)
  if (!object) throw new GitError('Broken', `${label} is missing in the local repository`)
  const signature =
    type === 'commit' ? (object.headers.get('gpgsig') ?? object.headers.get('gpgsig-sha256')) : object.message
  const form = formIn(signature ?? '', type)
  if (form === undefined) {
    return {
      code: type === 'tag' ? 'TagNotSigned' : 'NotSigned',
      message: `${label} is not signed; let one of those who may sign do so`,
    }
  }
  if (!known[form]) {
    return {
      code: 'SignerUnknown',
      message: `${label} has a signature of the form ${form}, and \`source.git.verify\` names no keys of it`,
    }
  }
  const { code, complaint } = await ask(home, [`verify-${type}`, '--raw', id], signal)
  const absent = /cannot run (\S+?):/.exec(complaint)?.[1]
  if (absent !== undefined) throw missing(absent)
  const verdict = form === 'SSH' ? sshVerdict(complaint) : gpgVerdict(complaint)
  if (verdict === 'Good' && code === 0) return undefined
  return refused(verdict === 'Good' ? 'Invalid' : verdict, label)
}

function formIn(text: string, type: Signed['type']): Form | undefined {
  if (type === 'commit') return FORMS.find(([line]) => text.startsWith(line))?.[1]
  return FORMS.find(([line]) => text.startsWith(line) || text.includes(`\n${line}`))?.[1]
}

type Verdict = 'Good' | 'Unknown' | 'Expired' | 'Revoked' | 'Invalid'

/** What gpg says for programs (GnuPG, doc/DETAILS, "Format of the --status-fd output"). The worst counts. */
function gpgVerdict(text: string): Verdict {
  const words = new Set([...text.matchAll(/^\[GNUPG:\] ([A-Z_]+)/gm)].map(([, word]) => word))
  if (words.has('BADSIG')) return 'Invalid'
  if (words.has('NO_PUBKEY')) return 'Unknown'
  if (words.has('REVKEYSIG')) return 'Revoked'
  if (words.has('EXPKEYSIG') || words.has('EXPSIG')) return 'Expired'
  if (words.has('ERRSIG')) return 'Invalid'
  return words.has('GOODSIG') && words.has('VALIDSIG') ? 'Good' : 'Invalid'
}

/** What ssh-keygen says (sshsig.c and ssh-keygen.c of OpenSSH). */
function sshVerdict(text: string): Verdict {
  if (/incorrect signature|could not verify signature|invalid format|parse error/i.test(text)) return 'Invalid'
  if (/(?:key )?has expired|not yet valid|expired/i.test(text)) return 'Expired'
  if (/revoked/i.test(text)) return 'Revoked'
  if (/^Good "git" signature for .+ with \S+ key /m.test(text)) return 'Good'
  return /no principal matched|good "git" signature with/i.test(text) ? 'Unknown' : 'Invalid'
}

function refused(verdict: Exclude<Verdict, 'Good'>, label: string): Refusal {
  switch (verdict) {
    case 'Unknown':
      return {
        code: 'SignerUnknown',
        message: `${label} is signed by somebody who may not; add the key to those of \`source.git.verify\`, or let another sign`,
      }
    case 'Expired':
      return {
        code: 'SignatureInvalid',
        message: `${label} is signed with a key, or by a signature, that has expired; let it be signed again`,
      }
    case 'Revoked':
      return { code: 'SignatureInvalid', message: `${label} is signed with a key that was revoked; look who signed it` }
    case 'Invalid':
      return {
        code: 'SignatureInvalid',
        message: `${label} has a signature that does not fit; it was changed after it was signed, or is no signature`,
      }
  }
}
