import { expect, it, onTestFinished } from 'vitest'
import { FIRST_ORGANIZATION, startTrustStack } from '../../stack/trust.ts'
import { rowWith } from '../../stack/world.ts'
import { startWatch } from './watch.ts'
import { filesOf } from './wishes.ts'

const ANN = 'ann@contoso.com'

it('whoever watches a day notices what nobody wished, and only that', async () => {
  const stack = await startTrustStack()
  onTestFinished(() => stack.close())
  const { world, trust } = stack.simulator
  const { keyId } = trust.entra.foreign.addKey()
  const watch = startWatch(stack, { keyId, name: 'https://theirs.contoso.com' })
  trust.entra.foreign.addName('https://theirs.contoso.com')
  const asked = { members: new Map([[ANN, 'connected'] as const]), pollMinutes: 10, overrides: [] }
  const organizations = new Map([[FIRST_ORGANIZATION, asked]])
  await watch.accept(filesOf({ certificate: 's2s-2026', organizations, commits: 1 }, stack, FIRST_ORGANIZATION))
  const write = (address: string, incomingemaildeliverymethod: number) => {
    const [id] = rowWith(world, 'mailbox', 'emailaddress', address)
    world.editByHand('mailbox', id, { incomingemaildeliverymethod })
  }

  watch.byHand(() => write(ANN, 0))
  write(ANN, 2)
  watch.look()
  const wished = [...watch.wrong]
  write(ANN, 0)
  write('bob@contoso.com', 0)
  trust.entra.foreign.removeKey(keyId)
  watch.look()

  expect(wished).toEqual([])
  expect(watch.wrong.map((line) => line.replace(/.*Z /, '').replace(/[0-9a-f-]{36}/, 'id'))).toEqual([
    `${FIRST_ORGANIZATION} mailbox id incomingemaildeliverymethod: 2 -> 0`,
    `${FIRST_ORGANIZATION} mailbox id incomingemaildeliverymethod: 2 -> 0`,
    'the key of somebody else is gone',
  ])
})
