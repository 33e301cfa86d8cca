import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  identityFor,
  loadConfiguration,
  organizationEndpoint,
  type RuntimeConfiguration,
  reachableOrganizations,
  resolvePath,
  secretReference,
} from '../../src/spec/configuration/load.ts'
import { resolveSecret, SecretError } from '../../src/spec/configuration/secret.ts'
import { CANARY_SECRET } from '../setup/canary.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mailkeel-configuration-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const FINGERPRINT = `SHA256:${'A'.repeat(43)}`
const HEAD = 'apiVersion: mailkeel/v1\nkind: Configuration\nspec:\n'
const LOOPBACK = `  identities: { nobody: { type: None }, crm: { type: Bearer, token: { env: CRM_TOKEN } } }
  organizations:
    sales: { url: http://127.0.0.1:8080/sales, reading: nobody }
`

async function write(text: string): Promise<string> {
  const path = join(folder, 'mailkeel.yaml')
  await writeFile(path, text)
  return path
}

async function loaded(fields: string): Promise<RuntimeConfiguration> {
  const result = await loadConfiguration(await write(HEAD + fields))
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'))
  return result.configuration
}

async function problemsIn(text: string): Promise<string[]> {
  const path = await write(text)
  const result = await loadConfiguration(path)
  return result.ok
    ? []
    : result.problems.map(({ file, line, column, message }) => `${file === path}:${line}:${column} ${message}`)
}

