import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runwayFor } from '../../src/compose/runway.ts'
import { loadConfiguration } from '../../src/spec/configuration/load.ts'
import { directoryWith } from '../cli/process.ts'

const AT = '2026-11-23T10:42:00Z'

async function configured(runway: string) {
  const folder = directoryWith({
    'mailkeel.yaml': `apiVersion: mailkeel/v1
kind: Configuration
spec:
  source: { directory: . }
  identities: {}
  organizations: {}
  runway: ${runway}
`,
  })
  const loaded = await loadConfiguration(join(folder, 'mailkeel.yaml'))
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
  return loaded.configuration
}

function leadingTo(serverType: 'ExchangeOnlineHybrid' | 'ExchangeServer') {
  return { profiles: new Map([['p', { serverType }]]) }
}

it('the dates and the days to warn at are those of the configuration', async () => {
  const configuration = await configured(
    '{ warnDays: [200], dates: [{ name: exchange-online-ews, on: 2027-05-01, source: MC1 }] }',
  )

  const items = runwayFor(configuration)(leadingTo('ExchangeOnlineHybrid'), {}, AT)

  expect(items).toMatchObject([{ on: '2027-05-01', daysLeft: 159, severity: 'Critical', source: 'MC1' }])
})

it('an organization whose mail stays on premises ends with nothing of Exchange Online', async () => {
  const configuration = await configured('{}')

  expect(runwayFor(configuration)(leadingTo('ExchangeServer'), {}, AT)).toEqual([])
})

it('what is known of an organization is counted too', async () => {
  const configuration = await configured('{}')
  const known = { certificateEnd: '2027-01-01' }

  const items = runwayFor(configuration)(leadingTo('ExchangeOnlineHybrid'), known, AT)

  expect(items.map(({ kind }) => kind)).toEqual(['Certificate', 'VendorDate'])
})
