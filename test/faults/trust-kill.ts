// A rotation that is killed, and what must come of it; shared by the quick and the long run. A killed process sends nothing more and writes
// nothing more, so it is played in this one: from some moment on its connections are cut and its records fail.
import { expect } from 'vitest'
import type { HttpRequest } from '../../src/network/http.ts'
import type { ServerFault } from '../../src/simulator/servers/index.ts'
import type { SimulatedPrincipal } from '../../src/simulator/trust/model.ts'
import type { DesiredState } from '../../src/spec/desired.ts'
import { createAccident } from '../stack/accident.ts'
import { type PassResults, startTrustStack, type TrustStack, told } from '../stack/trust.ts'
import { sha256Of } from '../stack/trust-workspace.ts'

/** Where the process dies: at a write to a remote system, the effect of which takes place or not, or at a record of its journal. */
export interface Death {
  readonly at: 'before write' | 'after write' | 'killed before' | 'killed after'
  readonly number: number
}

/** What the next process finds of the state directory. */
export const LOSSES = ['nothing', 'memory', 'everything'] as const
export type Loss = (typeof LOSSES)[number]

/** What is under way: the first connection, or the change to another certificate. */
export type Undertaking = 'connection' | 'rotation'

/** Writes and records that each takes where nothing goes wrong. */
export const LENGTHS = { connection: { writes: 13, records: 20 }, rotation: { writes: 11, records: 18 } } as const

/** Every place to die at. */
export function deathsIn(undertaking: Undertaking): readonly Death[] {
  const { writes, records } = LENGTHS[undertaking]
  const upTo = (last: number, ...at: Death['at'][]) =>
    Array.from({ length: last }, (_, index) => at.map((one) => ({ at: one, number: index + 1 }))).flat()
  return [...upTo(writes, 'before write', 'after write'), ...upTo(records, 'killed before', 'killed after')]
}

/** A world that is about to be connected or rotated, again and again. */
export interface Mortal {
  readonly stack: TrustStack
  /** Does it without any accident; how many remote writes and how many records that takes. */
  count(): Promise<{ readonly writes: number; readonly records: number }>
  /** Does it with a death on the way, lets passes follow, and checks everything. */
  dieAndGoOn(death: Death, loss: Loss): Promise<void>
}

const WRITING_SCRIPTS: ReadonlySet<string> = new Set([
  'ensure-certificate',
  'write-server-settings',
  'write-tenant-id',
  'switch-certificate',
  'set-marker',
  'restart-services',
])
const DEAD: readonly ServerFault[] = [{ kind: 'down' }, { kind: 'cut', effect: false }]