describe('a runtime configuration', () => {
  it('has every default filled in', async () => {
    const { spec } = await loaded('  organizations: {}\n')

    expect(spec).toEqual({
      source: { directory: '.' },
      stateDirectory: '.mailkeel',
      policy: 'Observe',
      identities: {},
      organizations: {},
      tenants: {},
      deployments: {},
      tests: { maximumInFlight: 100 },
      secrets: {},
      certificates: {},
      network: { connectTimeout: '10s', requestTimeout: '60s', totalTimeout: '15m', maximumConcurrency: 8 },
      guards: {
        change: { maximumPercent: 30, minimumMailboxes: 10 },
        move: {},
        stop: { maximumPercent: 5, minimumMailboxes: 1 },
        unapprove: { maximumPercent: 5, minimumMailboxes: 1 },
        claim: { maximum: 0 },
        'old-mail': { maximum: 0 },
        'delete-mail': { maximum: 0 },
        'default-profile': { maximum: 0 },
        'stop-all': { maximum: 0 },
        vanished: { maximum: 0 },
        'tenant-id': { maximum: 0 },
        'credential-retire': { maximum: 1 },
      },
      proofMaxAge: '24h',
      runway: { dates: [], warnDays: [60, 30, 14, 7] },
      notifications: [],
      leases: { type: 'File', duration: '30s' },
      loop: {
        interval: '10m',
        jitterPercent: 10,
        settleEvery: '20s',
        maximumBackOff: '15m',
        shutdownTimeout: '25s',
        staleAfter: '1h',
      },
      changeWindows: [],
      fights: { reversals: 3, within: '24h' },
      journal: { keepFor: '400d' },
    })
  })

  it('says how to reach an organization and as whom', async () => {
    const configuration = await loaded(
      `${LOOPBACK}    more: { url: https://crm.contoso.com/more, reading: crm, writing: crm }\n`,
    )

    const sales = organizationEndpoint(configuration, 'sales')
    expect(sales).toEqual({ url: 'http://127.0.0.1:8080/sales', reading: 'nobody' })
    expect(identityFor(configuration, sales ?? { reading: '' }, 'writing')).toEqual({ type: 'None' })
    expect(organizationEndpoint(configuration, 'constructor')).toBeUndefined()
    expect(reachableOrganizations(configuration)).toEqual(['more', 'sales'])
    expect(secretReference(configuration, 'constructor')).toBeUndefined()
  })

  it('is the place relative paths start from', async () => {
    const configuration = await loaded('  stateDirectory: state\n')

    expect(resolvePath(configuration, configuration.spec.stateDirectory)).toBe(join(folder, 'state'))
    expect(configuration.originOf(['spec', 'stateDirectory'])).toMatchObject({ line: 4, column: 3 })
  })

  it.each([
    {
      reason: 'an empty file',
      text: '# nothing\n',
      problems: ['true:1:1 the file is empty; it holds one document of kind `Configuration`'],
    },
    {
      reason: 'another kind',
      text: 'apiVersion: mailkeel/v1\nkind: Deployment\nmetadata: { name: a }\nspec: {}\n',
      problems: [
        'true:1:1 this is no runtime configuration; it holds one document of kind `Configuration` and nothing else',
      ],
    },
    {
      reason: 'a misspelt field',
      text: `${HEAD}  polici: Observe\n`,
      problems: ['true:4:3 unknown field `polici`; did you mean `policy`?'],
    },
    {
      reason: 'a token written down instead of referred to',
      text: `${HEAD}  identities: { crm: { type: Bearer, token: ${CANARY_SECRET} } }\n`,
      problems: ['true:4:45 `token` must be a map of fields, not text; for example { file: /run/secrets/crm-token }'],
    },
    {
      reason: 'an identity that is not there, or of a type that does not fit',
      text: `${HEAD}  identities: { ssh: { type: Ssh, userName: crm, privateKey: { file: key } } }\n  organizations:\n    a: { url: https://crm.contoso.com/a, reading: crn, writing: ssh }\n`,
      problems: [
        'true:6:42 there is no identity `crn`',
        'true:6:56 the identity `ssh` is of type Ssh; here one of type Bearer or None is needed',
      ],
    },
    {
      reason: 'nobody beyond loopback, and no open line',
      text: `${HEAD}  identities: { nobody: { type: None }, crm: { type: Bearer, token: { env: T } } }\n  organizations:\n    a: { url: https://crm.contoso.com/a, reading: nobody }\n    b: { url: http://crm.contoso.com/b, reading: crm }\n    c: { url: "https://me:pw@crm.contoso.com/api/data/v9.1?x=1", reading: crm }\n`,
      problems: [
        'true:6:42 an identity of type None works on loopback only, and crm.contoso.com is not',
        'true:7:10 http:// is not encrypted and works on loopback only; write https://',
        'true:8:10 an address ends before ? and #',
        'true:8:10 an address must not hold a user name or password; use an identity',
        'true:8:10 the address of the organization ends before /api/data',
      ],
    },
    {
      reason: 'hosts that only begin like loopback',
      text: `${HEAD}  identities: { nobody: { type: None } }\n  organizations:\n    a: { url: http://127.0.0.1.example.com/a, reading: nobody }\n    b: { url: http://localhost.example.com/b, reading: nobody }\n    c: { url: "http://[::1]:8080/c", reading: nobody }\n`,
      problems: [
        'true:6:10 http:// is not encrypted and works on loopback only; write https://',
        'true:6:47 an identity of type None works on loopback only, and 127.0.0.1.example.com is not',
        'true:7:10 http:// is not encrypted and works on loopback only; write https://',
        'true:7:47 an identity of type None works on loopback only, and localhost.example.com is not',
      ],
    },
    {
      reason: 'an identity with half of what its type needs, or with what belongs to another',
      text: `${HEAD}  identities:\n    a: { type: Bearer }\n    b: { type: Entra, clientId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11 }\n    c: { type: None, token: { env: X } }\n`,
      problems: ['true:5:10 type is Bearer, so token is required'],
    },
    {
      reason: 'Entra needs one of certificate and secret',
      text: `${HEAD}  identities:\n    b: { type: Entra, clientId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11 }\n    c: { type: None, token: { env: X } }\n    d: { type: Entra, clientId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11, certificate: s2 }\n  certificates: { s2s: { file: x.pfx } }\n`,
      problems: [
        'true:5:5 an identity of type Entra needs one of `certificate`, `clientSecret` and `federatedTokenFile`',
        'true:6:22 an identity of type None has no token',
        'true:7:71 there is no certificate `s2`; did you mean `s2s`?',
      ],
    },
    {
      reason: 'two proofs of who somebody is, where nobody could say which one counts',
      text: `${HEAD}  identities:
    b: { type: Entra, clientId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11, clientSecret: { env: S }, federatedTokenFile: /token }
    c: { type: Ssh, userName: crm }
    d: { type: Ssh, userName: crm, privateKey: { file: k }, password: { env: P } }
    e: { type: Ssh, userName: crm, password: { env: P }, passphrase: { env: Q } }
    f: { type: Ssh, userName: crm, privateKey: { file: k }, passphrase: { env: Q } }
`,
      problems: [
        'true:5:97 an identity of type Entra has one of `certificate`, `clientSecret` and `federatedTokenFile`, and this one has `clientSecret` and `federatedTokenFile`',
        'true:6:5 an identity of type Ssh needs one of `privateKey` and `password`',
        'true:7:61 an identity of type Ssh has one of `privateKey` and `password`, and this one has `privateKey` and `password`',
        'true:8:58 `passphrase` is that of `privateKey`, and there is none',
      ],
    },
    {
      reason: 'a tenant that is signed in to with anything but Entra, or on a host of somebody else',
      text: `${HEAD}  identities: { app: { type: Entra, clientId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11, clientSecret: { env: S } }, crm: { type: Bearer, token: { env: T } } }
  tenants:
    a: { reading: crm, writing: ap }
    b: { reading: app, endpoints: { login: https://login.example.com, graph: "http://127.0.0.1:8443/graph" } }
    c: { reading: app, endpoints: { login: "http://u:p@localhost:1", graph: "http://127.0.0.1.example.com" } }
    d: { reading: app, endpoints: { login: "https://[::1]:8443", graph: "http://127.0.0.1:8443/graph" } }
`,
      problems: [
        'true:6:10 the identity `crm` is of type Bearer; here one of type Entra is needed',
        'true:6:24 there is no identity `ap`; did you mean `app`?',
        'true:7:37 endpoints are for a simulated tenant on loopback, and login.example.com is not; leave `endpoints` out, the `cloud` of the Tenant decides the hosts',
        'true:8:37 an endpoint is scheme, host, port and path, and nothing else',
        'true:8:70 endpoints are for a simulated tenant on loopback, and 127.0.0.1.example.com is not; leave `endpoints` out, the `cloud` of the Tenant decides the hosts',
      ],
    },
    {
      reason: 'one endpoint of two: half of a tenant would be the real one',
      text: `${HEAD}  identities: { app: { type: Entra, clientId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11, clientSecret: { env: S } } }\n  tenants:\n    e: { reading: app, endpoints: { login: "http://127.0.0.1:8443" } }\n`,
      problems: ['true:6:24 `graph` is missing in `endpoints`, for example `graph: http://127.0.0.1:8443/graph`'],
    },
    {
      reason: 'a server that nobody could reach safely, that nobody is to reach, or that stands there twice',
      text: `${HEAD}  identities: { ssh: { type: Ssh, userName: crm, privateKey: { file: key } }, crm: { type: Bearer, token: { env: T } } }
  deployments:
    farm:
      servers:
        - { host: crm1 }
        - { host: crm2, identity: crm, hostKeySha256: "${FINGERPRINT}", writingIdentity: shh }
        - { host: crm3, offline: true, identity: ssh, hostKeySha256: "${FINGERPRINT}" }
        - { host: crm4, identity: ssh, hostKeySha256: "${FINGERPRINT}" }
        - { host: CRM4, identity: ssh, hostKeySha256: "${FINGERPRINT}" }
        - { host: crm4, port: 2222, identity: ssh, hostKeySha256: "${FINGERPRINT}", writingIdentity: ssh }
        - { host: crm5, offline: true }
`,
      problems: [
        'true:8:11 crm1 is reached by SSH, so `hostKeySha256` is required; `ssh-keygen -lf` prints it from the public host key on the server',
        'true:8:11 crm1 is reached by SSH, so `identity` is required; or say `offline: true`, and a person carries the scripts there',
        'true:9:25 the identity `crm` is of type Bearer; here one of type Ssh is needed',
        'true:9:109 there is no identity `shh`; did you mean `ssh`?',
        'true:10:40 nobody connects to crm3, because `offline` is true; take `identity` out',
        'true:10:55 nobody connects to crm3, because `offline` is true; take `hostKeySha256` out',
        'true:12:11 CRM4 stands here twice; keep one',
      ],
    },
    {
      reason: 'dates that are none, or that two entries disagree about',
      text: `${HEAD}  runway:
    dates:
      - { name: ews, on: 2027-02-30, source: MC1 }
      - { name: ews, on: 2027-03-01, source: MC2 }
`,
      problems: ['true:6:22 2027-02-30 is no day of the calendar', 'true:7:11 `ews` has a date already; keep one'],
    },
    {
      reason: 'a listener behind a proxy that would let everybody in',
      text: `${HEAD}  listener: { publicUrl: "https://mailkeel.contoso.com" }\n`,
      problems: ['true:4:15 others reach the page there, so the listener needs a `token` or a `signIn`'],
    },
    {
      reason: 'a listener for others, a proxy with a password, a lease without a place',
      text: `${HEAD}  listener: { address: 0.0.0.0 }\n  network: { proxy: { url: "http://me:pw@proxy.contoso.com" } }\n  leases: { type: Kubernetes, duration: 2s }\n`,
      problems: [
        'true:4:3 a listener at 0.0.0.0 needs a `token` or a `signIn`, because others can reach it',
        'true:5:23 an address must not hold a user name or password; use `userName` and `password` beside it',
        'true:6:3 type is Kubernetes, so namespace is required',
        'true:6:31 a lease of less than 3s would be lost by any delay; 30s is a good value',
      ],
    },
    {
      reason: 'change windows that never open, nowhere, for no time, or twice of one name',
      text: `${HEAD}  changeWindows:
    - { name: nights, opens: "0 20 * *", for: 4h }
    - { name: nights, opens: "0 20 30 2 *", for: 4h }
    - { name: days, opens: "0 20 * * *", for: 4h, timeZone: Europe/Bärlin }
  organizations:
    sales:
      url: https://crm.contoso.com/sales
      reading: crm
      changeWindows: [{ name: own, opens: "0 20 * * *", for: 30s }]
  identities: { crm: { type: Bearer, token: { env: CRM_TOKEN } } }
`,
      problems: [
        'true:5:23 `0 20 * *` is not five fields of cron: minute, hour, day of the month, month, day of the week, such as 0 20 * * 1-5',
        'true:6:9 there are two windows `nights`',
        'true:6:23 `0 20 30 2 *` names no day that comes',
        'true:7:51 there is no such time zone; write one such as Europe/Berlin, or UTC',
        'true:12:57 a window is open for a minute at least, such as 4h',
      ],
    },
  ])('is refused with its place: $reason', async ({ text, problems }) => {
    expect(await problemsIn(text)).toEqual(problems)
  })
})

