import { describe, expect, it } from 'vitest'
import { createVeil } from '../../../src/cli/doctor/veil.ts'

describe('a veil', () => {
  const veil = createVeil(['crm.contoso.com', 'contoso', 'contoso-sales', '', 'ab'])

  it.each([
    { text: 'ann@contoso.com', shown: '<address>', reason: 'an address' },
    { text: 'id {A087EAF3-00B3-49C9-8706-C4EBFB2627FD}', shown: 'id <id>', reason: 'an id in any form' },
    { text: 'at https://x.y/z?a=b, 3', shown: 'at <url>, 3', reason: 'a URL' },
    { text: 'as CONTOSO\\svc-crm', shown: 'as <account>', reason: 'an account' },
    { text: 'on CRM.Contoso.com', shown: 'on <name>', reason: 'a known host, in any case' },
    { text: 'contoso-sales', shown: '<name>', reason: 'the longest known name first' },
    { text: `sha ${'ab'.repeat(32)}`, shown: 'sha <hash>', reason: 'a hash' },
    {
      text: 'version 9.1.37.6, status 404',
      shown: 'version 9.1.37.6, status 404',
      reason: 'versions and numbers stay',
    },
    { text: 'abandoned contosos', shown: 'abandoned contosos', reason: 'parts of other words stay' },
  ])('$reason', ({ text, shown }) => {
    const hidden = veil(text)

    expect(hidden).toBe(shown)
  })
})
