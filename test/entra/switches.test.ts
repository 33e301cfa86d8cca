// Whatever the directory answers to what its documentation leaves open: the client reads the same, and leaves what is not its own as it was.
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { createTenantClient, createTokenSource, endpointsOf, type MailboxFact } from '../../src/entra/index.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import {
  CRM_APP_ID,
  DEFAULT_ENTRA_SWITCHES,
  ENTRA_SWITCH_VALUES,
  type EntraSwitches,
  SEEDED_CLIENTS,
  SHAREPOINT_APP_ID,
  seedTenant,
  startEntra,
  type TenantSeed,
} from '../../src/simulator/entra/index.ts'
import { makeCertificate } from './certificates.ts'

const NEVER = new AbortController().signal
const START = new Date('2026-11-23T08:00:00Z')
const CERTIFICATE = makeCertificate('crm-s2s-2026', '2026-11-01T00:00:00Z', '2027-10-01T00:00:00Z')
const KEY = {
  der: CERTIFICATE.der,
  displayName: 'CN=crm-s2s-2026',
  startDateTime: '2026-11-01T00:00:00Z',
  endDateTime: '2027-10-01T00:00:00Z',
}
const PRESENT = { state: 'Present', purpose: 'user' } as const

/** Switches that no request of ours meets; each with the reason. */
const UNMET: Readonly<Partial<Record<keyof EntraSwitches, string>>> = {
  bareNameRemoval: 'no name is ever taken away',
  unknownProperty: 'nothing is sent but what is documented, which the other tests show under the stricter answer',
  keyBesideOthers: 'keys are asked for alone',
  clientRequestId: 'it is sent and not read',
}

const closing: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close()
})

/** A simulated tenant that others use too, and our client of it. Whoever waits moves the time. */
async function startTenant(switches: Partial<EntraSwitches>, seed: Partial<TenantSeed> = {}, secret?: string) {
  const time = { ms: START.getTime() }
  const now = () => new Date(time.ms)
  const addresses = ['Ann@contoso.com', 'bob@contoso.com']
  const tenant = seedTenant({ now: START, foreign: true, addresses, sharedAddresses: ['info@contoso.com'], ...seed })
  const entra = await startEntra({ tenant, now, switches })
  const endpoints = { login: entra.loginUrl, graph: entra.graphUrl }
  const { tenantId } = tenant
  const http = createHttpClient({
    allowedOrigins: [...endpointsOf('Global', tenantId, endpoints).origins],
    userAgent: 'mailkeel-test',
    deadlineMs: 5000,
  })
  closing.push(entra, http)
  const where = { http, cloud: 'Global', endpoints, tenantId } as const
  const credential = { type: 'Secret', secret: secret ?? 'simulator-secret' } as const
  const as = (clientId: string) => createTokenSource({ ...where, clientId, credential, now })
  const client = createTenantClient({
    ...where,
    reading: as(SEEDED_CLIENTS.reading),
    writing: as(SEEDED_CLIENTS.writing),
    now,
    random: () => 0.5,
    newId: randomUUID,
    wait: async (ms) => {
      time.ms += ms
    },
  })
  const principal = () => {
    const found = tenant.principals.get(CRM_APP_ID)
    if (!found) throw new Error('no principal')
    return found
  }
  return { entra, tenant, client, principal }
}

/** The defaults, and each other answer by itself. */
const ANSWERS: readonly { readonly switches: Partial<EntraSwitches> }[] = [
  { switches: {} },
  ...Object.entries(ENTRA_SWITCH_VALUES)
    .filter(([name]) => !(name in UNMET))
    .flatMap(([name, [, ...others]]) => others.map((value) => ({ switches: { [name]: value } }))),
]

