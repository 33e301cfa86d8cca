import { createConcealer, toMessage } from '../network/redact.ts'
import { GitError, type GitFailure } from './repository.ts'

/** What git and the programs that it runs say in English (LC_ALL=C), what it comes to, and what to do. The first that fits counts. */
const SAYINGS: readonly (readonly [RegExp, GitFailure, string])[] = [
  [
    /host key verification failed|remote host identification has changed|no .{1,40} host key is known/i,
    'HostUnknown',
    'the key of the server does not stand in `knownHostsFile`; ask who runs the server for its key, and correct the file only if it is the same',
  ],
  [
    /407 from proxy|proxy authentication required/i,
    'Unauthorized',
    'the proxy refuses us; look at `network.proxy` and its password',
  ],
  [
    /ssl certificate problem|certificate verif|server certificate|certificate subject name|unable to get local issuer|handshake failed|self.signed certificate/i,
    'CertificateRefused',
    'the certificate of the server cannot be trusted; name its authority in `network.caFile`, or let the server have a valid one',
  ],
  [
    /error setting certificate (?:verify locations|file)/i,
    'CertificateRefused',
    'the authorities cannot be read; look at `network.caFile`',
  ],
  [
    /authentication failed|could not read (?:username|password)|terminal prompts disabled|permission denied \(|http basic: access denied|returned error: 40[13]|no supported authentication methods/i,
    'Unauthorized',
    'the server refuses the identity; look whether its token or key is still valid and may read the repository',
  ],
  [
    /returned error: 3\d\d|unable to update url base from redirection/i,
    'NotFound',
    'the server sends us to another address, which is not followed; write the final address of the repository',
  ],
  [
    /repository .{0,300}not found|returned error: 404|does not appear to be a git repository|project you were looking for could not be found|not valid: is this a git repository/i,
    'NotFound',
    'there is no such repository, or the identity may not see it; look at the address and at what the identity may read',
  ],
  [
    /couldn't find remote ref/i,
    'ReferenceMissing',
    'there is no such branch or tag; look at `branch` or `tag`, and whether a git server answers at this address',
  ],
  [/no space left on device|disk quota/i, 'Broken', 'the disk is full; make room below the state directory'],
  [
    /operation too slow|timed out|timeout, server .{0,300} not responding/i,
    'TimedOut',
    'the server did not answer in time; it is tried again',
  ],
  [
    /could not resolve|couldn't connect|failed to connect|connection (?:refused|reset|closed)|no route to host|network is unreachable|returned error: (?:429|5\d\d)|empty reply|hung up unexpectedly|early eof|unexpected disconnect|rpc failed|could not read from remote|non-properly terminated|recv (?:error|failure)|send failure|unexpected eof/i,
    'Unreachable',
    'the server cannot be reached or broke off; it is tried again',
  ],
  [
    /mismatched algorithms|object.format/i,
    'Broken',
    'the repository names its objects by SHA-256, which this version of mailkeel does not follow',
  ],
]

/** The error for what git complained about. What it said stands behind it as one short line without the secrets. */
export function failureOf(complaint: string, doing: string, secrets: readonly string[]): GitError {
  const known = SAYINGS.find(([pattern]) => pattern.test(complaint))
  const [, code, advice] = known ?? [undefined, 'Broken' as const, 'look at what git says']
  const said = lineOf(complaint, secrets)
  return new GitError(code, `${doing}: ${advice}${said === '' ? '' : ` (git: ${said})`}`)
}

const LONGEST_LINE = 200

/** The line that says most: the first that is an error, without what is only a remark. */
function lineOf(complaint: string, secrets: readonly string[]): string {
  const lines = complaint.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  const line = lines.find((text) => /^(?:fatal|error|remote: (?:fatal|error)|ssh):/i.test(text)) ?? lines.at(-1) ?? ''
  return toMessage(createConcealer(secrets)(line), LONGEST_LINE)
}
