// A day while it is lived: the simulated systems, the process over them, and the repository that it follows.
import { compose } from '../../../src/compose/compose.ts'
import { httpClientTo } from '../../../src/compose/connections.ts'
import type { BoardEvent } from '../../../src/daemon/board.ts'
import type { HttpRequest } from '../../../src/network/http.ts'
import { writesOfRequest } from '../../stack/sent.ts'
import { FIRST_ORGANIZATION, startTrustStack, type TrustStack } from '../../stack/trust.ts'
import { addOrganization } from '../../stack/trust-beside.ts'
import { plainAddresses, rowWith } from '../../stack/world.ts'
import { type FakeSource, type Files, fakeSource, type Harness, revisionOf, startHarness } from '../harness.ts'
import { createDraws, type Draws } from './random.ts'
import { createTroubles, type Troubles } from './troubles.ts'
import { startWatch, type Watch } from './watch.ts'
import { filesOf, type OrganizationWishes, type Wishes } from './wishes.ts'

/** Asks before two mailboxes stop at once. */
export const GUARDED = 'contoso-guarded'
/** Somebody changes back here what mailkeel writes. */
export const FOUGHT = 'contoso-fought'
/** Comes into the spec in the course of the day. */
export const LATE = 'contoso-late'

/** Which day. */
export interface DayOptions {
  readonly hours: number
  readonly seed: number
  /** After so many hours the process is looked at for the first time. */
  readonly lookAfterHours: number
  /** Whether the process is ended and started again now and then. */
  readonly isRestarted: boolean
}

/** Counts of a day. */
export interface Counts {
  passes: number
  failedPasses: number
  writes: number
  commits: number
  restarts: number
  changedByHand: number
}

/** A day while it is lived. */
export interface Life {
  readonly stack: TrustStack
  readonly draws: Draws
  readonly wishes: Wishes
  readonly watch: Watch
  readonly troubles: Troubles
  readonly counts: Counts
  readonly warnings: string[]
  readonly fought: Set<string>
  harness(): Harness
  /** Commits what is wished now. */
  commit(): Promise<void>
  /** Commits something that is no spec. */
  commitNonsense(): void
  /** Ends the process at the n-th request from now; cut off, where it is not asked. */
  endAtRequest(number: number, isCutOff: boolean): void
  /** Moves the clock; starts the process again where it was ended on the way. */
  advance(ms: number): Promise<void>
  /** Ends the process and starts it again. */
  restart(): Promise<void>
  end(): Promise<void>
}

/** Starts everything; nothing is committed yet. */
export async function begin({ seed }: DayOptions): Promise<Life> {
  const draws = createDraws(seed)
  const stack = await startTrustStack({ simulator: { seed, mailboxes: 5, maxPageSize: 4 } })
  for (const name of ['contoso-west', GUARDED, FOUGHT, LATE]) addOrganization(stack, name)
  stack.addCertificate('s2s-2027')
  const { simulator } = stack
  const { foreign } = simulator.trust.entra
  const theirs = { keyId: foreign.addKey().keyId, name: 'https://theirs.contoso.com' }
  foreign.addName(theirs.name)
  const watch = startWatch(stack, theirs)
  const wishes = firstWishes(stack)
  const counts: Counts = { passes: 0, failedPasses: 0, writes: 0, commits: 0, restarts: 0, changedByHand: 0 }
  const fought = new Set<string>()
  const warnings: string[] = []
  const onWarning = (warning: Error) => void warnings.push(`${warning.name}: ${warning.message}`)
  process.on('warning', onWarning)
  const source = rememberingSource(() => simulator.world.now())
  let ending: { left: number; readonly isCutOff: boolean } | undefined
  let isCut = false
  let stopping: Promise<boolean> | undefined

  function beforeSend(request: HttpRequest): void {
    if (isCut) throw Object.assign(new Error('the process is dead'), { name: 'NetworkError', failure: 'reset' })
    if (request.url.includes('/api/data/')) counts.writes += writesOfRequest(request).length
    if (!ending) return
    ending.left -= 1
    if (ending.left > 0) return
    isCut = ending.isCutOff
    ending = undefined
    stopping = harness.stop()
  }

  function onEvent(event: BoardEvent): void {
    if (event.type !== 'pass') return
    counts.passes += 1
    if (event.report.result.failure) counts.failedPasses += 1
    for (const { key } of event.report.fights) fought.add(`${event.scope} ${key}`)
  }

  const start = (folder?: string) =>
    startHarness({
      systems: stack,
      simulated: { now: () => simulator.world.now(), advance: (ms) => void simulator.advance(ms) },
      source,
      random: createDraws(seed + 1_000_000).next,
      onEvent,
      configure: withGuards,
      ...(folder === undefined ? {} : { folder }),
      compose: (one) =>
        compose(one, async (...using) => {
          const sockets = await httpClientTo(...using)
          return {
            async send(request) {
              beforeSend(request)
              return sockets.send(request)
            },
            close: () => sockets.close(),
          }
        }),
    })
  async function restart(): Promise<void> {
    await (stopping ?? harness.stop())
    ;[stopping, isCut] = [undefined, false]
    counts.restarts += 1
    harness = await start(first.folder)
    await harness.settled()
  }
  let harness = await start()
  const first = harness
  return {
    stack,
    draws,
    wishes,
    watch,
    troubles: createTroubles(stack, draws),
    counts,
    warnings,
    fought,
    harness: () => harness,
    async commit() {
      wishes.commits += 1
      counts.commits += 1
      const files = filesOf(wishes, stack, FIRST_ORGANIZATION)
      await watch.accept(files)
      source.push(files)
    },
    commitNonsense() {
      counts.commits += 1
      source.push({ 'nonsense.yaml': `apiVersion: mailkeel/v1\nkind: Nonsense${counts.commits}\n` })
    },
    endAtRequest(number, isCutOff) {
      ending = { left: number, isCutOff }
    },
    async advance(ms) {
      await harness.advance(ms)
      if (stopping) await restart()
    },
    restart,
    async end() {
      process.off('warning', onWarning)
      await harness.close()
      await first.close()
      await stack.close()
    },
  }
}

