// A secret that is used as a token and as a password must come out nowhere: not in what a pass returns, prints, throws, sends in a URL or
// leaves on disk, whatever goes wrong and whatever the server says.
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { bearer } from '../../src/crm/index.ts'
import { conditionsOf } from '../../src/reconcile/conditions.ts'
import type { FaultRule } from '../../src/simulator/index.ts'
import { seedWorld } from '../../src/simulator/world/index.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { resolveSecret } from '../../src/spec/configuration/secret.ts'
import type { DesiredOrganization } from '../../src/spec/desired.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { CANARY_SECRET } from '../setup/canary.ts'
import { documentOf, EVERYTHING, ORGANIZATION, organizationOf, problemsOf, setOf } from '../stack/spec.ts'
import { type Stack, startStack } from '../stack/stack.ts'
import { rowWith } from '../stack/world.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const PASSWORD = { secret: 'mail', version: '2026-11' }
const PROFILE = documentOf('EmailServerProfile', 'own', {
  displayName: 'Own Exchange',
  serverType: 'ExchangeServer',
  autoDiscover: true,
  incomingCredentials: 'Profile',
  incomingUserName: 'svc-mail',
  incomingPassword: PASSWORD,
  outgoingCredentials: 'Profile',
  outgoingUserName: 'svc-mail',
  outgoingPassword: PASSWORD,
})
const SPEC =
  ORGANIZATION + PROFILE + setOf('sales', ['ann@contoso.com', 'bob@contoso.com'], { ...EVERYTHING, profile: 'own' })

/** An organization that lets in only who knows the secret. */
function guardedWorld() {
  const world = seedWorld({ mailboxes: 8, queues: 2, clock: 'manual' })
  return {
    world,
    authentication: 'bearer',
    callers: (sent: string | undefined) => (sent === `Bearer ${CANARY_SECRET}` ? world.callers.admin : undefined),
  } as const
}

async function guarded(): Promise<{ stack: Stack; desired: DesiredOrganization }> {
  const stack = await startStack({
    ...guardedWorld(),
    authenticator: bearer(async () => CANARY_SECRET),
    resolveSecret: async () => CANARY_SECRET,
    deadlineMs: 400,
    patienceMs: 5_000,
  })
  closers.push(() => stack.close())
  return { stack, desired: await organizationOf({ 'a.yaml': SPEC }) }
}

/** All bytes of all files below a folder. */
function bytesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path}\n${readFileSync(path, 'latin1')}`)
    .join('\n')
}

/** The forms in which the secret could hide. */
const FORMS = [
  CANARY_SECRET,
  encodeURIComponent(CANARY_SECRET),
  Buffer.from(CANARY_SECRET).toString('base64').slice(0, -4),
  Buffer.from(CANARY_SECRET).toString('hex'),
]

function expectNoSecret(text: string): void {
  // Not `toContain`: its message would print what it must not.
  expect(FORMS.filter((form) => text.includes(form)).length, 'forms of the secret found').toBe(0)
}

const ECHO = `the value '${CANARY_SECRET}' is not allowed (Authorization: Bearer ${CANARY_SECRET})`
const ANY_PART = { operation: 'any' } as const

const FAULTS: readonly { readonly reason: string; readonly fault: FaultRule | undefined }[] = [
  { reason: 'all goes well', fault: undefined },
  { reason: 'the token is refused', fault: { kind: 'expired-token' } },
  { reason: 'a sign-in page', fault: { kind: 'html', page: 'sign-in' } },
  { reason: 'a redirect', fault: { kind: 'redirect', location: `https://sts.contoso.com/?token=${CANARY_SECRET}` } },
  { reason: 'no answer', fault: { kind: 'no-answer' } },
  { reason: 'a reset', fault: { kind: 'reset' } },
  { reason: 'half an answer', fault: { kind: 'half-body' } },
  { reason: 'broken JSON', fault: { kind: 'truncated-body' } },
  ...[400, 401, 403, 404, 412, 413, 429, 500, 503].map((status) => ({
    reason: `an answer with ${status} that repeats what it was sent`,
    fault: { kind: 'status', status, message: ECHO, match: ANY_PART } as const,
  })),
]

describe.each(FAULTS)('A21: $reason', ({ fault }) => {
  it.each([
    { when: 'from the beginning', match: {} },
    { when: 'when it comes to writing', match: { method: 'PATCH' } },
    { when: 'when it comes to creating', match: { method: 'POST', path: 'emailserverprofiles' } },
  ])('$when, and the secret comes out nowhere', async ({ match }) => {
    const { stack, desired } = await guarded()
    const operation = fault?.match?.operation ?? (match.method === undefined ? 'request' : 'any')
    if (fault) stack.simulator.faults.add({ ...fault, match: { ...match, operation }, times: 'always' })

    const result = await stack.pass(desired)
    const again = await stack.pass(desired, { mode: 'plan' })

    const told = [result, again, conditionsOf(result), conditionsOf(again)]
    expectNoSecret(
      inspect(told, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null, maxStringLength: null }),
    )
    expectNoSecret(JSON.stringify(told))
    expectNoSecret(bytesBelow(stack.stateDirectory))
    expectNoSecret(JSON.stringify(stack.simulator.log()))
    if (!fault) {
      expect(result.outcomes?.map((outcome) => outcome.result)).toContain('Applied')
      const [, profile] = rowWith(stack.simulator.world, 'emailserverprofile', 'name', 'Own Exchange')
      expect([profile['isincomingpasswordset'], profile['isoutgoingpasswordset']]).toEqual([true, true])
    }
  })
})

