// An organization that is filled by strangers: rows that make no sense, addresses that look like others, names that are programs for
// whoever prints them. One such row is its own trouble and nobody else's.
import { afterEach, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/cli/exit-codes.ts'
import type { PassResult } from '../../src/reconcile/contract.ts'
import type { Row } from '../../src/simulator/world.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { documentOf, EVERYTHING, ORGANIZATION, organizationOf, PROFILE, setOf } from '../stack/spec.ts'
import { type Stack, type StackOptions, startStack } from '../stack/stack.ts'
import { differences, pictureOf, plainAddresses, rowWith, wrongWrites } from '../stack/world.ts'

const open: Stack[] = []
afterEach(async () => {
  for (const stack of open.splice(0)) await stack.close()
})

async function stackOf(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack({ mailboxes: 15, queues: 3, mess: ['old-profile', 'pending', 'untested'], ...options })
  open.push(stack)
  return stack
}

const ANN = 'ann@contoso.com'
const BOB = 'bob@contoso.com'

function exceptionsOf({ plan }: PassResult, key: string): readonly string[] {
  return plan.exceptions.filter((one) => one.key === key).map(({ state, reason }) => `${state} ${reason.code}`)
}

describe('A8: a row that makes no sense', () => {
  const SENSELESS: readonly { readonly column: string; readonly value: unknown; readonly reason: string }[] = [
    { column: 'incomingemaildeliverymethod', value: 2.5, reason: 'half an option' },
    { column: 'incomingemaildeliverymethod', value: '2', reason: 'a number as text' },
    { column: 'outgoingemaildeliverymethod', value: null, reason: 'nothing where something must be' },
    { column: 'actdeliverymethod', value: {}, reason: 'an object where a number must be' },
    { column: 'emailaddress', value: 7, reason: 'a number where text must be' },
    { column: 'emailaddress', value: ['ann@contoso.com'], reason: 'a list where text must be' },
    { column: '_emailserverprofile_value', value: 'x', reason: 'a reference that is no identifier' },
    { column: '_emailserverprofile_value', value: "' or 1 eq 1", reason: 'a reference that is a filter' },
    { column: '_regardingobjectid_value', value: '../systemusers', reason: 'a reference that is a path' },
    { column: 'testemailconfigurationscheduled', value: 'yes', reason: 'text where a switch must be' },
    { column: 'testmailboxaccesscompletedon', value: 'yesterday', reason: 'a time that is none' },
    { column: 'testmailboxaccesscompletedon', value: 1_700_000_000, reason: 'a number where a time must be' },
    { column: 'statecode', value: undefined, reason: 'a column that is missing' },
    { column: 'name', value: null, reason: 'a name that is nothing' },
  ]

  it.each(SENSELESS)('is unknown and stops no other: $reason ($column)', async ({ column, value }) => {
    const stack = await stackOf({
      tamper(response, { url }) {
        if (!url.includes('/mailboxes?')) return response
        const page = JSON.parse(response.body.toString('utf8')) as { value: Record<string, unknown>[] }
        for (const row of page.value) {
          if (row['emailaddress'] === ANN) row[column] = value
        }
        return { ...response, body: Buffer.from(JSON.stringify(page)) }
      },
    })
    const { world } = stack.simulator
    const desired = await organizationOf({
      'a.yaml': ORGANIZATION + PROFILE + setOf('users', plainAddresses(world, 'systemuser')),
    })
    const [annId] = rowWith(world, 'mailbox', 'emailaddress', ANN)
    const before = pictureOf(world)

    const result = await stack.pass(desired)

    expect(new Set(exceptionsOf(result, ANN))).toEqual(new Set(['Unknown MailboxNotUnderstood']))
    expect(new Set(result.outcomes?.map((outcome) => outcome.result))).toEqual(new Set(['Applied']))
    expect(result.outcomes?.length).toBeGreaterThan(8)
    expect(differences(before, pictureOf(world)).filter(({ id }) => id === annId)).toEqual([])
  })

  it('cannot plant anything in our objects', async () => {
    const stack = await stackOf({
      tamper: (response) => {
        const text = response.body.toString('utf8')
        return {
          ...response,
          body: Buffer.from(
            text.replaceAll('{"', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"'),
          ),
        }
      },
    })
    const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('users', [ANN]) })

    await stack.pass(desired)

    expect(({} as Readonly<Record<string, unknown>>)['polluted']).toBeUndefined()
  })
})

