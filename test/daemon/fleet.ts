// Several simulated organizations under one running mailkeel.
import { onTestFinished } from 'vitest'
import { type SimulatedOrganization, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'
import { organizationDocuments, type Systems } from '../stack/trust-workspace.ts'
import { rowWith } from '../stack/world.ts'
import { type Files, type Harness, type HarnessOptions, startHarness } from './harness.ts'

/** A running mailkeel, and the organizations that it works on. */
export interface Fleet {
  readonly harness: Harness
  readonly organizations: ReadonlyMap<string, SimulatedOrganization>
  /** The usual spec of all organizations, or of these. */
  spec(names?: readonly string[], fields?: Readonly<Record<string, unknown>>): Files
  /** Starts it again in the same folder. */
  restart(options?: Partial<HarnessOptions>): Promise<Harness>
}

/** How a fleet differs from the usual one: one organization, `contoso-sales`, with three users. */
export interface FleetOptions extends Partial<HarnessOptions> {
  readonly simulator?: SimulatorOptions
  /** Further organizations. */
  readonly beside?: readonly string[]
}

/** The organization that every fleet has. */
export const FIRST = 'contoso-sales'

/** Starts it all; it ends with the test. */
export async function startFleet({ simulator, beside = [], ...options }: FleetOptions = {}): Promise<Fleet> {
  const running = await startSimulator({ clock: 'manual', mailboxes: 3, queues: 0, mess: ['none'], ...simulator })
  onTestFinished(() => running.close())
  const organizations = new Map<string, SimulatedOrganization>([[FIRST, running]])
  for (const name of beside) organizations.set(name, running.addOrganization({ name, mailboxes: 2, queues: 0 }))
  const systems: Systems = { organizations, tenants: new Map(), deployments: new Map(), certificates: new Map() }
  const simulated = { now: () => running.world.now(), advance: (ms: number) => void running.advance(ms) }
  const start = async (more: Partial<HarnessOptions>) => {
    const harness = await startHarness({ systems, simulated, ...options, ...more })
    onTestFinished(() => harness.close())
    return harness
  }
  const harness = await start({})
  return {
    harness,
    organizations,
    spec: (names = [...organizations.keys()], fields = {}) =>
      Object.fromEntries(
        names.map((name) => {
          const organization = organizations.get(name)
          if (!organization) throw new Error(`no organization ${name}`)
          return [
            `${name}/spec.yaml`,
            organizationDocuments(name, organization, { calendars: name === FIRST, ...fields }),
          ]
        }),
      ),
    restart: async (more = {}) => {
      await harness.stop()
      return start({ folder: harness.folder, ...more })
    },
  }
}

/** Somebody sets how a mailbox sends its mail, by hand: 0 is None, 2 is server-side synchronization. */
export function setMethod(organization: SimulatedOrganization | undefined, address: string, method: number): void {
  if (!organization) throw new Error('no organization')
  const { world } = organization
  const [id] = rowWith(world, 'mailbox', 'emailaddress', address)
  world.update(world.callers.admin, 'mailbox', id, { outgoingemaildeliverymethod: method })
}

/** How a mailbox sends its mail. */
export function methodOf(organization: SimulatedOrganization | undefined, address: string): unknown {
  if (!organization) throw new Error('no organization')
  return rowWith(organization.world, 'mailbox', 'emailaddress', address)[1]['outgoingemaildeliverymethod']
}

/** Whether a request writes. */
export function writes({ method }: { readonly method: string }): boolean {
  return method !== 'GET'
}

/** A gate that holds whoever comes to it while it is closed. */
export function createGate(): { close(): void; open(): void; readonly held: number; pass(): Promise<void> } {
  let held = 0
  let opened = Promise.resolve()
  let open = () => {}
  return {
    close() {
      opened = new Promise((resolve) => {
        open = resolve
      })
    },
    open: () => open(),
    get held() {
      return held
    },
    async pass() {
      held += 1
      await opened
      held -= 1
    },
  }
}

/** Lets what is under way come as far as it can, while something is held. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; turns < 5_000; turns += 1) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error('it did not come to that')
}
