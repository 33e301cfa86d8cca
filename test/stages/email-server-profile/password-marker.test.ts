import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDescription, writeDescription } from '../../../src/stages/email-server-profile/password-marker.ts'

const label = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text && !/[\r\n]/.test(text))
const labels = fc.record({ incomingPassword: label, outgoingPassword: label }, { requiredKeys: [] })

describe('version labels in a description', () => {
  it('what was written is read again, whatever people wrote before it', () => {
    fc.assert(
      fc.property(fc.string(), labels, (text, given) => {
        const plain = readDescription(text).text

        expect(readDescription(writeDescription({ text, labels: given }))).toEqual({ text: plain, labels: given })
      }),
    )
  })

  it.each([
    { reason: 'nothing', text: null, read: { text: '', labels: {} } },
    { reason: 'text alone', text: 'Mail\r\nof sales \n', read: { text: 'Mail\nof sales', labels: {} } },
    {
      reason: 'markers alone',
      text: '[mailkeel incoming-password 2026-11]',
      read: { text: '', labels: { incomingPassword: '2026-11' } },
    },
    {
      reason: 'a marker in the middle is text',
      text: '[mailkeel incoming-password 1]\nMail',
      read: { text: '[mailkeel incoming-password 1]\nMail', labels: {} },
    },
    {
      reason: 'line ends of the web form',
      text: 'Mail\r\n[mailkeel incoming-password 1]\r\n[mailkeel outgoing-password 2]\r\n',
      read: { text: 'Mail', labels: { incomingPassword: '1', outgoingPassword: '2' } },
    },
    {
      reason: 'of two labels for one password the last counts',
      text: '[mailkeel incoming-password 1]\n[mailkeel incoming-password 2]',
      read: { text: '', labels: { incomingPassword: '2' } },
    },
    {
      reason: 'a label may hold brackets',
      text: '[mailkeel incoming-password a]b]',
      read: { text: '', labels: { incomingPassword: 'a]b' } },
    },
    {
      reason: 'an empty label is text',
      text: '[mailkeel incoming-password ]',
      read: { text: '[mailkeel incoming-password ]', labels: {} },
    },
  ])('$reason', ({ text, read }) => {
    expect(readDescription(text)).toEqual(read)
  })

  it('markers in the text of the spec are not written as labels', () => {
    expect(writeDescription({ text: 'Mail\n[mailkeel incoming-password forged]', labels: {} })).toBe('Mail')
  })
})