describe('A26: an address in CRM that only looks like one of the spec', () => {
  function rename(stack: Stack, from: string, to: string): string {
    const { world } = stack.simulator
    const [id] = rowWith(world, 'systemuser', 'internalemailaddress', from)
    world.update(world.callers.admin, 'systemuser', id, { internalemailaddress: to })
    return rowWith(world, 'mailbox', 'emailaddress', to)[0]
  }

  it.each([
    { lookalike: '\u0430nn@contoso.com', reason: 'a Cyrillic letter' },
    { lookalike: 'ann@c\u043entoso.com', reason: 'a Cyrillic letter in the domain' },
    { lookalike: 'a\u200bnn@contoso.com', reason: 'an invisible character' },
    { lookalike: 'ann@contoso.com.', reason: 'a dot at the end' },
    { lookalike: ' ann@contoso.com', reason: 'a blank' },
    { lookalike: 'ann+x@contoso.com', reason: 'a tag' },
  ])('is another mailbox: $reason; nothing is written to it', async ({ lookalike }) => {
    const stack = await stackOf()
    const id = rename(stack, ANN, lookalike)
    const before = pictureOf(stack.simulator.world)
    const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('users', [ANN, BOB]) })

    const result = await stack.pass(desired)

    expect(new Set(exceptionsOf(result, ANN))).toEqual(new Set(['Waiting NotInCrm']))
    expect(differences(before, pictureOf(stack.simulator.world)).filter((one) => one.id === id)).toEqual([])
  })

  it.each([
    { twin: 'ANN@CONTOSO.COM', reason: 'in capitals' },
    { twin: '\uff41nn@contoso.com', reason: 'in wide letters' },
    { twin: 'ann@CONTOSO.com', reason: 'with a domain in capitals' },
  ])('beside the real one $reason is the same address: neither is written, whoever comes first', async ({ twin }) => {
    const stack = await stackOf()
    rename(stack, BOB, twin)
    const before = pictureOf(stack.simulator.world)
    const desired = await organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('users', [ANN]) })

    const result = await stack.pass(desired)

    expect(new Set(exceptionsOf(result, ANN))).toEqual(new Set(['Unknown AmbiguousAddress']))
    const written = differences(before, pictureOf(stack.simulator.world))
    expect(written.filter(({ table }) => table !== 'emailserverprofile')).toEqual([])
  })
})

describe('A29: a mailbox that another organization synchronizes', () => {
  it('is not taken from it by a set that does not claim it, and is by one that does', async () => {
    const stack = await stackOf()
    const { simulator } = stack
    const [id] = rowWith(simulator.world, 'mailbox', 'emailaddress', ANN)
    simulator.world.setTruth(id, { heldBy: 'contoso-test' })
    const asked = (fields: object) =>
      organizationOf({ 'a.yaml': ORGANIZATION + PROFILE + setOf('users', [{ address: ANN, ...fields }]) })
    const column = () => simulator.world.rows('mailbox').get(id)?.['orgmarkedasprimaryforexchangesync']

    await stack.pass(await asked({}))
    simulator.world.advanceUntilIdle(3_600_000)
    const held = simulator.world.truthOf(id).heldBy
    const unclaimed = column()
    await stack.pass(await asked({ primarySync: 'Claim' }))
    simulator.world.advanceUntilIdle(3_600_000)

    expect({ held, unclaimed }).toEqual({ held: 'contoso-test', unclaimed: false })
    expect({ held: simulator.world.truthOf(id).heldBy, claimed: column() }).toEqual({ held: undefined, claimed: true })
  })
})

