import type { Configuration } from '../generated/types.ts'
import { identityOf, type Report } from './check-identities.ts'

/** A git source that can be followed: one reference, an identity that fits the address, and signatures where tags are taken. */
export function checkGit(spec: Configuration['spec'], report: Report): void {
  const { git } = spec.source
  if (!git) return
  const path = ['source', 'git']
  const isSsh = git.url.startsWith('ssh:')
  identityOf(spec, git.identity, [...path, 'identity'], isSsh ? ['Ssh'] : ['Bearer', 'Basic', 'GitHubApp'], report)
  if (isSsh && git.knownHostsFile === undefined) {
    report(
      path,
      'the address begins with ssh://, so `knownHostsFile` is required: it says which server is the right one',
    )
  }
  if (!isSsh && git.knownHostsFile !== undefined) {
    report([...path, 'knownHostsFile'], 'an address that begins with https:// is known by its certificate; remove this')
  }
  if (git.branch !== undefined && git.tag !== undefined) {
    report([...path, 'tag'], 'a source follows a branch or tags; remove one of the two')
  }
  if (git.tag !== undefined && git.verify === undefined) {
    report([...path, 'tag'], 'a tag can be moved by whoever may push, so tags must be signed; add `verify`')
  }
  const { verify } = git
  if (verify && verify.gpgKeysFile === undefined && verify.allowedSignersFile === undefined) {
    report([...path, 'verify'], 'signatures are of somebody; name `gpgKeysFile`, `allowedSignersFile` or both')
  }
  if (verify?.mode === 'Tag' && git.tag === undefined) {
    report([...path, 'verify', 'mode'], 'a branch has no tag to be signed; write Head or Every, or follow a `tag`')
  }
}
