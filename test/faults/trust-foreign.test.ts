// Others work in the same tenant, at the worst moments: what they added is still there afterwards, and what they removed stays away.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SimulatedKey } from '../../src/simulator/trust/model.ts'
import type { DesiredState } from '../../src/spec/desired.ts'
import { startTrustStack, TRUST_SCOPE, type TrustStack } from '../stack/trust.ts'
import { principalOf } from './trust-kill.ts'

const CRM = '00000007-0000-0000-c000-000000000000'
const THEIRS = 'https://theirs.contoso.com'

let stack: TrustStack
let bringBack: () => Promise<void>
let rotated: DesiredState
let another: SimulatedKey

beforeAll(async () => {
  stack = await startTrustStack({ trust: { tenant: { foreign: true }, switches: { entra: { keyInBatch: true } } } })
  stack.addCertificate('s2s-2027')
  await stack.configure()
  await stack.settle(await stack.specWith('s2s-2026'))
  another = foreign().addKey()
  // A rotation then writes names too.
  foreign().removeName(`${CRM}/*.contoso.com`)
  rotated = await stack.specWith('s2s-2027')
  bringBack = await stack.keep()
}, 60_000)

afterAll(() => stack.close())

const foreign = () => stack.simulator.trust.entra.foreign
const batch = (nth: number) => ({ method: 'POST', path: '$batch', nth })

/** Moments of a rotation. Its batches write the keys, the names, and at its end the keys again. */
const MOMENTS: readonly { moment: string; strike: (work: () => void) => void }[] = [
  { moment: 'before anything is read', strike: (work) => work() },
  { moment: 'between the look at the keys and their PATCH', strike: (work) => foreign().before(batch(1), work) },
  { moment: 'between the look at the names and their PATCH', strike: (work) => foreign().before(batch(2), work) },
  {
    moment: 'between the look at the keys and the PATCH that retires',
    strike: (work) => foreign().before(batch(3), work),
  },
  {
    moment: 'right after the PATCH of the keys',
    strike: (work) => foreign().before({ operation: 'part', method: 'GET', nth: 2 }, work),
  },
  {
    moment: 'while the written keys are not seen yet',
    strike(work) {
      stack.simulator.trust.entra.setReplicationLag({ staleReads: 4 })
      foreign().before({ method: 'GET', path: '/keyCredentials/', nth: 4 }, work)
    },
  },
]

const ACTS = [
  {
    act: 'adds a key',
    work: () => void foreign().addKey({ displayName: 'CN=late' }),
    names: [] as string[],
    late: 1,
    removed: false,
  },
  { act: 'adds a name', work: () => foreign().addName(THEIRS), names: [THEIRS], late: 0, removed: false },
  {
    act: 'removes a key of theirs',
    work: () => foreign().removeKey(another.keyId),
    names: [] as string[],
    late: 0,
    removed: true,
  },
]

describe('somebody else', () => {
  it.each(
    MOMENTS.flatMap((moment, at) =>
      // Keys are what a write can take away; the other acts take their turns.
      ACTS.filter((_, act) => act === 0 || act === 1 + (at % 2)).map((act) => ({ ...moment, ...act })),
    ),
  )('who $act $moment has their way', async ({ strike, work, names, late, removed }) => {
    await bringBack()
    const before = principalOf(stack)
    const [old, next] = [...stack.certificates.values()].map(({ der }) => der)
    const theirs = before.keys.filter(({ key }) => key !== old && !(removed && key === another.key))
    let happened = 0
    strike(() => {
      happened += 1
      work()
    })

    await stack.settle(rotated)
    stack.simulator.trust.entra.setReplicationLag({})

    const after = principalOf(stack)
    const others = after.keys.filter(({ key }) => key !== next)
    expect(happened).toBe(1)
    expect(
      others
        .filter(({ displayName }) => displayName !== 'CN=late')
        .map(({ keyId, key, displayName }) => ({ keyId, key, displayName })),
    ).toEqual(theirs.map(({ keyId, key, displayName }) => ({ keyId, key, displayName })))
    expect(others.filter(({ displayName }) => displayName === 'CN=late')).toHaveLength(late)
    expect(after.keys.filter(({ key }) => key === next)).toHaveLength(1)
    expect(new Set(after.names)).toEqual(new Set([...before.names, `${CRM}/*.contoso.com`, ...names]))
    expect(stack.problem()).toBeUndefined()
  })

  it('whose key our PATCH removed, and whose certificate the directory does not show, is told of it by name', async () => {
    await bringBack()
    const { switches } = stack.simulator.trust.entra
    Object.assign(switches, { keyInBatch: false })
    const late: SimulatedKey[] = []
    foreign().before(batch(1), () => void late.push(foreign().addKey({ displayName: 'CN=late' })))

    const [first] = await stack.settle(rotated)

    const told = first?.get(TRUST_SCOPE)?.outcomes?.find(({ stage }) => stage === 'credential')
    expect(told).toMatchObject({
      result: 'Applied',
      reason: { code: 'RemovedForeign', message: expect.stringContaining(late[0]?.keyId ?? '?') },
    })
    expect(stack.problem()).toBeUndefined()
  })
})
