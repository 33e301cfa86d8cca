import { createPrivateKey, type KeyObject } from 'node:crypto'
import { GitError } from './repository.ts'

const OPENSSH = '-----BEGIN OPENSSH PRIVATE KEY-----'

/**
 * A private key as the ssh program reads it without asking anybody. A key with a passphrase is decrypted here, because ssh takes a
 * passphrase from a terminal or from a program only; the form of OpenSSH has an encryption of its own, which Node does not read.
 * Throws GitError Unauthorized.
 */
export function plainSshKey(privateKey: string, passphrase: string | undefined): string {
  const text = `${privateKey.replaceAll('\r\n', '\n').trim()}\n`
  if (text.startsWith(OPENSSH)) {
    if (isEncryptedOpenSsh(text)) throw refused(ADVICE)
    return text
  }
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----$/m.test(text))
    throw refused('the private key of the identity is no key in the OpenSSH or PEM form')
  if (!/ENCRYPTED/.test(text)) return text
  if (passphrase === undefined)
    throw refused('the private key has a passphrase, and the identity has none; add `passphrase`')
  return exported(decrypted(text, passphrase))
}

const ADVICE =
  'the private key is encrypted in the form of OpenSSH, which mailkeel does not decrypt; keep it without a passphrase where secrets are kept (`ssh-keygen -p` takes it off), or make a deploy key of its own'

function decrypted(text: string, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: text, passphrase })
  } catch (cause) {
    throw refused('the private key cannot be decrypted; look whether `passphrase` is the one of this key', { cause })
  }
}

/** In the forms that every ssh reads. */
function exported(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return String(key.export({ type: 'pkcs1', format: 'pem' }))
  if (key.asymmetricKeyType === 'ec') return String(key.export({ type: 'sec1', format: 'pem' }))
  return String(key.export({ type: 'pkcs8', format: 'pem' }))
}

/** The form (openssh-key-v1, PROTOCOL.key of OpenSSH): a magic word, then the name of the cipher, which is `none` without a passphrase. */
function isEncryptedOpenSsh(text: string): boolean {
  const body = Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const start = 'openssh-key-v1\0'.length
  if (body.length < start + 8) throw refused('the private key of the identity is cut off')
  return body.toString('latin1', start + 4, start + 4 + body.readUInt32BE(start)) !== 'none'
}

function refused(message: string, options?: ErrorOptions): GitError {
  return new GitError('Unauthorized', message, options)
}
