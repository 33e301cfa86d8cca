// The servers of one deployment behind the two faces of deployment.ts. What belongs to one server is asked there; what belongs to all of them
// is asked through one that has the Deployment Tools, and that one is remembered.

import type { CrmCredential } from './calls.ts'
import type { Channel } from './channel.ts'
import { CrmServerError, type DeploymentReader, type DeploymentWriter } from './deployment.ts'
import { createReader } from './reader.ts'
import { createWriter } from './writer.ts'

/** A server and how it is reached. */
export interface ServerChannels {
  /** As in the keys of objects: the host, with its port where that is not 22. */
  readonly name: string
  readonly reading: Channel
  /** Without it the other one writes too. */
  readonly writing?: Channel
}

/** A deployment as the runtime configuration names it. */
export interface DeploymentClientOptions {
  /** In the order of the configuration. */
  readonly servers: readonly ServerChannels[]
  readonly credential?: CrmCredential
}

/** The client of one deployment. */
export interface DeploymentClient {
  /** A reader that sees the servers as they are from now on. */
  reader(): DeploymentReader
  writer(): DeploymentWriter
  /** Ends all connections. The client may be used again and connects anew. */
  close(): Promise<void>
}

/** What reader and writer share. */
export interface Servers {
  readonly names: readonly string[]
  readonly credential: CrmCredential | undefined
  reading(name: string): Channel
  writing(name: string): Channel
  /**
   * Does `work` through one server after the other until one can. Which one could is asked first from then on. A person who is to write
   * through one server is not sent to write through a second one as well.
   */
  throughOne<T>(purpose: 'reading' | 'writing', work: (name: string) => Promise<T>): Promise<T>
}

/** The client of one deployment. Connects when first asked. */
export function createDeploymentClient({ servers, credential }: DeploymentClientOptions): DeploymentClient {
  const byName = new Map(servers.map((server) => [server.name, server]))
  const channelsOf = (name: string) => {
    const found = byName.get(name)
    if (!found) throw new CrmServerError('Unreachable', name, `the configuration names no server ${name}`)
    return found
  }
  const names = servers.map(({ name }) => name)
  let remembered: string | undefined
  const shared: Servers = {
    names,
    credential,
    reading: (name) => channelsOf(name).reading,
    writing: (name) => channelsOf(name).writing ?? channelsOf(name).reading,
    throughOne: async (purpose, work) => {
      const isCarried = (name: string) => channelsOf(name).reading.isCarried === true
      const first = remembered === undefined ? [] : [remembered]
      const others = names.filter((name) => name !== remembered)
      // Nobody is sent to a server as long as another one can be asked from here.
      const order = [...first, ...others.filter((name) => !isCarried(name)), ...others.filter(isCarried)]
      const { name, value } = await firstThatCan(order, { purpose, isCarried }, work)
      remembered = name
      return value
    },
  }
  return {
    reader: () => createReader(shared),
    writer: () => createWriter(shared),
    close: async () => {
      const channels = servers.flatMap(({ reading, writing }) => (writing ? [reading, writing] : [reading]))
      await Promise.all(channels.map((channel) => channel.close()))
    },
  }
}

/** Failures that another server may not have. After any other one, and after any possible effect, no second server is asked. */
const PASSED_ON: ReadonlySet<string> = new Set([
  'Unreachable',
  'HostKeyChanged',
  'SignInRefused',
  'TimedOut',
  'Cut',
  'Malformed',
  'PowerShellMissing',
  'SnapInMissing',
  'NotDeploymentAdministrator',
  'ScriptFailed',
  'AwaitingResults',
])

/** What a server lacks for good. After any other failure it may answer the next time, and no person is sent to another one for that. */
const LACKING: ReadonlySet<string> = new Set(['SnapInMissing', 'PowerShellMissing'])

async function firstThatCan<T>(
  names: readonly string[],
  { purpose, isCarried }: { readonly purpose: 'reading' | 'writing'; readonly isCarried: (name: string) => boolean },
  work: (name: string) => Promise<T>,
): Promise<{ readonly name: string; readonly value: T }> {
  const failures: CrmServerError[] = []
  for (const name of names) {
    const mayReturn = failures.some(({ code, host }) => !isCarried(host) && !LACKING.has(code))
    if (isCarried(name) && mayReturn) break
    try {
      return { name, value: await work(name) }
    } catch (error) {
      if (!(error instanceof CrmServerError) || error.effect === 'possible' || !PASSED_ON.has(error.code)) throw error
      if (purpose === 'writing' && error.code === 'AwaitingResults') throw error
      failures.push(error)
    }
  }
  throw mostTelling(failures)
}

/** A server without the Deployment Tools is as it should be; what keeps the one that has them says more. */
function mostTelling(failures: readonly CrmServerError[]): CrmServerError {
  const told = failures.find(({ code }) => code !== 'SnapInMissing') ?? failures[0]
  return told ?? new CrmServerError('Unreachable', '', 'the configuration names no server of this deployment')
}
