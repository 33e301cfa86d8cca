// What is found out about a day: what is not as it was asked, and what the process holds.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Board } from '../../../src/daemon/board.ts'
import { rowWith } from '../../stack/world.ts'
import { type Life, simulated } from './life.ts'

/** What was found out about the process at some time. */
export interface Size {
  readonly heapMiB: number
  /** Sockets, timers and the like that keep the process alive, by kind. */
  readonly resources: Readonly<Record<string, number>>
  /** What waits for the simulated clock. */
  readonly timers: number
}

/** What is not as the last commit asks, and is not left alone with a reason; each as a line. */
export function unsettledIn({ stack, wishes, harness, fought }: Life): readonly string[] {
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

/** Looks at this process, after everything that nobody holds was collected. */
export function sizeOf({ stack, harness }: Life): Size {
  for (const organization of stack.organizations.values()) organization.resetRequests()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let times = 0; times < 3; times += 1) collect()
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  return { heapMiB: process.memoryUsage().heapUsed / 2 ** 20, resources, timers: harness().timers() }
}
