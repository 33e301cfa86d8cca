// Where requests go. A server, a spec or a resolver that names another place is not followed there, and no credential ever goes along.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { bearer, createOrganizationClient } from '../../src/crm/index.ts'
import { createHttpClient } from '../../src/network/http-client.ts'
import type { FaultRule } from '../../src/simulator/index.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { documentOf, EVERYTHING, ORGANIZATION, organizationOf, PROFILE, problemsOf, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { differences, pictureOf } from '../stack/world.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A server that should never be asked anything. */
async function elsewhere(): Promise<{ readonly origin: string; readonly requests: readonly string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`)
    response.end('{"value":[]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => void server.close())
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

async function stackOf(): Promise<Stack> {
  const stack = await startStack({ mailboxes: 12, queues: 2, pageSize: 5 })
  closers.push(() => stack.close())
  return stack
}

describe('A16: an answer that leads to another host', () => {
  it.each<{ reason: string; fault: (origin: string) => FaultRule }>([
    { reason: 'a redirect', fault: (origin) => ({ kind: 'redirect', location: `${origin}/api/data/v9.1/mailboxes` }) },
    {
      reason: 'a redirect that looks like a sign-in',
      fault: (origin) => ({ kind: 'redirect', location: `${origin}/adfs/ls/?wa=wsignin1.0` }),
    },
    { reason: 'a link to the next page', fault: (origin) => ({ kind: 'link-host', origin }) },
  ])('$reason is not followed', async ({ fault }) => {
    const other = await elsewhere()
    const stack = await stackOf()
    const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('s', ['ann@contoso.com']) })
    const before = pictureOf(stack.simulator.world)
    stack.simulator.faults.add({ ...fault(other.origin), times: 'always' })

    const result = await stack.pass(desired)

    expect(other.requests).toEqual([])
    if (result.plan.steps.length === 0) expect(differences(before, pictureOf(stack.simulator.world))).toEqual([])
  })

  it('a redirect in the middle of writing is not followed either, and takes no body along', async () => {
    const other = await elsewhere()
    const stack = await startStack({
      mailboxes: 12,
      queues: 2,
      beforeSend(request, { faults }) {
        if (String(request.body).includes('PATCH'))
          faults.add({ kind: 'redirect', location: other.origin, match: { path: '$batch' } })
      },
    })
    closers.push(() => stack.close())
    const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('s', ['ann@contoso.com']) })

    const result = await stack.pass(desired)

    expect(other.requests).toEqual([])
    expect(result.outcomes?.length).toBeGreaterThan(0)
  })
})

describe('A16: an organization whose address is', () => {
  it.each([
    { url: 'http://169.254.169.254/latest', reason: 'cloud metadata' },
    { url: 'http://[fe80::1]/org', reason: 'link-local' },
    { url: 'http://metadata.google.internal/org', reason: 'the name of cloud metadata' },
  ])('$reason is never asked, even where the configuration names it', async ({ url }) => {
    const http = createHttpClient({ allowedOrigins: [new URL(url).origin], userAgent: 'mailkeel-test' })
    closers.push(() => http.close())

    await expect(http.send({ method: 'GET', url })).rejects.toMatchObject({ failure: 'forbidden-host', sent: false })
  })

  it('plain http on another machine gets no token', () => {
    const http = createHttpClient({ allowedOrigins: ['http://crm.contoso.com'], userAgent: 'mailkeel-test' })
    closers.push(() => http.close())
    const identity = bearer(async () => CANARY_SECRET)

    const create = () =>
      createOrganizationClient({
        http,
        baseUrl: 'http://crm.contoso.com/org',
        reading: identity,
        now: () => new Date(0),
        random: () => 0.5,
        wait: async () => {},
        maximumConcurrency: 1,
      })

    expect(create).toThrow(/not sent over plain http/)
    expect(create).not.toThrow(CANARY_SECRET)
  })
})

describe('A16: a location of a profile', () => {
  const profileAt = (location: string, fields: object = {}) =>
    documentOf('EmailServerProfile', 'own', {
      displayName: 'Own',
      serverType: 'ExchangeServer',
      autoDiscover: false,
      incomingServerLocation: location,
      outgoingServerLocation: location,
      ...fields,
    })

  it.each([
    'https://169.254.169.254/EWS/Exchange.asmx',
    'https://0xa9fea9fe/EWS/Exchange.asmx',
    'https://2852039166/EWS/Exchange.asmx',
    'https://[fe80::1]/EWS/Exchange.asmx',
    'https://[::ffff:169.254.169.254]/EWS/Exchange.asmx',
    'https://metadata.google.internal/EWS/Exchange.asmx',
    'https://METADATA.google.internal./EWS/Exchange.asmx',
  ])('%s would make CRM ask a metadata service, and is refused', async (location) => {
    const problems = await problemsOf({ 'a.yaml': ORGANIZATION + profileAt(location) })

    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain('incomingServerLocation')
    expect(problems[0]).toContain('metadata')
  })

  it.each(['169.254.169.254', '2852039166', 'metadata.google.internal'])(
    'the host %s of a POP3 server too',
    async (host) => {
      const problems = await problemsOf({ 'a.yaml': ORGANIZATION + profileAt(host, { serverType: 'Pop3Smtp' }) })

      expect(problems).toHaveLength(2)
    },
  )

  it.each(['https://mail.contoso.com/EWS/Exchange.asmx', 'https://10.1.2.3/EWS/Exchange.asmx'])(
    '%s is fine',
    async (location) => {
      expect(await problemsOf({ 'a.yaml': ORGANIZATION + profileAt(location) })).toEqual([])
    },
  )

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'ftp://mail.contoso.com/', '//mail.contoso.com/', 'https:'])(
    '%s is no address of a server',
    async (location) => {
      const problems = await problemsOf({ 'a.yaml': ORGANIZATION + profileAt(location) })

      expect(problems.length).toBeGreaterThan(0)
    },
  )

  it('is never asked by mailkeel itself', async () => {
    const other = await elsewhere()
    const stack = await stackOf()
    const location = `${other.origin}/EWS/Exchange.asmx`
    const fields = { ...EVERYTHING, profile: 'own' }
    const open = { incomingUseSsl: false, outgoingUseSsl: false }
    const desired = await organizationOf({
      'a.yaml': ORGANIZATION + profileAt(location, open) + setOf('s', ['ann@contoso.com'], fields),
    })

    const result = await stack.pass(desired)

    expect(result.outcomes?.map(({ result: outcome }) => outcome)).toContain('Applied')
    expect(other.requests).toEqual([])
  })
})
