import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { running } from '../harness.ts'
import { deliveries, SECRET, type SenderType, WEBHOOKS } from './deliveries.ts'

const TYPES = Object.keys(deliveries) as SenderType[]
const BODY = '{"ref":"refs/heads/main"}'

describe('a webhook', () => {
  it.each(TYPES)('of %s that proves itself makes mailkeel look', async (type) => {
    const place = await running({ webhooks: WEBHOOKS })

    const answer = await place.ask(`/hooks/${type.toLowerCase()}`, { method: 'POST', ...deliveries[type](BODY) })

    expect([answer.status, place.hints]).toEqual([202, [type.toLowerCase()]])
  })

  it.each(TYPES)('of %s with a wrong secret is refused like one that is not there', async (type) => {
    const place = await running({ webhooks: WEBHOOKS })
    const wrong = deliveries[type](BODY, 'another-secret-of-somebody')

    const answer = await place.ask(`/hooks/${type.toLowerCase()}`, { method: 'POST', ...wrong })
    const unknown = await place.ask('/hooks/nobody', { method: 'POST', ...wrong })

    expect([answer.status, place.hints]).toEqual([401, []])
    expect([unknown.status, unknown.text]).toEqual([answer.status, answer.text])
  })

  it.each(TYPES)('of %s does not prove itself by what another kind sends', async (type) => {
    const place = await running({ webhooks: WEBHOOKS })

    for (const other of TYPES.filter((one) => one !== type)) {
      const answer = await place.ask(`/hooks/${type.toLowerCase()}`, { method: 'POST', ...deliveries[other](BODY) })
      expect([other, answer.status]).toEqual([other, 401])
    }
  })

  it('is what GitHub documents: the example of its page', () => {
    const signature = createHmac('sha256', "It's a Secret to Everybody").update('Hello, World!').digest('hex')

    // GitHub Docs, "Validating webhook deliveries", "Testing the webhook payload validation".
    expect(signature).toBe('757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17')
  })

  it.each([
    ['an hour ago', -3600],
    ['in an hour', 3600],
  ])('of a generic sender that was signed %s is refused: somebody recorded it', async (_name, seconds) => {
    const place = await running({ webhooks: WEBHOOKS })

    const answer = await place.ask('/hooks/generic', {
      method: 'POST',
      ...deliveries.Generic(BODY, SECRET, seconds),
    })

    expect([answer.status, place.hints]).toEqual([401, []])
  })

  it('says so once, and once more at the end, however many come within two seconds', async () => {
    const place = await running({ webhooks: WEBHOOKS })
    const deliver = () => place.ask('/hooks/github', { method: 'POST', ...deliveries.GitHub(BODY) })

    for (let n = 0; n < 5; n += 1) await deliver()
    const atOnce = [...place.hints]
    await place.machine.advance(2000)
    await place.machine.advance(2000)

    expect([atOnce, place.hints]).toEqual([['github'], ['github', 'github']])
  })
})
