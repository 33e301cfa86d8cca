import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ProcessIdentity } from './lock.ts'

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid)
}

/** A living process of this host, or undefined where there is none with this id. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  return isAlive(pid) ? identityOf(pid) : undefined
}

function identityOf(pid: number): ProcessIdentity {
  const startToken = startTokenOf(pid)
  return startToken === undefined ? { host: hostname(), pid } : { host: hostname(), pid, startToken }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Boot and start time as Linux tells them (proc(5): `starttime` is field 22 of `stat`); undefined on other systems. */
function startTokenOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The command name in parentheses may hold spaces, so fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[19] === undefined ? undefined : `${boot}:${fields[19]}`
  } catch {
    return undefined
  }
}