describe.each(ANSWERS)('where the directory answers $switches', ({ switches }) => {
  it('everything is read the same', async () => {
    const { client, tenant, principal } = await startTenant(switches)
    tenant.users.set('cy@contoso.com', {
      userPrincipalName: 'cy@contoso.com',
      proxyAddresses: ['SMTP:cyril@contoso.com', 'smtp:Cy@contoso.com'],
      hasPlan: false,
    })
    const reader = client.reader()

    const found = await reader.servicePrincipal(CRM_APP_ID.toUpperCase(), NEVER)
    const addresses = ['ann@contoso.com', 'info@contoso.com', 'cy@contoso.com', 'dan@contoso.com']
    const mailboxes = await reader.mailboxes(addresses, NEVER)

    expect(found?.names).toEqual(principal().names)
    expect(found?.keys.map(({ keyId }) => keyId)).toEqual(principal().keys.map(({ keyId }) => keyId))
    expect(found?.keys.filter(({ sha256 }) => sha256 === undefined)).toEqual([])
    expect(await reader.facts(NEVER)).toMatchObject({ tenantId: tenant.tenantId.toLowerCase(), displayName: 'Contoso' })
    expect(await reader.ownCredentialEnd(NEVER)).toBe('2027-11-23T08:00:00Z')
    expect(Object.fromEntries(mailboxes)).toEqual({
      'ann@contoso.com': { ...PRESENT, primaryAddress: 'Ann@contoso.com' },
      'info@contoso.com': { state: 'Present', primaryAddress: 'info@contoso.com', purpose: 'shared' },
      'cy@contoso.com': { state: 'Absent', why: 'NotInExchangeOnline' },
      'dan@contoso.com': { state: 'Absent', why: 'NoSuchUser' },
    } satisfies Record<string, MailboxFact>)
  })

  it('a key and a name come and go beside those of others', async () => {
    const { client, principal } = await startTenant(switches)
    const { keys, names } = structuredClone(principal())
    const kept = keys.map((key) => (switches.unsaidDisplayName === 'lost' ? { ...key, displayName: null } : key))
    const refuses = switches.managementPolicy === true

    const adding = client.writer().changeKeys(CRM_APP_ID, { add: [KEY], remove: [] }, NEVER)
    if (refuses) await expect(adding).rejects.toMatchObject({ code: 'Refused', effect: 'none' })
    else await adding
    const added = (await client.reader().servicePrincipal(CRM_APP_ID, NEVER))?.keys.slice(keys.length) ?? []
    const remove = added.map(({ keyId }) => keyId)
    await client.writer().changeKeys(CRM_APP_ID, { add: [], remove }, NEVER)
    await client.writer().addNames(CRM_APP_ID, ['https://crm.contoso.com', names[0]?.toUpperCase() ?? ''], NEVER)

    expect(added.map(({ sha256 }) => sha256)).toEqual(refuses ? [] : [CERTIFICATE.sha256])
    expect(principal().keys).toEqual(refuses ? keys : kept)
    expect(principal().names).toEqual([...names, 'https://crm.contoso.com'])
  })

  it('a principal that is missing is created, and then has its name and a key', async () => {
    const { client, principal } = await startTenant(switches, { principal: 'missing' })
    const writer = client.writer()

    expect(await client.reader().servicePrincipal(CRM_APP_ID, NEVER)).toBeUndefined()
    await writer.createServicePrincipal(CRM_APP_ID, NEVER)
    await writer.addNames(CRM_APP_ID, [CRM_APP_ID], NEVER)
    await writer.createServicePrincipal(CRM_APP_ID, NEVER)

    expect(principal().names).toEqual([CRM_APP_ID])
  })
})

it.each(ENTRA_SWITCH_VALUES.unknownMailbox)(
  'a mailbox whose user vanishes between two questions is unknown, and not absent: unknownMailbox %s',
  async (unknownMailbox) => {
    const { client, entra, tenant } = await startTenant({ unknownMailbox })
    entra.foreign.before({ path: '/mailboxSettings/', method: 'GET', operation: 'part' }, () => tenant.users.clear())

    const mailboxes = await client.reader().mailboxes(['bob@contoso.com'], NEVER)

    expect(mailboxes.get('bob@contoso.com')).toMatchObject({ state: 'Unknown', why: expect.stringMatching(/404/) })
  },
)

