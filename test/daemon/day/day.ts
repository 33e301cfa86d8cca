// A day in the life of `mailkeel run`: a trust and several organizations over real sockets, under a clock that the test moves. People commit,
// things break, administrators change what they should not, the process is ended and started again, a certificate is rotated. All of it is
// drawn from one seed, so a day that went wrong can be lived once more.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { compose } from '../../../src/compose/compose.ts'
import { httpClientTo } from '../../../src/compose/connections.ts'
import type { Board, BoardEvent } from '../../../src/daemon/board.ts'
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

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Asks before two mailboxes stop at once. */
const GUARDED = 'contoso-guarded'
/** Somebody changes back here what mailkeel writes. */
const FOUGHT = 'contoso-fought'
/** Comes into the spec in the course of the day. */
const LATE = 'contoso-late'

/** What was found out about the process at some time. */
export interface Size {
  readonly heapMiB: number
  /** Sockets, timers and the like that keep the process alive, by kind. */
  readonly resources: Readonly<Record<string, number>>
  /** What waits for the simulated clock. */
  readonly timers: number
}

/** How a day went. */
export interface Day {
  readonly passes: number
  readonly failedPasses: number
  /** Writes that were sent to CRM. */
  readonly writes: number
  readonly faults: number
  readonly commits: number
  readonly restarts: number
  readonly changedByHand: number
  readonly early: Size
  readonly late: Size
  /** After the end, of a process that was just started: what the simulated systems hold, and not what was gathered by mailkeel. */
  readonly fresh: Size
  /** What changed without a wish; each as a line. */
  readonly wrong: readonly string[]
  /** What is not as the last commit asks, with nothing that holds it; each as a line. */
  readonly unsettled: readonly string[]
  /** Whether the guard held what was not agreed. */
  readonly wasGuarded: boolean
  /** Objects that were left to whoever fights over them. */
  readonly fought: readonly string[]
  /** What Node warned of, for example of listeners that are never taken away. */
  readonly warnings: readonly string[]
  /** Timers that were left after the end. */
  readonly timersLeft: number
}

/** Which day. */
export interface DayOptions {
  readonly hours: number
  readonly seed: number
  /** After so many hours the process is looked at for the first time. */
  readonly lookAfterHours: number
  /** Whether the process is ended and started again now and then. */
  readonly isRestarted: boolean
}

/** Lives it. */
export async function liveADay(options: DayOptions): Promise<Day> {
  const life = await begin(options)
  try {
    return await live(life, options)
  } finally {
    await life.end()
  }
}

/** Counts of a day. */
interface Counts {
  passes: number
  failedPasses: number
  writes: number
  commits: number
  restarts: number
  changedByHand: number
}

