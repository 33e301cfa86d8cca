// What people read when a trust is broken in one way: the cause stands first, wherever they look, and the one next step mends it.
import { beforeAll, describe, expect, it } from 'vitest'
import type { SimulatedServer } from '../../src/simulator/trust/model.ts'
import { type Lab, SPEC, startLab } from './trust-lab.ts'

const CRM = '00000007-0000-0000-c000-000000000000'

/** Made once: keys take their time. */
let saved: string

beforeAll(async () => {
  const lab = await startLab({ connected: true })
  saved = JSON.stringify(lab.simulator.trust.snapshot())
  await lab.close()
})

function newLab(): Promise<Lab> {
  return startLab({ connected: true, saved: JSON.parse(saved) })
}

interface Row {
  readonly reason: string
  readonly breaks: (lab: Lab) => void | Promise<void>
  /** What the status says of the trust, and `explain` of a mailbox and of the trust: the sentence at the top, and the next step. */
  readonly status: RegExp
  readonly mailbox: RegExp
  readonly mailboxNext?: RegExp
  readonly trust: RegExp
  readonly trustNext?: RegExp
}

const ROWS: readonly Row[] = [
  {
    reason: 'a credential that nobody here added vanished',
    breaks: ({ simulator: { trust } }) => {
      const principal = trust.tenant.principals.get(CRM)
      if (principal) principal.keys = []
    },
    status: /broken: Entra does not know \w{4}…\w\d?\w?, 1 change planned/,
    mailbox: /does not work: Entra does not know \S+ \(2 others with the same cause\)/,
    mailboxNext: /^`mailkeel apply --only credential` adds it again\.$/,
    trust: /does not work: Entra does not know \S+, and 1 change is planned/,
    trustNext: /^`mailkeel apply --only credential` adds it again\.$/,
  },
  {
    reason: 'somebody else switched to a certificate that is nowhere',
    breaks: ({ simulator: { trust } }) => {
      const { der } = trust.makeCertificate('another')
      trust.deployment.rows = trust.deployment.rows.map((row) => ({ ...row, data: der }))
    },
    status: /broken: \S+ and \S+ do not have certificate \S+, 3 changes planned/,
    mailbox: /does not work: \S+ and \S+ do not have certificate/,
    mailboxNext: /^Run `mailkeel apply --only trust:contoso`\.$/,
    trust: /do not have certificate \S+, and 3 changes are planned\n[\s\S]*the spec asks for/,
    trustNext: /^Run `mailkeel apply --only trust:contoso`\.$/,
  },
  {
    reason: 'a key that CRM cannot use',
    breaks: ({ simulator: { trust } }) => {
      const server = firstOf(trust.deployment.servers)
      server.store = server.store.map((stored) => ({ ...stored, keySpec: 0 }))
    },
    status: /broken: the key of certificate \S+ on \S+ is a CNG key \(KeySpec 0\), and CRM needs KeySpec 1/,
    mailbox: /does not work: the key of certificate \S+ on \S+ is a CNG key/,
    mailboxNext: /^On the server remove certificate \w{40} from LocalMachine\\My and run `certutil -importpfx/,
    trust: /does not work: the key of certificate \S+ on \S+ is a CNG key/,
    trustNext: /^On the server remove certificate \w{40} from LocalMachine\\My and run `certutil -importpfx/,
  },
  {
    reason: 'one server does not answer',
    breaks: ({ simulator: { trust } }) => {
      trust.servers.faults.add({ kind: 'down', server: trust.deployment.servers[1]?.host ?? '' })
    },
    status: /not known: no SSH connection to \S+: it was closed at once/,
    mailbox: /ann@contoso\.com works[\s\S]*trust +not known: no SSH connection/,
    trust: /is not proven to work: no SSH connection to \S+: it was closed at once\n/,
    trustNext: /^Look whether the server runs, and whether its SSH port can be reached from here\.$/,
  },
  {
    reason: 'a server with another host key',
    breaks: ({ simulator: { trust } }) => {
      trust.servers.faults.add({ kind: 'host-key-changed', server: firstOf(trust.deployment.servers).host })
    },
    status: /unknown +2 servers, 1 deployment and 1 organization: the host key of \S+ is\s+SHA256:\S+ and not the one/,
    mailbox: /ann@contoso\.com works/,
    trust: /not the one in the configuration, so nothing was sent\n[\s\S]*settings +not known, for the same reason/,
    trustNext: /^Ask whether the server was set up anew, and only then write the new key to `hostKeySha256`\.$/,
  },
  {
    reason: 'the secret of mailkeel itself has expired',
    breaks: ({ simulator: { trust } }) => {
      const match = { operation: 'sign-in' } as const
      trust.entra.faults.add({ kind: 'sign-in-error', number: 7000222, times: 'always', match })
    },
    status: /unknown +1 credential and 1 service principal: signing in [^;]*the client\s+secret\s+has expired/,
    mailbox: /ann@contoso\.com works/,
    trust: /is not proven to work: signing in [^;]*: the client secret has expired \(HTTP 401 [^)]*AADSTS7000222/,
    trustNext: /^Create a new secret in Entra ID \(App registrations > Certificates & secrets\)/,
  },
  {
    reason: 'Graph forbids reading',
    breaks: ({ simulator: { trust } }) => {
      const code = 'Authorization_RequestDenied'
      trust.entra.faults.add({ kind: 'status', status: 403, code, times: 'always' })
    },
    status: /not known: reading the service principal: the application lacks a permission/,
    mailbox: /ann@contoso\.com works/,
    trust: /is not proven to work: reading the service principal: the application lacks a permission \(HTTP 403/,
    trustNext: /^Grant the application Application\.Read\.All with admin consent\.$/,
  },
  {
    reason: 'the deployment tools are not there',
    breaks: ({ simulator: { trust } }) => {
      for (const server of trust.deployment.servers) server.hasSnapIn = false
    },
    status: /not known: read-deployment on \S+ failed: No snap-ins have been registered/,
    mailbox: /ann@contoso\.com works/,
    trust: /is not proven to work: read-deployment on \S+ failed: No snap-ins/,
    trustNext: /^Install the Deployment Tools of CRM there, or name a server that has them first\.$/,
  },
  {
    reason: 'the account is no Deployment Administrator',
    breaks: ({ simulator: { trust } }) => withoutRight(trust.deployment.servers, 'isDeploymentAdministrator'),
    status: /not known: read-deployment on \S+ failed: The user \S+ is not a Deployment Administrator, /,
    mailbox: /ann@contoso\.com works/,
    trust: /is not proven to work: read-deployment on \S+ failed: The user \S+ is not a Deployment Administrator\n/,
    trustNext: /^Make the account a Deployment Administrator/,
  },
  {
    reason: 'CRM belongs to another tenant',
    breaks: ({ simulator: { trust } }) => {
      for (const one of trust.deployment.organizations.values()) one.tenantId = '11111111-2222-4333-8444-555555555555'
    },
    status: /broken: S2STenantId is 11111111-\S+, and the spec says \S+, waits for an override, 1 change planned/,
    mailbox: /does not work: S2STenantId is 11111111-/,
    mailboxNext: /^The guard `tenant-id` stops the whole trust; if that is meant, .* --allow tenant-id`\.$/,
    trust: /does not work: S2STenantId is 11111111-/,
    trustNext: /^The guard `tenant-id` stops the whole trust; if that is meant, .* --allow tenant-id`\.$/,
  },
  {
    reason: 'the spec names a tenant that nobody knows',
    breaks: ({ edit }) =>
      edit(SPEC, (text) => text.replace(/tenantId: \S+/, 'tenantId: 11111111-2222-4333-8444-555555555555')),
    status: /not known: signing in to tenant 11111111-\S+ as application \S+ there is no such tenant in this cloud/,
    mailbox: /ann@contoso\.com works/,
    trust: /is not proven to work: signing in to tenant 11111111-/,
    trustNext: /^Check `tenantId` and `cloud` of the Tenant\.$/,
  },
  {
    reason: 'two certificate rows',
    breaks: ({ simulator: { trust } }) => {
      const row = firstOf(trust.deployment.rows)
      trust.deployment.rows = [row, { ...row, id: 'a1b2c3d4-0000-4000-8000-000000000002' }]
    },
    status: /broken: there are 2 rows of type S2STokenIssuer where there must be one, /,
    mailbox: /does not work: there are 2 rows of type S2STokenIssuer where there must be one\n/,
    mailboxNext: /^Find the wrong one with Get-CrmCertificate and remove it with Remove-CrmCertificate/,
    trust: /does not work: there are 2 rows of type S2STokenIssuer where there must be one\n/,
    trustNext: /^Find the wrong one with Get-CrmCertificate and remove it with Remove-CrmCertificate/,
  },
  {
    reason: 'a second certificate of the same subject',
    breaks: ({ simulator: { trust } }) => {
      const server = firstOf(trust.deployment.servers)
      const { der } = trust.makeCertificate('crm-s2s-2026')
      server.store = [...server.store, { ...firstOf(server.store), der }]
    },
    status:
      /check +key on \S+: \S+ holds certificate \S+ and \S+ of the same subject, and CRM\s+may find either; remove/,
    mailbox: /ann@contoso\.com works/,
    trust: /works: CRM signs in with \S+, 1 check fails\n[\s\S]*check +key on \S+: .* of the same/,
  },
  {
    reason: 'everything fits, and Exchange answers 401: nobody attests that Support let it in',
    breaks: async ({ simulator: { trust }, edit }) => {
      trust.tenant.exchange.supportEnabled = false
      await edit(SPEC, (text) => text.replace(/.*exchangeSupportEnabled.*\n/, ''))
    },
    status: /note +access by Exchange Support: neither attested nor told by any interface/,
    mailbox:
      /Exchange Online refuses the tokens of CRM[\s\S]*trust +works, [\s\S]*no interface tells access by Exchange Support/,
    mailboxNext:
      /^Where it was enabled before 2025-10-01, have Exchange Support look .* enables no further tenant since/,
    trust: /works: CRM signs in with \S+\n[\s\S]*attested +no interface tells access by Exchange Support of contoso/,
  },
  {
    reason: 'everything fits, and Exchange answers 403: nobody attests the allow list',
    breaks: async ({ simulator: { trust }, edit }) => {
      trust.tenant.exchange.allowedAppIds = []
      await edit(SPEC, (text) => text.replace(/.*ewsAllowList.*\n/, ''))
    },
    status: /runway +EWS without an allow list over since 2026-10-01 and nobody attests it/,
    mailbox: /CRM is not on the allow list[\s\S]*trust +works, [\s\S]*no interface tells EWS allow list/,
    mailboxNext: /^Check EwsEnabled and EwsAllowedAppIDs of the tenant \(`attestations\.ewsAllowList`\)/,
    trust: /works: CRM signs in with \S+\n[\s\S]*`attestations\.ewsAllowList`: run `Get-OrganizationConfig/,
  },
]

describe('what people read of a trust', () => {
  it.each(ROWS)('$reason', async ({ breaks, status, mailbox, mailboxNext, trust, trustNext }) => {
    const lab = await newLab()
    try {
      await breaks(lab)
      testEverybody(lab)

      const told = {
        status: await lab.told('status'),
        mailbox: await lab.told('explain', 'ann@contoso.com'),
        trust: await lab.told('explain', 'contoso'),
      }

      expect(told.status).toMatch(status)
      expect(told.mailbox).toMatch(mailbox)
      expect(told.trust).toMatch(trust)
      expect(nextIn(told.mailbox)).toMatch(mailboxNext ?? /^$/)
      expect(nextIn(told.trust)).toMatch(trustNext ?? /^$/)
    } finally {
      await lab.close()
    }
  })
})

describe('what a plan and a status say of a trust', () => {
  it('before a first connection: that it may be in vain, and what ends whatever is done', async () => {
    const lab = await startLab({ spec: (text) => text.replace(/.*exchangeSupportEnabled.*\n/, '') })
    try {
      const plan = oneLine(await lab.told('plan'))

      expect(plan).toContain(
        'note this is a first connection, and Microsoft enables no further tenant since 2025-10-01;',
      )
      expect(plan).toContain('nobody attests that contoso was enabled before (`attestations.exchangeSupportEnabled`).')
      expect(plan).toContain('runway Exchange Online EWS 129 days (2027-04-01)')
      expect(plan).toContain('mailkeel apply --yes --allow tenant-id')
      for (const words of [['explain'], ['explain', 'contoso'], ['status']]) {
        expect(oneLine(await lab.told(...words))).toContain('runway Exchange Online EWS 129 days (2027-04-01)')
      }
    } finally {
      await lab.close()
    }
  })

  it('in a rotation: what waits and until when, and whose the other credentials are', async () => {
    const lab = await startLab({ tenant: { foreign: true } })
    try {
      await lab.told('apply', '--yes', '--allow', 'tenant-id')
      lab.pass(60_000)
      await lab.rotateTo(lab.simulator.trust.makeCertificate('crm-s2s-2027'))

      const planned = oneLine(await lab.told('plan'))
      await lab.told('apply', '--yes')
      const untested = oneLine(await lab.told('status'))
      lab.pass(60_000)
      const tested = oneLine(await lab.told('plan'))

      const credential = String.raw`waits credential \S+ \(CN=crm-s2s-2026, O=Contoso\) stays beside the new one`
      expect(planned).toMatch(
        new RegExp(`${credential} as long as CRM signs in with its certificate.*keepPreviousFor 72h`),
      )
      expect(untested).toMatch(
        new RegExp(`${credential} until a mailbox passes a test; none did since 2026-11-23 08:01 UTC`),
      )
      expect(untested).toContain('unmanaged 3 credentials: 3 were not added by mailkeel')
      expect(tested).toMatch(
        new RegExp(`${credential} until 2026-11-26 08:01 UTC \\(keepPreviousFor 72h\\), then the next pass removes it`),
      )
    } finally {
      await lab.close()
    }
  })

  it('of one cause for several things: one line', async () => {
    const lab = await newLab()
    try {
      await lab.edit(SPEC, (text) =>
        text.replace(/name: s2s-simulated\n(\s+)sha256: \S+/, `name: next\n$1sha256: ${'ab'.repeat(32)}`),
      )

      const plan = oneLine(await lab.told('plan'))

      expect(plan).toContain(
        '2 servers, 1 credential and 1 deployment: the configuration has no certificate `next`; add',
      )
    } finally {
      await lab.close()
    }
  })
})

/** A report without its columns. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

function testEverybody({ simulator: { world }, pass }: Lab): void {
  for (const [id] of world.rows('mailbox'))
    world.update(world.callers.admin, 'mailbox', id, { testemailconfigurationscheduled: true })
  pass(60_000)
}

/** The one next step, empty where there is none. */
function nextIn(text: string): string {
  return /^Next: (.*)$/m.exec(text)?.[1] ?? ''
}

function firstOf<T>(all: readonly T[]): T {
  const [first] = all
  if (first === undefined) throw new Error('there is none')
  return first
}

function withoutRight(
  servers: readonly SimulatedServer[],
  right: 'isDeploymentAdministrator' | 'isLocalAdministrator',
): void {
  for (const server of servers) {
    const accounts = server.accounts.map((account) => ({ ...account, [right]: false }))
    Object.assign(server, { accounts })
  }
}
