import type { Setting } from './config-text.ts'

/** What every git process is told. There is no other configuration: its home is ours, and that of the system is not read. */
export const ALWAYS: readonly Setting[] = [
  // Nothing that a repository or a server brings along is ever run.
  setting('core', 'hooksPath', '/dev/null'),
  setting('core', 'fsmonitor', 'false'),
  setting('core', 'symlinks', 'false'),
  setting('submodule', 'recurse', 'false'),
  setting('fetch', 'recurseSubmodules', 'false'),
  setting('transfer', 'bundleURI', 'false'),
  setting('protocol', 'allow', 'never'),
  // Every object is checked as it comes; one pack, so that its size can be limited.
  setting('transfer', 'fsckObjects', 'true'),
  setting('fetch', 'unpackLimit', '1'),
  setting('core', 'bigFileThreshold', '1m'),
  // Tidying up is done when we say so, loses nothing, and leaves no process behind.
  setting('maintenance', 'auto', 'false'),
  setting('gc', 'autoDetach', 'false'),
  setting('gc', 'pruneExpire', 'never'),
  setting('gc', 'reflogExpire', 'never'),
  setting('core', 'logAllRefUpdates', 'false'),
  setting('log', 'showSignature', 'false'),
  setting('advice', 'detachedHead', 'false'),
  setting('init', 'defaultBranch', 'main'),
  // There are no keys but those of people who may sign, so nobody needs to vouch for them beside.
  setting('gpg', 'minTrustLevel', 'undefined'),
]

/** The settings of a fetch over https. A server that is silent for `stallSeconds` is given up. */
export function httpsSettings(stallSeconds: number): readonly Setting[] {
  return [
    { section: 'protocol', subsection: 'https', key: 'allow', value: 'always' },
    setting('http', 'sslVerify', 'true'),
    // A credential belongs to the server that was named, and to no other that this one names.
    setting('http', 'followRedirects', 'false'),
    setting('http', 'lowSpeedLimit', '1'),
    setting('http', 'lowSpeedTime', String(stallSeconds)),
  ]
}

/** The settings of a fetch over ssh, with the command that git begins it with. */
export function sshSettings(command: string): readonly Setting[] {
  return [
    { section: 'protocol', subsection: 'ssh', key: 'allow', value: 'always' },
    setting('core', 'sshCommand', command),
    setting('ssh', 'variant', 'ssh'),
  ]
}

/** A setting without a subsection. */
export function setting(section: string, key: string, value: string): Setting {
  return { section, key, value }
}