describe('a secret', () => {
  const context = (environment: Record<string, string> = {}) => ({ folder, environment })

  it('is read from a file, without the line break at its end', async () => {
    await writeFile(join(folder, 'token'), `${CANARY_SECRET}\r\n`)

    const secret = await resolveSecret({ file: 'token' }, 'the token of identity crm', context())

    expect(secret === CANARY_SECRET).toBe(true)
  })

  it('is read from the environment as it is', async () => {
    const secret = await resolveSecret({ env: 'T' }, 'the token of identity crm', context({ T: ` ${CANARY_SECRET} ` }))

    expect(secret === ` ${CANARY_SECRET} `).toBe(true)
  })

  it.each([
    { reference: { env: 'CRM_TOKEN' }, message: 'the token: the environment variable CRM_TOKEN is not set' },
    { reference: { env: 'EMPTY' }, message: 'the token: the environment variable EMPTY is not set' },
    { reference: { file: 'missing' }, message: /^the token: the file .*missing cannot be read \(ENOENT\)$/ },
    { reference: { file: 'empty' }, message: /^the token: the file .*empty is empty$/ },
    { reference: { file: 'large' }, message: /^the token: the file .*large is too large for a secret$/ },
  ])('that cannot be read names where it should be: $message', async ({ reference, message }) => {
    await writeFile(join(folder, 'empty'), '\n')
    await writeFile(join(folder, 'large'), CANARY_SECRET.repeat(4000))

    const failed = resolveSecret(reference, 'the token', context({ EMPTY: '' }))

    await expect(failed).rejects.toThrow(SecretError)
    await expect(failed).rejects.toThrow(message)
    await failed.catch((error: Error) => expect(error.message.includes(CANARY_SECRET)).toBe(false))
  })
})
