// What accidents strike, and what must come of them; shared by the quick and the long run.
import { expect } from 'vitest'
import { permitsOf } from '../../src/reconcile/permits.ts'
import type { DesiredOrganization, DesiredOverride } from '../../src/spec/desired.ts'
import { type Accident, type AccidentKind, createAccident } from '../stack/accident.ts'
import { documentOf, EVERYTHING, ORGANIZATION, PROFILE, setOf, stateOf } from '../stack/spec.ts'
import { ALLOWED, GUARDS, type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { type Picture, pictureOf, plainAddresses, wrongWrites } from '../stack/world.ts'

const DAY_MS = 24 * 3_600_000
/** Passes after which everything must have come to its end; waves take one or two each. */
const PASSES = 12

/** A change of an organization, by the stages it goes through. */
export interface Situation {
  readonly stages: string
  readonly options: StackOptions
  /** Nobody allows anything by hand: overrides of the spec let it pass its guards. */
  readonly isByOverride?: true
  specFor(stack: Stack): Promise<Wanted>
}

interface Wanted {
  readonly organization: DesiredOrganization
  readonly overrides: readonly DesiredOverride[]
}

function specWith(more: (addresses: readonly string[]) => string): Situation['specFor'] {
  return ({ simulator: { world } }) =>
    stateOf({ 'a.yaml': ORGANIZATION + PROFILE + more(plainAddresses(world, 'systemuser')) })
}

const SETTINGS = documentOf('EmailSettings', undefined, {
  processEmailsUsing: 'ServerSideSync',
  defaultProfile: 'exchange-online',
  incoming: 'ServerSideSync',
  outgoing: 'ServerSideSync',
  appointmentsContactsTasks: 'ServerSideSync',
  requireApproval: { users: true, queues: true },
})

const FORWARD = {
  address: 'forward@contoso.com',
  type: 'Forward',
  name: 'Forward',
  owner: { team: 'Mail Administrators' },
}

/** Every stage that writes is in one of them. */
export const SITUATIONS: readonly Situation[] = [
  {
    stages: 'profile, approval and mailboxes',
    options: { mess: ['no-new-profile', 'old-profile', 'pending', 'untested'] },
    specFor: specWith((addresses) => setOf('users', addresses)),
  },
  {
    stages: 'profile and settings',
    options: { mess: ['no-new-profile', 'defaults'] },
    specFor: specWith((addresses) => SETTINGS + setOf('users', addresses)),
  },
  {
    stages: 'identities, approval and mailboxes',
    options: { mess: ['old-profile'] },
    specFor: specWith(([first = '', ...others]) => {
      // The test it passed before says nothing of the new address, and the journal alone tells who is cut off in between.
      const renamed = { address: `new.${first}`, previousAddress: first }
      const forwards = setOf('forwards', [FORWARD], { profile: 'exchange-online', incoming: 'ServerSideSync' })
      return setOf('users', [renamed, ...others]) + forwards
    }),
  },
  {
    stages: 'mailboxes in waves',
    options: { mess: ['no-new-profile', 'old-profile'], pace: { maximumInFlight: 3 } },
    specFor: specWith((addresses) =>
      setOf('users', addresses, { ...EVERYTHING, rollout: { canary: addresses.slice(0, 1), waves: [50] } }),
    ),
  },
  {
    stages: 'mailboxes that move and stop by overrides',
    options: { mess: ['no-new-profile', 'old-profile'], guards: GUARDS },
    isByOverride: true,
    specFor: specWith(([stopped = '', ...others]) => {
      const stops = setOf('stopped', [stopped], {
        incoming: 'None',
        outgoing: 'None',
        appointmentsContactsTasks: 'None',
      })
      // As many as the change is of, and not one more: what was done before the accident must not be needed again.
      const limits = { change: others.length + 1, stop: 1, 'old-mail': others.length }
      const overrides = Object.entries(limits).map(([guard, limit]) =>
        documentOf('Override', guard, { guard, limit, reason: 'it was agreed', expires: '2030-01-01T00:00:00Z' }),
      )
      return setOf('users', others) + stops + overrides.join('')
    }),
  },
]

/** How an organization ends, and what was written to bring it there. */
export interface Ending {
  readonly picture: Picture
  /** Writes that took effect, sorted: where and which columns, once for each time. */
  readonly writes: readonly string[]
  /** Records of the journal that reached the disk. */
  readonly records: readonly string[]
}

/** Lets an accident happen at one record, and another one at the first record after it; 0 = none. Passes go on until all is done. */
export async function endingOf(
  { options, isByOverride, specFor }: Situation,
  kind: AccidentKind,
  at: number,
): Promise<Ending> {
  const accident = createAccident()
  let wanted: Wanted | undefined
  const environment: StackOptions['environment'] = (usual) =>
    accident.options.environment({
      ...usual,
      permits: (_scope, now) => (wanted ? permitsOf(wanted.organization, wanted.overrides, new Map())(now) : []),
    })
  const size = { seed: 5, mailboxes: 8, queues: 1, guards: [] }
  const stack = await startStack({ ...size, ...accident.options, environment, ...options })
  try {
    const { world } = stack.simulator
    wanted = await specFor(stack)
    const { organization: desired } = wanted
    const before = pictureOf(world)
    accident.arm(kind, at)
    const allow = isByOverride ? new Set<string>() : ALLOWED
    await untilDone({ stack, desired, allow }, accident, at > 0)
    expect(wrongWrites(before, world, desired)).toEqual([])
    return { picture: pictureOf(world), writes: writesOf(stack), records: [...accident.records] }
  } finally {
    await stack.close()
  }
}

/** What passes are made of. */
interface Passes {
  readonly stack: Stack
  readonly desired: DesiredOrganization
  readonly allow: ReadonlySet<string>
}

async function untilDone({ stack, desired, allow }: Passes, accident: Accident, willHappen: boolean): Promise<void> {
  let due = willHappen ? 2 : 0
  for (let passes = 0; passes < PASSES; passes += 1) {
    const { failure, plan } = await stack.pass(desired, { allow })
    expect(failure !== undefined).toBe(accident.happened)
    if (accident.happened) {
      due -= 1
      accident.arm('killed after', due)
    } else if (plan.steps.length === 0) {
      // Where nothing was left to write, there was no record for the second accident.
      expect(due).toBeLessThanOrEqual(1)
      return
    }
    stack.simulator.world.advanceUntilIdle(DAY_MS)
  }
  throw new Error(`there is still something to do after ${PASSES} passes`)
}

const OF_WRITES: ReadonlySet<string> = new Set(['POST', 'PATCH', 'PUT', 'DELETE'])

function writesOf({ simulator }: Stack): readonly string[] {
  return simulator
    .log()
    .filter(({ kind, method, status = 0 }) => kind !== 'batch' && OF_WRITES.has(method) && status < 300)
    .map(({ method, path, columns }) => `${method} ${path} ${[...columns].sort().join(' ')}`)
    .sort()
}