interface Life {
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

async function begin({ seed }: DayOptions): Promise<Life> {
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
      random: draws.next,
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

async function live(life: Life, options: DayOptions): Promise<Day> {
  const { hours, lookAfterHours } = options
  const { stack, draws, watch, troubles, counts } = life
  const now = () => stack.simulator.world.now().getTime()
  const begun = now()
  const plans = plansOf(life, begun, hours)
  let early: Size | undefined
  await life.commit()
  while (now() - begun < hours * HOUR_MS) {
    for (const plan of plans.filter(({ at }) => at <= now())) {
      plans.splice(plans.indexOf(plan), 1)
      await plan.happen()
    }
    await somethingHappens(life, options)
    await life.advance((1 + draws.below(12)) * MINUTE_MS)
    troubles.endDue()
    lookAround(life)
    if (!early && now() - begun >= lookAfterHours * HOUR_MS) early = sizeOf(life)
  }
  troubles.endAll()
  await life.commit()
  for (let turns = 0; turns < 24 && (turns < 4 || unsettledIn(life).length > 0); turns += 1) {
    await life.advance(10 * MINUTE_MS)
    lookAround(life)
  }
  const late = sizeOf(life)
  const unsettled = unsettledIn(life)
  await life.restart()
  const fresh = sizeOf(life)
  await life.harness().stop()
  return {
    ...counts,
    faults: troubles.struck(),
    early: early ?? late,
    late,
    fresh,
    wrong: watch.wrong,
    unsettled,
    wasGuarded: plans.length === 0 && wasGuarded(life),
    fought: [...life.fought],
    warnings: life.warnings,
    timersLeft: life.harness().timers(),
  }
}

/** What a revision of before may still do is over once everybody works toward the newest one. */
function lookAround({ watch, harness }: Life): void {
  watch.look()
  const { source, scopes } = harness().daemon.board
  const enforced = source().enforced?.id
  if (scopes().every(({ revision }) => revision === enforced)) watch.forget()
}

interface Plan {
  readonly at: number
  readonly happen: () => Promise<void>
}

/** What happens in the course of every day. */
function plansOf(life: Life, begun: number, hours: number): Plan[] {
  const { wishes, stack } = life
  const at = (share: number) => begun + share * hours * HOUR_MS
  const guarded = () => organizationOf(wishes, GUARDED)
  return [
    {
      at: at(0.2),
      happen: async () => {
        wishes.organizations.set(LATE, wishesFor(stack, LATE))
        await life.commit()
      },
    },
    {
      at: at(0.3),
      happen: async () => {
        wishes.certificate = 's2s-2027'
        await life.commit()
      },
    },
    {
      at: at(0.5),
      happen: async () => {
        for (const address of [...guarded().members.keys()].slice(0, 2)) guarded().members.set(address, 'stopped')
        await life.commit()
      },
    },
    {
      at: at(0.7),
      happen: async () => {
        GUARD_NOTES.set(life, methodsOf(stack, GUARDED))
        guarded().overrides.push(2)
        await life.commit()
      },
    },
  ]
}

const GUARD_NOTES = new WeakMap<Life, readonly unknown[]>()

/** Nothing stopped before it was agreed. */
function wasGuarded(life: Life): boolean {
  return (GUARD_NOTES.get(life) ?? []).filter((method) => method === 0).length === 0
}

async function somethingHappens(life: Life, { isRestarted }: DayOptions): Promise<void> {
  const { draws, troubles, counts } = life
  const drawn = draws.below(100)
  if (drawn < 25) troubles.begin()
  else if (drawn < 45) await commitSomething(life)
  else if (drawn < 55) byHand(life)
  else if (drawn < 62 && isRestarted) life.endAtRequest(1 + draws.below(30), draws.chance(0.5))
  else if (drawn < 66) life.harness().daemon.wakeAll()
  if (life.harness().machine.now().getUTCHours() % 2 === 0 && fightBack(life)) counts.changedByHand += 1
}

async function commitSomething(life: Life): Promise<void> {
  const { draws, wishes, stack } = life
  const drawn = draws.below(10)
  if (drawn < 2) return life.commitNonsense()
  const [name, asked] = draws.one([...wishes.organizations].filter(([one]) => one !== GUARDED && one !== FOUGHT))
  if (drawn < 4) asked.pollMinutes = 5 + draws.below(50)
  else if (drawn < 6) {
    // The last one is never managed.
    const address = draws.one(addressesOf(stack, name).slice(0, -1))
    if (asked.members.has(address) && asked.members.size > 1) asked.members.delete(address)
    else asked.members.set(address, 'connected')
  } else if (drawn < 9) {
    const [address, wish] = draws.one([...asked.members])
    asked.members.set(address, wish === 'connected' ? 'stopped' : 'connected')
  }
  return life.commit()
}

/** Somebody changes what he should not, or what is nobody's business. */
function byHand({ draws, stack, wishes, watch, counts }: Life): void {
  const [name] = draws.one([...wishes.organizations].filter(([one]) => one !== GUARDED && one !== FOUGHT))
  const { world } = simulated(stack, name)
  counts.changedByHand += 1
  watch.byHand(() => {
    if (draws.chance(0.2)) {
      for (const id of world.rows('emailserverprofile').keys())
        world.editByHand('emailserverprofile', id, { minpollingintervalinminutes: 60 })
      return
    }
    const address = draws.one(addressesOf(stack, name))
    if (draws.chance(0.3)) {
      const [user] = rowWith(world, 'systemuser', 'internalemailaddress', address)
      world.editByHand('systemuser', user, { emailrouteraccessapproval: 3 })
      return
    }
    const [mailbox] = rowWith(world, 'mailbox', 'emailaddress', address)
    world.editByHand('mailbox', mailbox, { outgoingemaildeliverymethod: draws.below(3) })
  })
}

/** Undoes what mailkeel wrote; false where it wrote nothing. */
function fightBack({ stack, wishes, watch }: Life): boolean {
  const [address = ''] = organizationOf(wishes, FOUGHT).members.keys()
  const { world } = simulated(stack, FOUGHT)
  const [mailbox, row] = rowWith(world, 'mailbox', 'emailaddress', address)
  if (row['incomingemaildeliverymethod'] === 0) return false
  watch.byHand(() => world.editByHand('mailbox', mailbox, { incomingemaildeliverymethod: 0 }))
  return true
}

function unsettledIn({ stack, wishes, harness, fought }: Life): readonly string[] {
  const { board } = harness().daemon
  const lines = board
    .scopes()
    .flatMap(({ scope, failure, phase, report }) => [
      ...(failure ? [`${scope} ${failure.reason.code} ${failure.reason.message}`] : []),
      ...(phase === 'Idle' ? [] : [`${scope} is ${phase}`]),
      ...(report ? [] : [`${scope} was never looked at`]),
      ...(report?.result.plan.exceptions ?? [])
        .filter(({ state, key }) => state !== 'Held' && !fought.has(`${scope} ${key}`))
        .map(({ stage, key, state, reason }) => `${scope} ${stage} ${key} ${state}: ${reason.message}`),
      ...(report?.result.plan.steps ?? []).flatMap(({ changes }) =>
        changes
          .filter(({ label }) => !fought.has(label))
          .map(({ stage, key }) => `${scope} is to change ${stage} ${key}`),
      ),
    ])
  for (const [name, { members }] of wishes.organizations) {
    for (const [address, wish] of members) {
      if (fought.has(`organization/${name} ${address}`)) continue
      const [, row] = rowWith(simulated(stack, name).world, 'mailbox', 'emailaddress', address)
      const [incoming, outgoing] = [row['incomingemaildeliverymethod'], row['outgoingemaildeliverymethod']]
      const asked = wish === 'connected' ? 2 : 0
      if (incoming !== asked || outgoing !== asked)
        lines.push(
          `${name} ${address} is to be ${wish} and is ${incoming}, ${outgoing}: ${reasonsOf(board, name, address)}`,
        )
    }
  }
  return lines
}

function reasonsOf(board: Board, name: string, address: string): string {
  const { report, held } = board.scope(`organization/${name}`) ?? {}
  const reasons = (report?.result.plan.exceptions ?? []).filter(({ key }) => key === address)
  return JSON.stringify({ held, reasons: reasons.map(({ stage, state, reason }) => [stage, state, reason]) })
}

function sizeOf({ stack, harness }: Life): Size {
  for (const organization of stack.organizations.values()) organization.resetRequests()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let times = 0; times < 3; times += 1) collect()
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  return { heapMiB: process.memoryUsage().heapUsed / 2 ** 20, resources, timers: harness().timers() }
}

function firstWishes(stack: TrustStack): Wishes {
  const names = [FIRST_ORGANIZATION, 'contoso-west', GUARDED, FOUGHT]
  const organizations = new Map(names.map((name) => [name, wishesFor(stack, name)]))
  return { certificate: 's2s-2026', organizations, commits: 0 }
}

function wishesFor(stack: TrustStack, name: string): OrganizationWishes {
  const managed = addressesOf(stack, name).slice(0, -1)
  return { members: new Map(managed.map((address) => [address, 'connected'])), pollMinutes: 10, overrides: [] }
}

function organizationOf({ organizations }: Wishes, name: string): OrganizationWishes {
  const found = organizations.get(name)
  if (!found) throw new Error(`${name} is not in the spec`)
  return found
}

function simulated({ organizations }: TrustStack, name: string) {
  const found = organizations.get(name)
  if (!found) throw new Error(`no organization ${name}`)
  return found
}

function addressesOf(stack: TrustStack, name: string): readonly string[] {
  return plainAddresses(simulated(stack, name).world, 'systemuser')
}

function methodsOf(stack: TrustStack, name: string): readonly unknown[] {
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
