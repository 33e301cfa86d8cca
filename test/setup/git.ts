import { execFileSync } from 'node:child_process'

const AS_NOBODY = ['-c', 'user.name=test', '-c', 'user.email=test@contoso.com', '-c', 'commit.gpgsign=false']

/** Runs git in a folder, with nobody's configuration. */
export function git(folder: string, ...words: readonly string[]): string {
  const environment = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', [...AS_NOBODY, ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: environment,
    stdio: 'pipe',
  })
}

/** Makes a folder a repository, with everything in it committed. */
export function commitAll(folder: string): void {
  git(folder, 'init', '--quiet')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', 'as it is')
}
