// The settings with everything that follows from them in an organization: what new mailboxes get, and whose mail flows.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SWITCH_VALUES } from '../../../src/simulator/index.ts'
import { mailbox, organization, profile, SERVER_SIDE, settings } from '../desired.ts'
import { apply, changesOf, linesOf, plan } from '../pass.ts'
import { type Simulated, startSimulated } from '../simulated.ts'

const ANN = 'ann@contoso.com'
const ONLINE = profile('online', { displayName: 'Exchange Online' })
let remote: Simulated

beforeEach(async () => {
  remote = await startSimulated({ mailboxes: 3, queues: 1, mess: ['none'] })
})

afterEach(async () => {
  await remote.close()
})

function organizationRow() {
  const { world } = remote.simulator
  return world.rows('organization').get(world.organizationId) ?? {}
}

function tune(columns: Parameters<typeof remote.simulator.world.update>[3]) {
  const { world } = remote.simulator
  world.update(world.callers.admin, 'organization', world.organizationId, columns)
}

describe('e-mail settings of an organization', () => {
  it('that turn the Email Router off let the mailboxes of the same plan be tested', async () => {
    tune({ emailconnectionchannel: 1 })
    const member = mailbox(ANN, { ...SERVER_SIDE, outgoing: 'None', testAndEnable: true })
    const desired = organization([member], [ONLINE], settings({ processEmailsUsing: 'ServerSideSync' }))

    const { plan: first } = await plan(remote, desired)
    const { outcomes } = await apply(remote, desired, first)
    remote.simulator.world.advanceUntilIdle(3_600_000)
    const { plan: second, reads } = await plan(remote, desired)

    expect(linesOf(first)).toEqual([
      'email-settings update email-settings: processEmailsUsing',
      `mailbox update ${ANN}: outgoing, test`,
    ])
    expect(outcomes.map(({ result }) => result)).toEqual(['Applied', 'Applied'])
    expect(linesOf(second)).toEqual([])
    const tests = reads.get('test-result')
    expect(tests?.complete && tests.rows.get(ANN)?.ready).toMatchObject({ status: 'True', code: 'Healthy' })
  })

  it('give what they say to a new mailbox, and leave those that exist as they are', async () => {
    const { world } = remote.simulator
    tune({ defaultemailsettings: null, defaultemailserverprofileid: null })
    const before = [...world.rows('mailbox').values()]
    const desired = organization(
      [],
      [ONLINE],
      settings({ defaultProfile: 'online', incoming: 'ServerSideSync', appointmentsContactsTasks: 'ServerSideSync' }),
    )

    await apply(remote, desired, (await plan(remote, desired)).plan)
    world.create(world.callers.admin, 'systemuser', {
      firstname: 'Nora',
      lastname: 'New',
      domainname: 'CONTOSO\\nora',
      internalemailaddress: 'nora@contoso.com',
    })

    const [online] = [...world.rows('emailserverprofile')].find(([, { name }]) => name === 'Exchange Online') ?? []
    expect([...world.rows('mailbox').values()].find((row) => row['emailaddress'] === 'nora@contoso.com')).toMatchObject(
      {
        emailserverprofile: { id: online },
        incomingemaildeliverymethod: 2,
        outgoingemaildeliverymethod: 0,
        actdeliverymethod: 1,
      },
    )
    expect([...world.rows('mailbox').values()].slice(0, before.length)).toEqual(before)
  })

  it('keep whatever else CRM has in the text of its defaults', async () => {
    const others = '<!-- by hand --><Added version="2"><ACTDeliveryMethod>9</ACTDeliveryMethod>&amp;</Added>'
    tune({ defaultemailsettings: `<EmailSettings>${others}<ACTDeliveryMethod> 2 </ACTDeliveryMethod></EmailSettings>` })
    const desired = organization([], [ONLINE], settings({ appointmentsContactsTasks: 'ServerSideSync' }))

    const { plan: planned } = await plan(remote, desired)
    await apply(remote, desired, planned)

    expect(changesOf(planned)).toMatchObject([{ fields: [{ from: 'None', to: 'ServerSideSync' }] }])
    expect(organizationRow()['defaultemailsettings']).toBe(
      `<EmailSettings>${others}<ACTDeliveryMethod>1</ACTDeliveryMethod></EmailSettings>`,
    )
  })

  it('change no column that the spec does not name', async () => {
    const before = organizationRow()
    const desired = organization([], [ONLINE], settings({ tracking: { internalEmail: false } }))

    await apply(remote, desired, (await plan(remote, desired)).plan)

    const after = organizationRow()
    const changed = Object.keys(after).filter((column) => after[column] !== before[column])
    expect(changed.filter((column) => !/^(versionnumber|modified)/.test(column))).toEqual(['ignoreinternalemail'])
    expect(after['ignoreinternalemail']).toBe(true)
  })
})

describe('an organization whose default methods nobody has ever set', () => {
  it.each(SWITCH_VALUES.newDefaultMethods)('gets those of the spec, once, where the server says %s', async (value) => {
    const switches = { newDefaultMethods: value }
    const fresh = await startSimulated({ mailboxes: 2, queues: 0, mess: ['no-settings'], switches })
    try {
      const desired = organization([], [ONLINE], settings({ incoming: 'ServerSideSync', outgoing: 'ServerSideSync' }))

      const { plan: first } = await plan(fresh, desired)
      const { outcomes } = await apply(fresh, desired, first)
      const { plan: second } = await plan(fresh, desired)

      const { world } = fresh.simulator
      const text = String(world.rows('organization').get(world.organizationId)?.['defaultemailsettings'])
      expect(outcomes.map(({ result }) => result)).toEqual(['Applied'])
      expect(linesOf(first)).toEqual(['email-settings update email-settings: incoming, outgoing'])
      expect(linesOf(second)).toEqual([])
      expect(text).toMatch(/^<EmailSettings>.*<IncomingEmailDeliveryMethod>2</)
      expect(text).toContain('<OutgoingEmailDeliveryMethod>2<')
      expect(text.includes('<ACTDeliveryMethod>0<'), 'what nobody asked for stays').toBe(value === 'xml')
    } finally {
      await fresh.close()
    }
  })
})
