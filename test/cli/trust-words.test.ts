import { describe, expect, it } from 'vitest'
import { trustsMeant } from '../../src/cli/trust-explanation.ts'
import { unreachedInWords } from '../../src/compose/not-applied.ts'
import type { DesiredTrust } from '../../src/spec/desired.ts'
import { FakeTrust } from '../reconcile/fake-trust.ts'

const TENANTS = { tenants: new Map([['contoso', {}]]), deployments: new Map([['crm-farm', {}]]) } as never
const REACHED = { reading: 'entra' }

function configurationWith(tenants: object, deployments: object) {
  return { file: '/srv/mailkeel/mailkeel.yaml', spec: { tenants, deployments } } as never
}

describe('what the configuration does not say how to reach', () => {
  it.each([
    [
      { tenant: 'contoso' },
      configurationWith({}, {}),
      'mailkeel.yaml does not say how to sign in to tenant contoso, so its trust is neither checked nor written',
    ],
    [
      { tenant: 'contoso', deployment: 'crm-farm' },
      configurationWith({ contoso: REACHED }, {}),
      'mailkeel.yaml does not say how to reach the servers of deployment crm-farm, so that part of its trust is neither checked nor written',
    ],
    [
      { tenant: 'contoso', deployment: 'crm-farm' },
      configurationWith({}, {}),
      'mailkeel.yaml does not say how to sign in to tenant contoso and how to reach the servers of deployment crm-farm, so its trust is neither checked nor written',
    ],
    [{ tenant: 'contoso' }, configurationWith({ contoso: REACHED }, {}), undefined],
    [{}, configurationWith({}, {}), undefined],
  ])('of %o', (desired, configuration, words) => {
    expect(unreachedInWords(desired, TENANTS, configuration)).toBe(words)
  })
})

describe('words that mean a trust', () => {
  const trust: DesiredTrust = {
    ...new FakeTrust('contoso', ['sales']).desired,
    deployments: new Map([['crm-farm', { name: 'crm-farm', external: [], origin: { file: 'a', line: 1, column: 1 } }]]),
  }
  const members = new Map([['ann@contoso.com', { address: 'ann@contoso.com', set: 'crm-farm' }]])
  const prepared = (named: boolean, reached = true) =>
    ({
      trusts: [trust],
      organizations: named ? [{ profiles: new Map(), mailboxes: members }] : [],
      configuration: configurationWith(reached ? { contoso: REACHED } : {}, {}),
    }) as never

  it.each(['trust', 'contoso', 'crm-farm', 'trust:contoso', 'trust:crm-farm'])('%s means it', (word) => {
    expect(trustsMeant(word, prepared(false))).toEqual([trust])
  })

  it('another word means none', () => {
    expect(trustsMeant('ann@contoso.com', prepared(false))).toEqual([])
  })

  it('the name of several things is refused with what to say', () => {
    expect(() => trustsMeant('crm-farm', prepared(true))).toThrow('say trust:crm-farm for the trust')
  })

  it('a trust out of reach is refused with where to add it', () => {
    expect(() => trustsMeant('contoso', prepared(false, false))).toThrow('add it below `tenants` and `deployments`')
  })
})