/** Starts a world with a key and a name of somebody else. */
export async function startMortal(undertaking: Undertaking): Promise<Mortal> {
  const accident = createAccident()
  const writes: string[] = []
  let armed: Death | undefined
  let effects: string[] = []
  const outages: unknown[] = []
  /** Whether the process dies at this write. */
  const diesAt = (what: string): Death['at'] | undefined => {
    if (undertaking === 'rotation') outages.push(stack.problem())
    writes.push(what)
    const dies = writes.length === armed?.number ? armed.at : undefined
    if (dies !== 'before write') effects.push(what)
    return dies
  }
  const stack = await startTrustStack({
    environment: accident.options.environment,
    beforeSend(request) {
      accident.options.beforeSend()
      if (isGraphWrite(request) && diesAt('graph') === 'before write') accident.kill()
      accident.options.beforeSend()
    },
    afterSend(_, request) {
      if (isGraphWrite(request) && writes.length === armed?.number && armed.at === 'after write') accident.kill()
      accident.options.beforeSend()
    },
    beforeScript(server, script) {
      if (isDead()) return DEAD
      if (script === undefined || !WRITING_SCRIPTS.has(script)) return []
      const dies = diesAt(`${script} ${server}`)
      if (dies === 'before write' || dies === 'after write') accident.kill()
      return dies === 'before write' ? DEAD : dies === 'after write' ? [{ kind: 'cut' }] : []
    },
  })
  const isDead = () => accident.happened
  const { foreign } = stack.simulator.trust.entra
  const next = stack.addCertificate('s2s-2027')
  await stack.configure()
  const after = await stack.specWith('s2s-2027')
  const theirs = foreign.addKey()
  foreign.addName('https://theirs.contoso.com')
  if (undertaking === 'rotation') await stack.settle(await stack.specWith('s2s-2026'))
  const bringBack = await stack.keep()
  // What is done once and for all in the organization is no part of it.
  if (undertaking === 'connection') await stack.settle(after)

  async function begin(death?: Death) {
    await bringBack()
    accident.arm('killed after', 0)
    writes.length = 0
    effects = []
    outages.length = 0
    armed = death?.at === 'before write' || death?.at === 'after write' ? death : undefined
    if (death?.at === 'killed before' || death?.at === 'killed after') accident.arm(death.at, death.number)
  }

  return {
    stack,
    async count() {
      await begin()
      accident.arm('killed after', Number.MAX_SAFE_INTEGER)
      await stack.settle(after)
      const counted = { writes: writes.length, records: accident.records.length }
      accident.arm('killed after', 0)
      return counted
    },
    async dieAndGoOn(death, loss) {
      await begin(death)
      await passUntilDead(stack, after, () => accident.happened)
      if (!accident.happened && isOfATest(undertaking, death)) return
      expect(accident.happened, `it did not die; it wrote ${writes.join(', ')}`).toBe(true)
      armed = undefined
      accident.arm('killed after', 0)
      if (loss !== 'nothing') await stack.loseState(loss)

      const passes = await stack.settle(after)

      const said = passes.flatMap((results) => [...results.values()].map(told)).join('\n')
      const { keys, names } = principalOf(stack)
      const ours = [stack.certificates.get('s2s-2026'), next].map((made) => made?.der)
      const old = keys.filter(({ key }) => key === ours[0])
      expect(
        keys.filter(({ key }) => key === next.der),
        said,
      ).toHaveLength(1)
      expect(
        keys.filter(({ key }) => !ours.includes(key)),
        said,
      ).toEqual([theirs])
      // Without its memory mailkeel cannot tell that it added the old one, and what may be somebody else's stays.
      expect(old.length, said).toBeLessThanOrEqual(loss === 'nothing' ? 0 : 1)
      expect(names, said).toEqual(expect.arrayContaining(['https://theirs.contoso.com']))
      expect(
        stack.simulator.trust.deployment.rows.map(({ data }) => data),
        said,
      ).toEqual([next.der])
      for (const { services } of stack.simulator.trust.deployment.servers) {
        const loaded = services.filter(({ name }) => name.includes('Async')).map((service) => service.loaded)
        expect(loaded, said).toEqual(loaded.map(() => sha256Of(next)))
      }
      expect(
        outages.filter((outage) => outage !== undefined),
        said,
      ).toEqual([])
      expect(stack.problem(), said).toBeUndefined()
      expect(failing(passes.at(-1)), said).toEqual([])
      expect(twice(effects), `${effects.join('\n')}\n${said}`).toEqual([])
    },
  }
}

/** Whether a connection ends with one more test depends on when the mailbox was tested last: these records are not always there. */
function isOfATest(undertaking: Undertaking, { at, number }: Death): boolean {
  return undertaking === 'connection' && at.startsWith('killed') && number > LENGTHS.connection.records - 2
}

/** A death may lie in the first pass of a rotation, or in the one that retires. */
async function passUntilDead(stack: TrustStack, spec: DesiredState, isDead: () => boolean): Promise<void> {
  for (let pass = 0; pass < 4 && !isDead(); pass += 1) {
    // A process whose disk fails at the first record ends with an error; what it was is said by the passes that follow.
    await stack.pass(spec).catch(() => undefined)
    if (isDead()) return
    stack.finishTests()
    stack.simulator.advance(2 * 3_600_000)
  }
}

/** What stops nobody's mail must not happen twice all the same: a restart, an import, a switch, a key. */
function twice(effects: readonly string[]): readonly string[] {
  const once = effects.filter((what) => what !== 'graph' && !what.startsWith('set-marker'))
  return once.filter((what, index) => once.indexOf(what) !== index)
}

function failing(results: PassResults | undefined): readonly string[] {
  return [...(results?.values() ?? [])].flatMap(({ failure, plan }) => [
    ...(failure ? [failure.message] : []),
    ...plan.exceptions.map(({ key, reason }) => `${key} ${reason.code}`),
  ])
}

function isGraphWrite({ url, body }: HttpRequest): boolean {
  return url.includes('/graph/') && typeof body === 'string' && /PATCH|appId/.test(body)
}

/** CRM's principal of the first tenant. */
export function principalOf({ simulator: { trust } }: TrustStack): SimulatedPrincipal {
  const found = trust.tenant.principals.get('00000007-0000-0000-c000-000000000000')
  if (!found) throw new Error('the tenant has no principal of CRM')
  return found
}
