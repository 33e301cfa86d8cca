import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  connectionChangedMs,
  markerTime,
  readDescription,
  writeDescription,
} from '../../../src/stages/profiles/profile-marker.ts'

const label = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' })
const labels = fc.record({ incomingPassword: label, outgoingPassword: label }, { requiredKeys: [] })
const time = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(markerTime)
const TIME = '2026-11-23T08:00:00Z'

describe('the line at the end of a description', () => {
  it('what was written is read again, whatever people wrote before it', () => {
    fc.assert(
      fc.property(fc.string(), labels, fc.option(time, { nil: undefined }), (text, given, changedAt) => {
        const plain = readDescription(text).text
        const marks = { labels: given, ...(changedAt !== undefined && { connectionChangedAt: changedAt }) }

        const written = writeDescription({ text, ...marks })

        expect(readDescription(written)).toEqual({ text: plain, ...marks })
        expect(written.slice(plain.length).trim()).not.toContain('\n')
      }),
    )
  })

  it.each([
    { reason: 'nothing', text: null, read: { text: '', labels: {} } },
    { reason: 'text alone', text: 'Mail\r\nof sales \n', read: { text: 'Mail\nof sales', labels: {} } },
    {
      reason: 'everything in one line',
      text: `Mail\n[mailkeel: connection changed ${TIME}, incoming password "2", outgoing password "a, b]"]`,
      read: {
        text: 'Mail',
        labels: { incomingPassword: '2', outgoingPassword: 'a, b]' },
        connectionChangedAt: TIME,
      },
    },
    {
      reason: 'a marker in the middle is text',
      text: '[mailkeel: incoming password "1"]\nMail',
      read: { text: '[mailkeel: incoming password "1"]\nMail', labels: {} },
    },
    {
      reason: 'line ends of the web form',
      text: `Mail\r\n[mailkeel: connection changed ${TIME}]\r\n`,
      read: { text: 'Mail', labels: {}, connectionChangedAt: TIME },
    },
    {
      reason: 'of two lines the last counts, and the other one for what it alone says',
      text: `[mailkeel: incoming password "1", outgoing password "9"]\n[mailkeel: incoming password "2"]`,
      read: { text: '', labels: { incomingPassword: '2', outgoingPassword: '9' } },
    },
    {
      reason: 'a time that is none is no evidence, and takes no label with it',
      text: '[mailkeel: connection changed yesterday, incoming password "1"]',
      read: { text: '', labels: { incomingPassword: '1' } },
    },
    {
      reason: 'an empty label is text',
      text: '[mailkeel: incoming password ""]',
      read: { text: '[mailkeel: incoming password ""]', labels: {} },
    },
    {
      reason: 'a line that was cut off is text',
      text: `[mailkeel: connection changed ${TIME}, incoming`,
      read: { text: `[mailkeel: connection changed ${TIME}, incoming`, labels: {} },
    },
    {
      reason: 'words behind it make it text',
      text: `[mailkeel: connection changed ${TIME}] (do not touch)`,
      read: { text: `[mailkeel: connection changed ${TIME}] (do not touch)`, labels: {} },
    },
  ])('$reason', ({ text, read }) => {
    expect(readDescription(text)).toEqual(read)
  })

  it('a marker in the text of the spec is not written as ours', () => {
    expect(writeDescription({ text: 'Mail\n[mailkeel: incoming password "forged"]', labels: {} })).toBe('Mail')
  })

  it('what people wrote is never cut: the time is left out where there is no room, the labels are not', () => {
    const text = 'x'.repeat(1960)

    const written = writeDescription({ text, labels: { incomingPassword: '1' }, connectionChangedAt: TIME })

    expect(written).toBe(`${text}\n[mailkeel: incoming password "1"]`)
  })
})

describe('when the connection was changed', () => {
  it.each([
    { reason: 'as the line says', line: TIME, latest: TIME, expected: TIME },
    { reason: 'no line, no evidence', line: undefined, latest: TIME, expected: undefined },
    { reason: 'a time to come is none of ours', line: '2026-11-23T08:00:01Z', latest: TIME, expected: undefined },
  ])('$reason', ({ line, latest, expected }) => {
    const description = line === undefined ? 'Mail' : `Mail\n[mailkeel: connection changed ${line}]`

    const ms = connectionChangedMs(description, Date.parse(latest))

    expect(ms).toBe(expected === undefined ? undefined : Date.parse(expected))
  })
})