function firstWishes(stack: TrustStack): Wishes {
  const names = [FIRST_ORGANIZATION, 'contoso-west', GUARDED, FOUGHT]
  const organizations = new Map(names.map((name) => [name, wishesFor(stack, name)]))
  return { certificate: 's2s-2026', organizations, commits: 0 }
}

/** Everybody but the last one is to be connected. */
export function wishesFor(stack: TrustStack, name: string): OrganizationWishes {
  const managed = addressesOf(stack, name).slice(0, -1)
  return { members: new Map(managed.map((address) => [address, 'connected'])), pollMinutes: 10, overrides: [] }
}

/** What is asked of an organization. Throws where it is not in the spec. */
export function organizationOf({ organizations }: Wishes, name: string): OrganizationWishes {
  const found = organizations.get(name)
  if (!found) throw new Error(`${name} is not in the spec`)
  return found
}

/** The simulated organization of a name. Throws where there is none. */
export function simulated({ organizations }: TrustStack, name: string) {
  const found = organizations.get(name)
  if (!found) throw new Error(`no organization ${name}`)
  return found
}

/** Its users, as specs can name them. */
export function addressesOf(stack: TrustStack, name: string): readonly string[] {
  return plainAddresses(simulated(stack, name).world, 'systemuser')
}

/** How its users send their mail, as CRM has it. */
export function methodsOf(stack: TrustStack, name: string): readonly unknown[] {
  const { world } = simulated(stack, name)
  return addressesOf(stack, name).map(
    (address) => rowWith(world, 'mailbox', 'emailaddress', address)[1]['outgoingemaildeliverymethod'],
  )
}

function withGuards(text: string): string {
  const free = { maximumPercent: 100 }
  const guards = {
    'tenant-id': { maximum: 9 },
    'credential-retire': { maximum: 9 },
    change: free,
    stop: free,
    unapprove: free,
    'old-mail': { maximum: 99 },
  }
  return text
    .replace('"spec":{', `"spec":{"guards":${JSON.stringify(guards)},`)
    .replace(`"${GUARDED}":{`, `"${GUARDED}":{"guards":{"stop":{"maximum":1}},`)
}

/** Keeps every revision, so that a process that starts again finds the one it took before. */
function rememberingSource(now: () => Date): FakeSource {
  const source = fakeSource(now)
  const kept = new Map<string, Files>()
  return {
    ...source,
    push(files, id) {
      const pushed = source.pushQuietly(files, id)
      kept.set(pushed, files)
      source.hintAll()
      return pushed
    },
    recall: async (id) => {
      const files = kept.get(id)
      return files && revisionOf(id, files, now())
    },
  }
}
