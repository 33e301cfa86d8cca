// Puts what is wanted into files: one for each server and step, in the order in which they are to be run. What follows on the same server goes
// into the same file, and whatever writes is followed by the reads of that server, so that its answer says how things are afterwards.
import type { ScriptCall } from '../channel.ts'
import type { OfflineBook, Want } from './book.ts'

/** What goes into one file. */
export interface Bundle {
  /** Such as `02-crm-async-1-store-certificate`; names sort in order. */
  readonly name: string
  readonly server: string
  readonly calls: readonly ScriptCall[]
  /** What it does, as a person is told. */
  readonly words: string
}

/** By script, the most telling first: the file is named after the first one that is in it. */
const STEPS: readonly { readonly id: string; readonly name: string; readonly words: string }[] = [
  { id: 'switch-certificate', name: 'switch-certificate', words: 'makes CRM sign in with the new certificate' },
  { id: 'restart-services', name: 'restart-services', words: 'restarts the asynchronous services of CRM' },
  {
    id: 'ensure-certificate',
    name: 'store-certificate',
    words: 'imports the certificate and lets the services read its key',
  },
  {
    id: 'write-server-settings',
    name: 'write-settings',
    words: 'writes the settings by which CRM trusts Exchange Online',
  },
  { id: 'write-tenant-id', name: 'write-tenant-id', words: 'writes the tenant id of an organization' },
  { id: 'set-marker', name: 'set-marker', words: 'notes that the services must load a certificate anew' },
  { id: 'read-server', name: 'look', words: 'looks, and changes nothing' },
  { id: 'read-deployment', name: 'look', words: 'looks, and changes nothing' },
]

/** The files for what the servers of these books want. `numberFrom` is where their numbers begin. */
export function bundlesOf(book: OfflineBook, numberFrom = 1): readonly Bundle[] {
  const wants = book.wants()
  const writes = wants.filter(({ call }) => call.script.writes)
  const writtenTo = new Set(writes.map(({ server }) => server))
  const looks = wants.filter(({ server, call }) => !call.script.writes && !writtenTo.has(server))
  const groups = [...byServer(looks), ...adjacent(moveTogether(writes)).map((group) => withReads(group, book))]
  return groups.map((group, index) => bundleOf(group, numberFrom + index))
}

interface Group {
  readonly server: string
  readonly calls: readonly ScriptCall[]
}

function byServer(wants: readonly Want[]): readonly Group[] {
  const servers = [...new Set(wants.map(({ server }) => server))]
  return servers.map((server) => ({
    server,
    calls: wants.filter((want) => want.server === server).map(({ call }) => call),
  }))
}

function adjacent(wants: readonly Want[]): readonly Group[] {
  const groups: { server: string; calls: ScriptCall[] }[] = []
  for (const { server, call } of wants) {
    const last = groups.at(-1)
    if (last?.server === server) last.calls.push(call)
    else groups.push({ server, calls: [call] })
  }
  return groups
}

/** Only the switch must find all servers prepared. What stands before it, and what stands after it, may go server by server. */
function moveTogether(wants: readonly Want[]): readonly Want[] {
  const at = wants.findIndex(({ call }) => call.script.id === 'switch-certificate')
  if (at < 0) return sortedByServer(wants)
  const through = wants[at]?.server ?? ''
  const [before, after] = [sortedByServer(wants.slice(0, at)), sortedByServer(wants.slice(at + 1))]
  const isThrough = ({ server }: Want) => server === through
  const isOther = (want: Want) => !isThrough(want)
  return [
    ...[...before.filter(isOther), ...before.filter(isThrough)],
    ...wants.slice(at, at + 1),
    ...[...after.filter(isThrough), ...after.filter(isOther)],
  ]
}

function sortedByServer(wants: readonly Want[]): readonly Want[] {
  const servers = [...new Set(wants.map(({ server }) => server))]
  return servers.flatMap((name) => wants.filter(({ server }) => server === name))
}

function withReads({ server, calls }: Group, book: OfflineBook): Group {
  return { server, calls: [...calls, ...book.readsOf(server)] }
}

function bundleOf({ server, calls }: Group, number: number): Bundle {
  const steps = calls.flatMap(({ script: { id } }) => STEPS.find((step) => step.id === id) ?? [])
  const [main] = [...steps].sort((a, b) => STEPS.indexOf(a) - STEPS.indexOf(b))
  // What goes along with the rest need not be told.
  const told = steps.filter(({ name }) => name === main?.name || (name !== 'look' && name !== 'set-marker'))
  const name = [String(number).padStart(2, '0'), fileWord(server), main?.name ?? 'look'].join('-')
  return { name, server, calls, words: [...new Set(told.map(({ words }) => words))].join(', then ') }
}

/** A host as a part of a file name on Windows. */
function fileWord(server: string): string {
  return (server.split('.').length > 1 && !/^[\d.:]+$/.test(server) ? (server.split('.')[0] ?? server) : server)
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .toLowerCase()
}
