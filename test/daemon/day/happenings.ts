// What happens in a day: some of it every day at its time, the rest as it is drawn.
import { rowWith } from '../../stack/world.ts'
import {
  addressesOf,
  type DayOptions,
  FOUGHT,
  GUARDED,
  LATE,
  type Life,
  methodsOf,
  organizationOf,
  simulated,
  wishesFor,
} from './life.ts'

const HOUR_MS = 3_600_000

/** What happens at some time. */
export interface Plan {
  readonly at: number
  readonly happen: () => Promise<void>
}

/** What happens in the course of every day. */
export function plansOf(life: Life, begun: number, hours: number): Plan[] {
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
export function wasGuarded(life: Life): boolean {
  return (GUARD_NOTES.get(life) ?? []).filter((method) => method === 0).length === 0
}

/** Commits, accidents, strangers, or nothing. */
export async function somethingHappens(life: Life, { isRestarted }: DayOptions): Promise<void> {
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
