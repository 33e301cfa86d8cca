import { describe, expect, it } from 'vitest'
import { onlyRule, type Place } from '../../src/reconcile/only.ts'
import type { DesiredMailbox, DesiredOrganization, DesiredProfile } from '../../src/spec/desired.ts'
import { change } from './fake-result.ts'
import { FakeTrust } from './fake-trust.ts'

const ORIGIN = { file: 'a.yaml', line: 1, column: 1 }
const STAGES = ['prerequisites', 'email-server-profile', 'approval', 'mailbox']

function mailbox(address: string, set: string, previousAddress?: string): DesiredMailbox {
  return {
    address,
    type: 'User',
    set,
    useDefaults: false,
    testAndEnable: true,
    onRelease: 'Keep',
    origin: ORIGIN,
    ...(previousAddress ? { previousAddress } : {}),
  }
}

function place(name: string, mailboxes: readonly DesiredMailbox[], profiles: readonly string[]): Place {
  const desired: DesiredOrganization = {
    name,
    uniqueName: name,
    environment: 'Production',
    external: [],
    origin: ORIGIN,
    profiles: new Map(profiles.map((profile) => [profile, { name: profile } as DesiredProfile])),
    mailboxes: new Map(mailboxes.map((one) => [one.address, one])),
  }
  return { scope: `organization/${name}`, desired }
}

const PLACES = [
  place(
    'sales',
    [mailbox('ann@contoso.com', 'sellers'), mailbox('bob.new@contoso.com', 'mailbox', 'bob@contoso.com')],
    ['online'],
  ),
  place('support', [mailbox('ann@contoso.com', 'helpers'), mailbox('cora@contoso.com', 'sellers')], ['online', 'old']),
]

/** Every change that could be, by scope, so that a rule shows what it keeps. */
const CHANGES = PLACES.flatMap(({ scope, desired }) => [
  ...[...desired.mailboxes.keys()].flatMap((key) =>
    [change(key, 'approval'), change(key, 'mailbox')].map((one) => ({ scope, one })),
  ),
  ...[...desired.profiles.keys()].map((key) => ({
    scope,
    one: { ...change(key, 'email-server-profile'), kind: 'EmailServerProfile' },
  })),
])

function keptBy(...values: readonly string[]): readonly string[] {
  const rule = onlyRule(values, PLACES, STAGES)
  return CHANGES.filter(({ scope, one }) => rule(one, scope)).map(
    ({ scope, one }) => `${scope.slice('organization/'.length)} ${one.stage} ${one.key}`,
  )
}

describe('--only', () => {
  it.each<{ reason: string; values: readonly string[]; kept: readonly string[] }>([
    {
      reason: 'a stage keeps its changes in every organization',
      values: ['approval'],
      kept: [
        'sales approval ann@contoso.com',
        'sales approval bob.new@contoso.com',
        'support approval ann@contoso.com',
        'support approval cora@contoso.com',
      ],
    },
    {
      reason: 'a set keeps its members where it is',
      values: ['sellers'],
      kept: [
        'sales approval ann@contoso.com',
        'sales mailbox ann@contoso.com',
        'support approval cora@contoso.com',
        'support mailbox cora@contoso.com',
      ],
    },
    {
      reason: 'an address in any case',
      values: ['Cora@Contoso.com'],
      kept: ['support approval cora@contoso.com', 'support mailbox cora@contoso.com'],
    },
    {
      reason: 'the address a mailbox had before',
      values: ['bob@contoso.com'],
      kept: ['sales approval bob.new@contoso.com', 'sales mailbox bob.new@contoso.com'],
    },
    { reason: 'a profile', values: ['old'], kept: ['support email-server-profile old'] },
    {
      reason: 'several values add up',
      values: ['old', 'cora@contoso.com'],
      kept: [
        'support approval cora@contoso.com',
        'support mailbox cora@contoso.com',
        'support email-server-profile old',
      ],
    },
    {
      reason: 'a name with its sort, where it has several meanings',
      values: ['set:mailbox'],
      kept: ['sales approval bob.new@contoso.com', 'sales mailbox bob.new@contoso.com'],
    },
  ])('$reason', ({ values, kept }) => {
    expect(keptBy(...values)).toEqual(kept)
  })

  it.each<{ reason: string; value: string; message: string }>([
    { reason: 'a stage misspelt', value: 'aproval', message: 'nothing is called aproval; did you mean `approval`?' },
    { reason: 'an address misspelt', value: 'cara@contoso.com', message: 'did you mean `cora@contoso.com`?' },
    { reason: 'a set misspelt', value: 'seller', message: 'did you mean `sellers`?' },
    { reason: 'nothing near', value: 'zzzzzzzzzz', message: 'nothing is called zzzzzzzzzz' },
    { reason: 'a sort that has no such name', value: 'profile:sellers', message: 'nothing is called profile:sellers' },
    {
      reason: 'several meanings',
      value: 'mailbox',
      message: 'mailbox is the name of several things; say --only stage:mailbox or --only set:mailbox',
    },
  ])('refuses $reason', ({ value, message }) => {
    expect(() => onlyRule([value], PLACES, STAGES)).toThrow(message)
  })
})

describe('a trust', () => {
  const trusts = [{ scope: 'trust/contoso', desired: new FakeTrust('contoso', ['sales']).desired }]
  const credential = { ...change('contoso/9f2c', 'credential'), kind: 'Credential' }
  const stages = [...STAGES, 'credential']

  it.each(['contoso', 'trust:contoso', 'credential', 'stage:credential'])('%s keeps its changes', (value) => {
    const rule = onlyRule([value], PLACES, stages, trusts)

    expect(rule(credential, 'trust/contoso')).toBe(true)
    expect(rule(change('ann@contoso.com'), 'organization/sales')).toBe(false)
  })

  it('is left alone by the name of anything else', () => {
    expect(onlyRule(['sellers'], PLACES, stages, trusts)(credential, 'trust/contoso')).toBe(false)
  })
})
