// What the organization as a whole contributes to the chain of one object. A check that only keeps mailkeel from writing explains why
// nothing is written, and never why somebody's mail does not flow.
import {
  advised,
  type ExplainContext,
  type Link,
  type Observed,
  type Subject,
  type Verdict,
} from '../../engine/index.ts'
import type { DesiredOrganization } from '../../spec/desired.ts'
import { TRUST_CHECK } from '../trust-dependence.ts'

/** The link each check belongs to, and whether mail of people depends on it. Checks without a row speak for themselves. */
const LINKS: readonly {
  readonly name: string
  readonly keys: RegExp
  readonly carriesMail: boolean
  /** Said where all is in order, in place of what each check says. */
  readonly inOrder?: string
  /** It keeps nothing from being written; it is told. */
  readonly onlyAdvises?: true
}[] = [
  { name: 'server', keys: /^(reachable-version|unique-name)$/, carriesMail: true },
  { name: 'identity', keys: /^organization-id$/, carriesMail: false },
  { name: 'channel', keys: /^email-connection-channel$/, carriesMail: true },
  { name: 'clock', keys: /^clock$/, carriesMail: false, onlyAdvises: true },
  {
    name: 'privileges',
    keys: /^(privileges-|read-only)/,
    carriesMail: false,
    inOrder: 'the account has every privilege this spec needs',
  },
]

const STATES = { True: 'good', False: 'broken', Unknown: 'unknown', Unverifiable: 'told' } as const satisfies Record<
  Verdict['status'],
  Link['state']
>

/** The links of the checks named `stage`: organization and channel for every object, the others where they are not in order. */
export function linksOfChecks(
  stage: string,
  { kind }: Subject,
  { reads }: ExplainContext<DesiredOrganization>,
): readonly Link[] {
  const read = reads.get(stage)
  if (!read?.complete) return []
  const isWhole = kind === 'Organization'
  const links: Link[] = []
  const left = new Map(read.rows)
  // It has links of its own.
  left.delete(TRUST_CHECK.key)
  for (const { name, keys, carriesMail, inOrder, onlyAdvises } of LINKS) {
    const checks = [...left].filter(([key]) => keys.test(key))
    for (const [key] of checks) left.delete(key)
    const worst = linkOf(
      name,
      checks.map(([, row]) => row),
    )
    const link = worst?.state === 'good' && inOrder !== undefined ? { ...worst, words: inOrder } : worst
    if (link?.state === 'broken' && onlyAdvises) links.push({ ...link, state: 'told' })
    else if (link && (carriesMail || isWhole)) links.push(link)
    else if (link && link.state !== 'good') links.push({ ...link, state: 'told' })
  }
  for (const { label = 'check', ...row } of left.values()) {
    const link = linkOf(label, [row])
    if (link && (isWhole || link.state !== 'good')) links.push(link)
  }
  return links
}

/** Several checks as one link: the worst of them speaks; where all are in order, all do. */
function linkOf(name: string, rows: readonly Pick<Observed, 'ready'>[]): Link | undefined {
  const verdicts = rows.flatMap(({ ready }) => ready ?? [])
  const worst = (['False', 'Unknown', 'Unverifiable'] as const)
    .map((status) => verdicts.find((verdict) => verdict.status === status))
    .find((verdict) => verdict !== undefined)
  if (!worst) {
    const said = verdicts.map(({ message }) => message)
    return said.length === 0 ? undefined : { name, state: 'good', words: said.join(', ') }
  }
  const { what, next } = advised(worst.message)
  const link = { name, state: STATES[worst.status], words: what }
  return next === undefined ? link : { ...link, next }
}
