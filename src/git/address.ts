// What may stand in an address, a reference or a folder. Git reads its words as options, commands and paths wherever it can, so nothing gets
// as far as git that is not of this grammar; what the schema says is for people and is not relied upon here.

/** The parts of an address of a repository. */
export interface GitAddress {
  readonly scheme: 'https' | 'ssh'
  readonly host: string
  readonly port: number | undefined
  /** User name in an ssh address. */
  readonly user: string | undefined
  /** Begins with a slash. */
  readonly path: string
  /** As git is given it and people see it: without a user. */
  readonly url: string
}

/** An address, a reference or a folder that may not be used. The message does not repeat an address, which could hold a password. */
export class GitInputError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'GitInputError'
  }
}

const LONGEST = 2084
const ADDRESS =
  /^(https|ssh):\/\/(?:([^/@]*)@)?(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?(\/[^@]*)$/
const HOST = /^(?:\[.*\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.?)$/
const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/
const PATH = /^(?:[A-Za-z0-9._~+,=()!$&'/-]|%(?:[2-6][0-9A-Fa-f]|7[0-9A-Ea-e]|[89A-Fa-f][0-9A-Fa-f]))+$/

/** Reads an address: https or ssh, a host, a path, and nothing that git could take for something else. Throws GitInputError. */
export function parseAddress(text: string): GitAddress {
  const [, scheme, user, host = '', port, path = ''] = (text.length <= LONGEST && ADDRESS.exec(text)) || []
  if (scheme !== 'https' && scheme !== 'ssh') {
    throw new GitInputError('the address of the repository is no https:// or ssh:// address of a host and a path')
  }
  if (!HOST.test(host)) throw new GitInputError('the host in the address of the repository is no host name')
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    throw new GitInputError('the port in the address of the repository is none')
  if (user !== undefined) refuseUser(scheme, user)
  if (!PATH.test(path) || path.split('/').some(isTrickySegment) || path.replaceAll('/', '') === '')
    throw new GitInputError('the path in the address of the repository holds characters or parts that are not allowed')
  const url = `${scheme}://${host}${port === undefined ? '' : `:${port}`}${path}`
  return { scheme, host, port: port === undefined ? undefined : Number(port), user, path, url }
}

function refuseUser(scheme: 'https' | 'ssh', user: string): void {
  if (scheme === 'https')
    throw new GitInputError(
      'the address of the repository carries a user; write it as an identity, and take it out of the address',
    )
  if (!USER.test(user))
    throw new GitInputError(
      'what stands before the @ in the address of the repository is no user name; a password does not belong there',
    )
}

/** Segments that lead elsewhere, or that a program at the other end could take for an option. Percent signs hide nothing. */
function isTrickySegment(segment: string): boolean {
  const plain = segment.replaceAll(/%2e/gi, '.').replaceAll(/%2d/gi, '-')
  return plain === '.' || plain === '..' || plain.startsWith('-') || /%2f|%5c/i.test(segment)
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$/
const PATTERN = /^[A-Za-z0-9*][A-Za-z0-9*._/-]{0,254}$/

/** Whether a name of a branch or tag is one that git accepts (git-check-ref-format) and that is made of harmless characters. */
function isReferenceName(name: string): boolean {
  return NAME.test(name) && isWellFormed(name)
}

/** The name of a branch. Throws GitInputError. */
export function checkBranch(name: string): string {
  if (!isReferenceName(name)) throw new GitInputError('`branch` is not the name of a branch')
  return name
}

/** A pattern of tags as a test for names; `*` stands for anything but a slash. Throws GitInputError. */
export function tagMatcher(pattern: string): (name: string) => boolean {
  if (!PATTERN.test(pattern) || !isWellFormed(pattern))
    throw new GitInputError('`tag` is not the name of a tag, with * for any part of it')
  return (name) => isReferenceName(name) && matches(pattern, name)
}

/** Each star takes as little as it can, and more only where the rest does not fit: no name takes longer than its length times the pattern's. */
function matches(pattern: string, name: string): boolean {
  let star = -1
  let taken = 0
  let at = 0
  let index = 0
  while (index < name.length) {
    if (pattern[at] === '*') {
      star = at
      taken = index
      at += 1
    } else if (pattern[at] === name[index]) {
      at += 1
      index += 1
    } else if (star >= 0 && name[taken] !== '/') {
      taken += 1
      at = star + 1
      index = taken
    } else return false
  }
  return [...pattern.slice(at)].every((character) => character === '*')
}

function isWellFormed(name: string): boolean {
  if (name.includes('..') || name.includes('//') || name.endsWith('/') || name.endsWith('.')) return false
  return name.split('/').every((part) => !part.startsWith('.') && !part.startsWith('-') && !part.endsWith('.lock'))
}

/** A folder in a tree, without slashes at its ends; empty for the whole tree. Throws GitInputError on one that leads out of it. */
export function checkFolder(folder: string): string {
  const parts = folder.split('/').filter((part) => part !== '' && part !== '.')
  const isInside = !folder.startsWith('/') && parts.every((part) => part !== '..' && !/[\p{Cc}\\:]/u.test(part))
  if (!isInside) throw new GitInputError('`folder` is no folder inside of the repository')
  return parts.join('/')
}

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** Whether this is the full id of an object. */
export function isObjectId(text: string): boolean {
  return ID.test(text)
}
