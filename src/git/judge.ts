import { isObjectId } from './address.ts'
import { ask } from './ask.ts'
import { failureOf } from './failure.ts'
import type { Home, HomeMaker } from './home.ts'
import { type Commit, GitError, type Refusal } from './repository.ts'
import { createVerifier, type SignerFiles, type Verifier } from './signature.ts'

/** Which commits may be taken. */
export interface Rules {
  /** Whose signatures count; absent where signatures are not looked at. */
  readonly verify?: (SignerFiles & { readonly mode: 'Head' | 'Every' | 'Tag' }) | undefined
  /** The one commit that may be taken although it does not follow. */
  readonly allowRewind?: string | undefined
}

/** The tag that a commit was fetched by. */
export interface FetchedTag {
  readonly name: string
  /** Id of the object that the reference holds: of the tag, or of the commit where the tag is a mere name for it. */
  readonly id: string
  /** The name in the tag object, which is signed with it. Undefined where there is no such object. */
  readonly signedName: string | undefined
}

/** What a judgement is made with. */
export interface Judging {
  readonly rules: Rules
  readonly home: Home
  readonly maker: HomeMaker
  /** Ids of commits and tags whose signatures this process found good. */
  readonly verified: Set<string>
  readonly signal: AbortSignal
}

/** Whether the commit follows from the one that was taken last. Throws GitError. */
export async function orderRefusal(
  commit: Commit,
  accepted: string | undefined,
  input: Judging,
): Promise<Refusal | undefined> {
  const { allowRewind } = input.rules
  if (accepted === undefined || accepted === commit.id || allowRewind === commit.id) return undefined
  // What is no id never becomes a word of a command.
  const follows = isObjectId(accepted) && (await isAncestor(accepted, commit.id, input))
  if (follows) return undefined
  const message = `commit ${short(commit.id)} does not follow from ${printableId(accepted)}, which was taken last: the branch was rewritten or set back, or the history that was fetched does not reach that far. Where this is wanted, write \`allowRewind: ${commit.id}\``
  return { code: 'NotFastForward', message }
}

async function isAncestor(older: string, newer: string, { home, signal }: Judging): Promise<boolean> {
  const { code, complaint } = await ask(home, ['merge-base', '--is-ancestor', older, newer], signal)
  if (code === 0) return true
  // 128 and these words: the older one is not here at all.
  if (code === 1 || /not a valid (?:commit|object) name|bad object/i.test(complaint)) return false
  throw failureOf(complaint, 'comparing two commits', [])
}

/** Whether what must be signed is. Throws GitError. */
export async function signatureRefusal(
  commit: Commit,
  tag: FetchedTag | undefined,
  accepted: string | undefined,
  input: Judging,
): Promise<Refusal | undefined> {
  const { verify } = input.rules
  if (!verify) return undefined
  if (tag) {
    const fault = await tagFault(tag)
    if (fault) return fault
  }
  const commits = verify.mode === 'Every' ? await commitsSince(accepted, commit.id, input) : tag ? [] : [commit.id]
  const objects = [
    ...(tag ? [{ type: 'tag', id: tag.id, label: `tag ${tag.name}` } as const] : []),
    ...commits.map((id) => ({ type: 'commit', id, label: `commit ${short(id)}` }) as const),
  ].filter(({ id }) => !input.verified.has(id))
  if (objects.length === 0) return undefined
  const verifier = await createVerifier(verify, input.maker, input.signal)
  try {
    return await firstRefusal(objects, verifier, input)
  } finally {
    await verifier.dispose()
  }
}

async function firstRefusal(
  objects: readonly Parameters<Verifier['refusal']>[0][],
  verifier: Verifier,
  { verified, signal }: Judging,
): Promise<Refusal | undefined> {
  for (const object of objects) {
    const refusal = await verifier.refusal(object, signal)
    if (refusal) return refusal
    verified.add(object.id)
  }
  return undefined
}

/** A tag that was signed under another name is an old one that somebody gave a new name. */
async function tagFault({ name, signedName }: FetchedTag): Promise<Refusal | undefined> {
  if (signedName === undefined)
    return {
      code: 'TagNotSigned',
      message: `tag ${name} is a mere name and cannot be signed; make it with \`git tag --sign\``,
    }
  if (signedName === name) return undefined
  return {
    code: 'SignatureInvalid',
    message: `tag ${name} was signed under another name; somebody moved it. Make a new tag`,
  }
}

const MOST_COMMITS = 10_000

/** The commits since the last one that was taken, the newest first; only the newest where none was, or it is not here. */
async function commitsSince(accepted: string | undefined, newest: string, input: Judging): Promise<readonly string[]> {
  if (accepted === undefined || !isObjectId(accepted) || accepted === newest) return [newest]
  const words = ['rev-list', `--max-count=${MOST_COMMITS + 1}`, newest, `^${accepted}`]
  const { code, output, complaint } = await ask(input.home, words, input.signal)
  if (code !== 0) {
    if (/bad object|not a valid|bad revision/i.test(complaint)) return [newest]
    throw failureOf(complaint, 'listing the commits since the last one', [])
  }
  const ids = output.split('\n').filter(isObjectId)
  if (ids.length > MOST_COMMITS)
    throw new GitError(
      'TooLarge',
      `there are more than ${MOST_COMMITS} commits since ${short(accepted)}, too many to look at each signature`,
    )
  return ids.includes(newest) ? ids : [newest, ...ids]
}

function short(id: string): string {
  return id.slice(0, 12)
}

function printableId(text: string): string {
  return isObjectId(text) ? short(text) : 'a commit'
}
