// The guards of an organization, with the limits of the runtime configuration. They come from there and never from the spec: a pull
// request cannot loosen them.
import {
  type Effect,
  type EffectLimits,
  type EffectRule,
  effectGuard,
  FIGHT,
  type Guard,
  ROLLOUT,
  vanishedGuard,
} from '../engine/index.ts'
import type { Configuration } from '../spec/generated/types.ts'
import { ORGANIZATION_CHANGED } from './organization-changed.ts'

/** What guards with limits count. A new one is one line here and its limits in the schema of the configuration. */
const EFFECT_RULES = [
  ofMailboxes('change', ['changes', 'change'], (effects) => effects.some((effect) => effect !== 'test')),
  ofMailboxes('move', ['moves', 'move'], having('move')),
  ofMailboxes('stop', ['stops', 'stop'], having('stop', 'delete')),
  ofMailboxes('unapprove', ['loses its approval', 'lose their approval'], having('unapprove')),
  ofMailboxes('claim', ['is claimed', 'are claimed'], having('claim')),
  ofMailboxes('old-mail', ['gets mail from before today', 'get mail from before today'], having('old-mail')),
  ofMailboxes('delete-mail', ['loses the mail it processes', 'lose the mail they process'], having('delete-mail')),
  ofAll(
    'default-profile',
    ['organization', 'organizations'],
    ['gets another default profile', 'get another default profile'],
    having('default'),
  ),
  {
    ...ofAll(
      'stop-all',
      ['organization', 'organizations'],
      ['stops mail by its settings', 'stop mail by their settings'],
      having('stop'),
    ),
    kind: 'EmailSettings',
  },
] as const satisfies readonly EffectRule[]

/** What the guards of a trust count: they know no people, only what a whole organization depends on. */
const TRUST_RULES = [
  {
    ...ofAll(
      'tenant-id',
      ['organization', 'organizations'],
      ['gets a tenant id, or another one', 'get a tenant id, or another one'],
      () => true,
    ),
    kind: 'TenantId',
  },
  {
    ...ofAll(
      'credential-retire',
      ['credential', 'credentials'],
      ['is removed from Entra ID', 'are removed from Entra ID'],
      having('delete'),
    ),
    kind: 'Credential',
  },
] as const satisfies readonly EffectRule[]

/** Names of all guards, as `--allow` and overrides take them. */
export const GUARD_NAMES: readonly string[] = [
  ...EFFECT_RULES.map(({ name }) => name),
  ...TRUST_RULES.map(({ name }) => name),
  'vanished',
  ORGANIZATION_CHANGED,
  ROLLOUT,
  FIGHT,
]

/** What people call what may vanish. */
const NOUNS = new Map([
  ['Mailbox', { one: 'mailbox', many: 'mailboxes' }],
  ['EmailServerProfile', { one: 'profile', many: 'profiles' }],
])

/** From this many objects on, all of them gone at once is a failed read. */
const ALL_GONE_FROM = 10

/** What of the configuration guards are made from. */
export type Limits = Pick<Configuration['spec'], 'guards' | 'organizations'>

/** The guards of an organization: the limits of all, with its own laid over them. */
export function guardsOf({ guards, organizations }: Limits, organization: string): readonly Guard[] {
  const own = Object.hasOwn(organizations, organization) ? organizations[organization]?.guards : undefined
  const limits = (name: (typeof EFFECT_RULES)[number]['name']): EffectLimits => ({ ...guards[name], ...own?.[name] })
  const { maximum } = { ...guards.vanished, ...own?.vanished }
  return [
    ...EFFECT_RULES.map((rule) => effectGuard(rule, limits(rule.name))),
    vanishedGuard({ maximum, allGoneFrom: ALL_GONE_FROM, nouns: NOUNS }),
  ]
}

/** The guards of a trust. */
export function trustGuardsOf({ guards }: Pick<Limits, 'guards'>): readonly Guard[] {
  return TRUST_RULES.map((rule) => effectGuard(rule, guards[rule.name]))
}

type Words = readonly [one: string, many: string]

function ofMailboxes<N extends string>(name: N, verb: Words, counts: EffectRule['counts']) {
  return { ...ofAll(name, ['mailbox', 'mailboxes'], verb, counts), kind: 'Mailbox' }
}

function ofAll<N extends string>(name: N, noun: Words, verb: Words, counts: EffectRule['counts']) {
  return { name, noun: { one: noun[0], many: noun[1] }, verb: { one: verb[0], many: verb[1] }, counts }
}

function having(...wanted: readonly Effect[]): EffectRule['counts'] {
  return (effects) => effects.some((effect) => wanted.includes(effect))
}