it.each(ENTRA_SWITCH_VALUES.nameConflict)(
  'a name of another principal is refused, with what to look for: nameConflict %s',
  async (nameConflict) => {
    const { client, principal } = await startTenant({ nameConflict })
    const before = principal().names

    const adding = client.writer().addNames(CRM_APP_ID, [SHAREPOINT_APP_ID], NEVER)

    await expect(adding).rejects.toMatchObject({
      code: 'Refused',
      effect: 'none',
      message: expect.stringContaining(`may belong to another object of the tenant: ${SHAREPOINT_APP_ID}`),
    })
    expect(principal().names).toEqual(before)
  },
)

it.each(ENTRA_SWITCH_VALUES.invalidClientStatus)(
  'a wrong secret is told as a sign-in that was refused: invalidClientStatus %s',
  async (invalidClientStatus) => {
    const { client } = await startTenant({ invalidClientStatus }, {}, 'not-the-secret-at-all')

    await expect(client.reader().facts(NEVER)).rejects.toMatchObject({
      code: 'SignInRefused',
      message: expect.stringContaining('AADSTS7000215'),
    })
  },
)

describe('a certificate that is valid for two years', () => {
  const long = makeCertificate('crm-s2s-long', '2026-11-01T00:00:00Z', '2028-11-01T00:00:00Z')
  const wanted = { ...KEY, der: long.der, endDateTime: '2029-11-01T00:00:00Z' }

  it.each([
    { switches: {}, reason: 'ends with its certificate, whatever was asked for', end: '2028-11-01T00:00:00Z' },
    { switches: { keyAfterCertificate: 'allow' }, reason: 'also where more would go', end: '2028-11-01T00:00:00Z' },
    { switches: { keySpan: 'one-year' }, reason: 'is refused where a key may last one year only', end: undefined },
    { switches: { managementPolicy: true }, reason: 'is refused by a policy of the tenant', end: undefined },
  ] as const)('$reason', async ({ switches, end }) => {
    const { client, principal } = await startTenant(switches)
    const before = principal().keys

    const adding = client.writer().changeKeys(CRM_APP_ID, { add: [wanted], remove: [] }, NEVER)

    if (end === undefined) {
      await expect(adding).rejects.toMatchObject({ code: 'Refused', effect: 'none' })
      expect(principal().keys).toEqual(before)
    } else {
      await adding
      expect(principal().keys.at(-1)?.endDateTime).toBe(end)
    }
  })
})

describe('a key that somebody adds between our look and our write', () => {
  it.each([
    { switches: { keyInBatch: true }, reason: 'is put back where its bytes can be read', isBack: true },
    { switches: { keyInBatch: false }, reason: 'is told by its name where they cannot', isBack: false },
  ])('$reason', async ({ switches, isBack }) => {
    const { client, entra, principal } = await startTenant(switches)
    entra.foreign.before({ method: 'POST', path: '$batch' }, () => entra.foreign.addKey({ displayName: 'CN=late' }))

    const adding = client.writer().changeKeys(CRM_APP_ID, { add: [KEY], remove: [] }, NEVER)

    if (isBack) await adding
    else
      await expect(adding).rejects.toMatchObject({
        code: 'RemovedForeign',
        message: expect.stringContaining('CN=late'),
      })
    expect(
      principal()
        .keys.map(({ displayName }) => displayName)
        .includes('CN=late'),
    ).toBe(isBack)
  })
})

it('the defaults are what is asked first', () => {
  const first = Object.entries(ENTRA_SWITCH_VALUES).map(([name, [value]]) => [name, value])

  expect(Object.fromEntries(first)).toEqual(DEFAULT_ENTRA_SWITCHES)
})