/** Control characters but line feeds; marks that turn or hide text. */
const DANGEROUS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const SCRIPT = '<script>alert(1)</script> @everyone [x](http://attacker.example)'
const FORGED = 'Ann\r\n::error::forged\u001b[2J\u202e | =cmd|calc `code` {{jndi}}'

describe('A24 and A25: names that are programs for whoever prints them', () => {
  /** Twins, an alert and a forward mailbox whose names all come out in messages. */
  async function hostile(): Promise<{ readonly stack: Stack; readonly folder: string }> {
    const stack = await stackOf({ mess: ['hostile-names', 'pending', 'untested'] })
    const { world } = stack.simulator
    const { admin } = world.callers
    const put = (columns: Row) => world.create(admin, 'mailbox', columns)
    put({ name: FORGED, emailaddress: 'ANN@contoso.com' })
    put({ name: SCRIPT, emailaddress: 'Ann@Contoso.com' })
    put({ name: FORGED, emailaddress: 'info@contoso.com' })
    const [bob] = rowWith(world, 'mailbox', 'emailaddress', BOB)
    world.setTruth(bob, { failingDirection: 'incoming' })
    const info = { address: 'info@contoso.com', type: 'Forward', name: 'Information', owner: OWNER }
    const folder = directoryWith({
      'mailkeel.yaml': documentOf('Configuration', undefined, {
        source: { directory: 'spec' },
        policy: 'Enforce',
        identities: { nobody: { type: 'None' } },
        organizations: { 'contoso-sales': { url: stack.simulator.url, reading: 'nobody' } },
      }),
      'spec/a.yaml': ORGANIZATION + PROFILE + setOf('users', [ANN, BOB]) + setOf('forwards', [info], FORWARD),
    })
    return { stack, folder }
  }
  const OWNER = { team: 'Mail Administrators' }
  const FORWARD = { profile: EVERYTHING.profile, incoming: EVERYTHING.incoming }

  it('come out of the program as harmless text, Markdown and JSON', async () => {
    const { stack, folder } = await hostile()
    const { world } = stack.simulator
    const run = (...words: string[]) => mailkeel(words, { cwd: folder })

    const planned = await run('plan', '--output', 'markdown')
    const applied = await run('apply', '--yes', '--allow', 'change', '--output', 'json')
    world.advanceUntilIdle(24 * 3_600_000)
    const [bob] = rowWith(world, 'mailbox', 'emailaddress', BOB)
    const regarding = { regardingobjectid: { entity: 'mailbox', id: bob } as const }
    world.create(world.callers.admin, 'tracelog', {
      ...regarding,
      level: 3,
      tracecode: 999,
      text: `${SCRIPT} ${FORGED}`,
    })
    const status = await run('status')

    const printed = [planned, applied, status].map(({ stdout, stderr }) => stdout + stderr)
    for (const text of printed) {
      expect(text).toContain('forged')
      expect(DANGEROUS.exec(text.replaceAll('\u200b', ''))?.[0]).toBeUndefined()
      expect(text.split('\n').filter((line) => /^\s*::error/.test(line))).toEqual([])
    }
    const prose = planned.stdout.replace(/(`+)[^`](?:.*?[^`])?\1(?!`)/g, '')
    expect(prose).toContain('attacker.example')
    expect(prose).not.toMatch(/(?<!\\)<script|@everyone|(?<!\\)\]\(http/)
    expect(() => JSON.parse(applied.stdout)).not.toThrow()
    expect([planned.code, status.code]).not.toContain(EXIT.error)
  })
})

it('hostile names change nothing in what is written', async () => {
  const stack = await stackOf({ mess: ['hostile-names', 'pending', 'untested'] })
  const { world } = stack.simulator
  const before = pictureOf(world)
  const desired = await organizationOf({
    'a.yaml': ORGANIZATION + PROFILE + setOf('users', plainAddresses(world, 'systemuser')),
  })

  await stack.pass(desired)

  expect(wrongWrites(before, world, desired)).toEqual([])
})
