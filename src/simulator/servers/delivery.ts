import type { ServerFault } from './faults.ts'
import type { Ended } from './powershell.ts'
import type { SshCommand } from './ssh-server.ts'

/** Sends what a process left, as far as the faults of the connection let it. */
export function deliver({ channel, cut }: SshCommand, ended: Ended, faults: readonly ServerFault[]): void {
  const kinds = faults.map(({ kind }) => kind)
  if (kinds.includes('hang')) return
  if (kinds.includes('cut')) {
    channel.write(ended.stdout.subarray(0, Math.ceil(ended.stdout.length / 2)), () => setImmediate(cut))
    return
  }
  const end = () => {
    channel.stderr.write(ended.stderr)
    channel.exit(ended.exitCode)
    channel.end()
  }
  const slow = faults.find(({ kind }) => kind === 'slow')
  if (slow === undefined) channel.write(ended.stdout, end)
  else dribble(channel, ended.stdout, slow.delayMs ?? 10, end)
}

const PIECES = 8

function dribble(channel: SshCommand['channel'], bytes: Buffer, delayMs: number, end: () => void): void {
  const size = Math.max(1, Math.ceil(bytes.length / PIECES))
  channel.write(bytes.subarray(0, size))
  const rest = bytes.subarray(size)
  if (rest.length === 0 || channel.destroyed) end()
  else setTimeout(() => dribble(channel, rest, delayMs, end), delayMs)
}
