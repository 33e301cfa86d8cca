// Questions to git about what is here already, through simple-git. Its guard over arguments and environment stays wholly on: no `unsafe`
// setting is opened, and of the names GIT_… only those of our own pass.
import { GIT_NAMES, type Home } from './home.ts'
import { GitError } from './repository.ts'

/** What git answered. Text of a repository in it is hostile. */
export interface Answer {
  readonly code: number
  readonly output: string
  readonly complaint: string
}

const DEADLINE_MS = 60_000

/** Runs git in a home. Whatever it ends with is an answer; throws where it cannot be run or does not end, and the reason of the signal. */
export async function ask(home: Home, words: readonly string[], signal: AbortSignal): Promise<Answer> {
  const { simpleGit } = await import('simple-git')
  signal.throwIfAborted()
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  let answer: Answer | undefined
  const git = simpleGit({
    baseDir: home.folder,
    abort: AbortSignal.any([signal, deadline]),
    allowEnvironment: GIT_NAMES,
    // Without this a failure without words would be no failure.
    errors(_error, { exitCode, stdOut, stdErr }) {
      answer = { code: exitCode, output: textOf(stdOut), complaint: textOf(stdErr) }
      return undefined
    },
  })
  try {
    await git.env({ ...home.environment }).raw([...words])
  } catch (cause) {
    signal.throwIfAborted()
    if (deadline.aborted)
      throw new GitError('TimedOut', `\`git ${words[0]}\` did not answer in time; it is tried again`, { cause })
    throw new GitError('Broken', `\`git ${words[0]}\` could not be run; look whether git works here`, { cause })
  }
  signal.throwIfAborted()
  if (!answer) throw new GitError('Broken', `\`git ${words[0]}\` gave no answer; look whether git works here`)
  return answer
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8')
}