it('A21: the program prints and keeps no secret, neither of a token nor of a password, where the server repeats both', async () => {
  const stack = await startStack(guardedWorld())
  closers.push(() => stack.close())
  const { simulator } = stack
  const configuration = documentOf('Configuration', undefined, {
    source: { directory: 'spec' },
    policy: 'Enforce',
    stateDirectory: 'state',
    identities: { crm: { type: 'Bearer', token: { file: 'token' } } },
    organizations: { 'contoso-sales': { url: simulator.url, reading: 'crm' } },
    secrets: { mail: { env: 'MAIL_PASSWORD' } },
  })
  const folder = directoryWith({ 'mailkeel.yaml': configuration, 'spec/a.yaml': SPEC })
  writeFileSync(join(folder, 'token'), CANARY_SECRET, { mode: 0o600 })
  const run = (...words: string[]) => mailkeel(words, { cwd: folder, env: { MAIL_PASSWORD: CANARY_SECRET } })

  const CREATING = { operation: 'part', method: 'POST', path: 'emailserverprofiles' } as const
  const planned = await run('plan', '--details', '--out', 'plan.json')
  simulator.faults.add({ kind: 'status', status: 400, message: ECHO, match: CREATING, times: 'always' })
  const applied = await run('apply', '--yes', '--output', 'json', '--allow', 'change')
  simulator.faults.clear()
  simulator.faults.add({ kind: 'status', status: 403, message: ECHO, times: 'always' })
  const status = await run('status', '--output', 'markdown')

  for (const { stdout, stderr } of [planned, applied, status]) expectNoSecret(stdout + stderr)
  await rm(join(folder, 'token'))
  expectNoSecret(bytesBelow(folder))
  expect([planned, applied, status].map(({ code }) => code)).toEqual([EXIT.changes, EXIT.partly, EXIT.unknown])
})

describe('A22: what is left on disk', () => {
  it('is for its owner alone', async () => {
    const { stack, desired } = await guarded()

    await stack.pass(desired)

    const modes = readdirSync(stack.stateDirectory, { recursive: true, encoding: 'utf8' }).map((path) => {
      const found = statSync(join(stack.stateDirectory, path))
      return { path, open: (found.mode & 0o077) !== 0 }
    })
    expect(modes.length).toBeGreaterThan(2)
    expect(modes.filter(({ open }) => open)).toEqual([])
  })
})

describe('A6: a reference to a secret', () => {
  it.each(['../../etc/passwd', '/etc/passwd', 'mail/../../token', '$(TOKEN)', 'file:///etc/passwd', ''])(
    'in the spec is a name and never a path: %j',
    async (secret) => {
      const problems = await problemsOf({
        'a.yaml': ORGANIZATION + PROFILE.replaceAll('"secret":"mail"', `"secret":${JSON.stringify(secret)}`),
      })

      expect(problems.length).toBeGreaterThan(0)
    },
  )

  it('that cannot be read does not say what is in the file, however it fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailkeel-secret-'))
    closers.push(() => rm(folder, { recursive: true }))
    writeFileSync(join(folder, 'large'), CANARY_SECRET.repeat(5_000))
    writeFileSync(join(folder, 'empty'), '\n')
    const context = { folder, environment: { EMPTY: '' } }
    const references = [
      { file: 'large' },
      { file: 'empty' },
      { file: 'absent' },
      { file: '.' },
      { env: 'EMPTY' },
      { env: 'NONE' },
    ]

    const errors = await Promise.all(
      references.map((reference) => resolveSecret(reference, 'the token', context).catch((error: unknown) => error)),
    )

    expect(errors.every((error) => error instanceof Error)).toBe(true)
    expectNoSecret(inspect(errors, { depth: Number.POSITIVE_INFINITY, showHidden: true }))
  })
})

describe('A23: a credential that is a program', () => {
  const configured = (identity: object) =>
    documentOf('Configuration', undefined, {
      source: { directory: '.' },
      identities: { crm: identity },
      organizations: { sales: { url: 'https://crm.contoso.com/sales', reading: 'crm' } },
    })

  it.each([
    { reason: 'an identity that is run', identity: { type: 'Exec', command: 'steal' } },
    {
      reason: 'a command beside a token',
      identity: { type: 'Bearer', token: { env: 'T' }, exec: { command: 'steal' } },
    },
    { reason: 'a token that comes from a command', identity: { type: 'Bearer', token: { command: ['steal'] } } },
    {
      reason: 'a token that comes from a URL',
      identity: { type: 'Bearer', token: { url: 'http://attacker.example' } },
    },
    { reason: 'two places for one secret', identity: { type: 'Bearer', token: { env: 'T', file: '/etc/passwd' } } },
    { reason: 'a token in plain sight', identity: { type: 'Bearer', token: CANARY_SECRET } },
    { reason: 'a variable that is a shell word', identity: { type: 'Bearer', token: { env: '$(steal)' } } },
  ])('is no identity: $reason', async ({ identity }) => {
    const file = join(directoryWith({ 'mailkeel.yaml': configured(identity) }), 'mailkeel.yaml')

    const loaded = await loadConfiguration(file)

    expect(loaded.ok).toBe(false)
    expectNoSecret(inspect(loaded, { depth: Number.POSITIVE_INFINITY }))
  })
})
