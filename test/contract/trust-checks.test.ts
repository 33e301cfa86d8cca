// The contract of the stage that checks a trust, with the real clients: each check is told with what shows it, fails with a code and what to
// do, writes nothing, and says no secret.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { trustStages } from '../../src/stages/index.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { DEPLOYMENT, TENANT } from '../stack/trust.ts'
import { exceptionsOf, linesOf } from '../stages/pass.ts'
import { changeStored, serverOf, silenceServers, silenceTenant } from './trust-cases.ts'
import { startTrustRemote, type TrustRemote } from './trust-remote.ts'

interface CheckCase {
  /** The check, before the slash of its key. */
  readonly check: string
  readonly of: (remote: TrustRemote) => string
  /** Makes the check fail. */
  readonly spoil: (remote: TrustRemote) => void | Promise<void>
  readonly status: 'False' | 'Unknown'
  readonly code: string
}

const onServer = ({ servers }: TrustRemote) => `${DEPLOYMENT}/${servers[0]}`
const ofDeployment = () => DEPLOYMENT
const ofTenant = () => TENANT

/** The accounts of all servers lose a right. */
function withdraw(right: 'isLocalAdministrator' | 'isDeploymentAdministrator') {
  return ({ trust }: TrustRemote) => {
    for (const { accounts } of trust.deployment.servers)
      for (const account of accounts) Object.assign(account, { [right]: false })
  }
}

const CASES: readonly CheckCase[] = [
  {
    check: 'certificate',
    of: ofDeployment,
    spoil: ({ stack, other }) => writeFile(join(stack.folder, 's2s-2026.pfx'), other.pfx),
    status: 'False',
    code: 'NotReviewed',
  },
  { check: 'server', of: onServer, spoil: silenceServers, status: 'Unknown', code: 'Malformed' },
  {
    check: 'powershell',
    of: onServer,
    spoil: (remote) => void Object.assign(serverOf(remote), { powershellVersion: '7.4.1' }),
    status: 'False',
    code: 'PowerShellVersion',
  },
  {
    check: 'administrator',
    of: onServer,
    spoil: withdraw('isLocalAdministrator'),
    status: 'False',
    code: 'NotAdministrator',
  },
  {
    check: 'services',
    of: onServer,
    spoil: (remote) => void Object.assign(serverOf(remote).services[1] ?? {}, { isRunning: false }),
    status: 'False',
    code: 'ServiceStopped',
  },
  {
    check: 'clock',
    of: onServer,
    spoil: (remote) => void Object.assign(serverOf(remote), { clockSkewMs: 120_000 }),
    status: 'False',
    code: 'ClockSkew',
  },
  {
    check: 'clock',
    of: ofTenant,
    spoil: ({ trust }) =>
      void trust.entra.faults.add({
        kind: 'date-skew',
        skewMs: -120_000,
        times: 'always',
        match: { operation: 'sign-in' },
      }),
    status: 'False',
    code: 'ClockSkew',
  },
  {
    check: 'key-spec',
    of: onServer,
    spoil: (remote) => changeStored(remote, { keySpec: 2 }),
    status: 'False',
    code: 'WrongKeySpec',
  },
  {
    check: 'deployment',
    of: ofDeployment,
    spoil: withdraw('isDeploymentAdministrator'),
    status: 'False',
    code: 'NotDeploymentAdministrator',
  },
  {
    check: 'issuer',
    of: ofDeployment,
    spoil({ trust, other }) {
      const [row] = trust.deployment.rows
      if (row) trust.deployment.rows = [row, { ...row, id: row.id.replace(/.$/, '9'), data: other.der }]
    },
    status: 'False',
    code: 'SeveralRows',
  },
  {
    check: 'support',
    of: ofDeployment,
    spoil: ({ trust }) => {
      for (const server of trust.deployment.servers) Object.assign(server, { version: '8.2.4.0' })
    },
    status: 'False',
    code: 'OutOfSupport',
  },
  {
    check: 'tenant',
    of: ofTenant,
    spoil: ({ trust }) => void trust.entra.faults.add({ kind: 'sign-in-error', number: 7000222, times: 'always' }),
    status: 'Unknown',
    code: 'SignInRefused',
  },
  {
    check: 'roles',
    of: ofTenant,
    spoil({ trust }) {
      for (const application of trust.tenant.applications.values()) application.roles = ['Application.Read.All']
    },
    status: 'False',
    code: 'PermissionMissing',
  },
  { check: 'principal', of: ofTenant, spoil: silenceTenant, status: 'Unknown', code: 'Unavailable' },
]

let remote: TrustRemote

beforeAll(async () => {
  remote = await startTrustRemote()
})

afterEach(async () => {
  const { folder } = remote.stack
  await writeFile(join(folder, 's2s-2026.pfx'), remote.trust.certificate.pfx)
  await remote.reset()
})

afterAll(() => remote.close())

async function look() {
  const { plan, reads } = await remote.plan()
  const read = reads.get('trust-prerequisites')
  if (!read?.complete) throw new Error('not read')
  return { plan, checks: new Map([...read.rows].map(([key, { ready }]) => [key, ready])) }
}

describe('what is in order', () => {
  it('is told with what shows it, but what nobody attested', async () => {
    const { plan, checks } = await look()

    const other = [...checks].filter(([, ready]) => ready?.status !== 'True')
    expect(other.map(([key, ready]) => [key.split('/')[0], ready?.status, ready?.code])).toEqual(
      Array(3).fill(['attestation', 'Unverifiable', 'NotAttested']),
    )
    expect([...checks.values()].filter((ready) => !/\S/.test(ready?.message ?? ''))).toEqual([])
    expect([linesOf(plan), exceptionsOf(plan)]).toEqual([[], []])
  })

  it('is all that the cases make fail', async () => {
    const { checks } = await look()

    const kinds = new Set([...checks.keys()].map((key) => key.split('/')[0]))
    expect([...new Set([...CASES.map(({ check }) => check), 'attestation'])].sort()).toEqual([...kinds].sort())
  })
})

describe.each(CASES)('check $check', ({ check, of, spoil, status, code }) => {
  it(`fails with ${code}, and is neither drift nor a reason to write`, async () => {
    await spoil(remote)
    const before = remote.writes()

    const { plan, checks } = await look()
    const outcomes = await remote.apply(plan)

    const told = checks.get(`${check}/${of(remote)}`)
    expect(told).toMatchObject({ status, code, message: expect.stringMatching(/\S/) })
    expect(JSON.stringify([plan, [...checks], outcomes])).not.toContain(CANARY_SECRET)
    expect(linesOf(plan)).toEqual([])
    expect(remote.writes()).toBe(before)
  })
})

it('checks of a trust are made by one stage, which cannot write', () => {
  const checking = trustStages().filter(({ mode }) => mode === 'checks')

  expect(checking.map(({ name, apply }) => [name, apply])).toEqual([['trust-prerequisites', undefined]])
})
