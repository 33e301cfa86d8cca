import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  METHOD_ELEMENTS,
  type MethodNumbers,
  readEmailSettings,
  writeEmailSettings,
} from '../../src/crm/email-settings-xml.ts'
import { cpuMs } from '../setup/cpu.ts'

const [INCOMING, OUTGOING, ACT] = METHOD_ELEMENTS
const AS_CRM_WRITES =
  '<EmailSettings><IncomingEmailDeliveryMethod>2</IncomingEmailDeliveryMethod><OutgoingEmailDeliveryMethod>2</OutgoingEmailDeliveryMethod><ACTDeliveryMethod>1</ACTDeliveryMethod></EmailSettings>'
const ALL = { [INCOMING]: 2, [OUTGOING]: 2, [ACT]: 1 }

describe('reading', () => {
  it.each([
    { reason: 'as CRM writes it', text: AS_CRM_WRITES, numbers: ALL },
    { reason: 'nothing is set in a new organization', text: null, numbers: {} },
    { reason: 'an empty text is nothing', text: '', numbers: {} },
    { reason: 'white space is nothing', text: ' \r\n', numbers: {} },
    { reason: 'an empty root has nothing set', text: '<EmailSettings/>', numbers: {} },
    {
      reason: 'an empty child has nothing set',
      text: '<EmailSettings><ACTDeliveryMethod/><IncomingEmailDeliveryMethod> </IncomingEmailDeliveryMethod></EmailSettings>',
      numbers: {},
    },
    {
      reason: 'declaration, comments, attributes, another order and space around numbers say nothing',
      text: `<?xml version="1.0"?>\n<!-- <EmailSettings> -->\n<EmailSettings a='>' xmlns:x="y">\n <ACTDeliveryMethod b="1">\t1\n</ACTDeliveryMethod><!-- 7 --><IncomingEmailDeliveryMethod>02</IncomingEmailDeliveryMethod></EmailSettings >\n`,
      numbers: { [INCOMING]: 2, [ACT]: 1 },
    },
    {
      reason: 'the same name deeper down is not the child',
      text: '<EmailSettings><Old><ACTDeliveryMethod>0</ACTDeliveryMethod></Old><ACTDeliveryMethod>1</ACTDeliveryMethod></EmailSettings>',
      numbers: { [ACT]: 1 },
    },
    {
      reason: 'names are compared as they are written',
      text: '<EmailSettings><actdeliverymethod>0</actdeliverymethod></EmailSettings>',
      numbers: {},
    },
  ])('$reason', ({ text, numbers }) => {
    expect(readEmailSettings(text)).toEqual(numbers)
  })

  it.each([
    { reason: 'another root', text: '<Settings/>', fault: /root is not EmailSettings/ },
    { reason: 'two roots', text: '<EmailSettings/><EmailSettings/>', fault: /two roots/ },
    { reason: 'no root', text: '<!-- nothing -->', fault: /no root/ },
    { reason: 'text outside the root', text: '<EmailSettings/>2', fault: /outside its root/ },
    { reason: 'CDATA outside the root', text: '<![CDATA[x]]><EmailSettings/>', fault: /outside its root/ },
    { reason: 'a document type', text: '<!DOCTYPE EmailSettings><EmailSettings/>', fault: /character 1 on/ },
    {
      reason: 'an entity of its own',
      text: '<EmailSettings><ACTDeliveryMethod>&one;</ACTDeliveryMethod></EmailSettings>',
      fault: /entity/,
    },
    {
      reason: 'an entity in an attribute of an unknown child',
      text: '<EmailSettings><Other a="&x;"/></EmailSettings>',
      fault: /entity/,
    },
    {
      reason: 'a child that stands twice',
      text: '<EmailSettings><ACTDeliveryMethod>1</ACTDeliveryMethod><ACTDeliveryMethod/></EmailSettings>',
      fault: /twice/,
    },
    {
      reason: 'a word for a number',
      text: '<EmailSettings><ACTDeliveryMethod>ServerSide</ACTDeliveryMethod></EmailSettings>',
      fault: /no number/,
    },
    {
      reason: 'a comment in a number',
      text: '<EmailSettings><ACTDeliveryMethod>1<!-- or 2 --></ACTDeliveryMethod></EmailSettings>',
      fault: /no number/,
    },
    {
      reason: 'an element in a number',
      text: '<EmailSettings><ACTDeliveryMethod><Value>1</Value></ACTDeliveryMethod></EmailSettings>',
      fault: /more than a number/,
    },
    { reason: 'an end that is missing', text: '<EmailSettings><Other>', fault: /no end/ },
    { reason: 'ends that are crossed', text: '<EmailSettings><A><B></A></B></EmailSettings>', fault: /ends where/ },
    { reason: 'an end too many', text: '</EmailSettings>', fault: /ends where/ },
    { reason: 'half a tag', text: '<EmailSettings', fault: /character 1 on/ },
    { reason: 'no XML at all', text: '{"EmailSettings":{}}', fault: /outside its root/ },
    { reason: 'more text than CRM ever writes', text: ' '.repeat(100_001), fault: /more than 100000/ },
  ])('$reason is not understood, and neither read nor written over', ({ text, fault }) => {
    expect(() => readEmailSettings(text)).toThrow(fault)
    expect(() => writeEmailSettings(text, ALL)).toThrow(fault)
  })

  it('a message never repeats a value', () => {
    const text = '<EmailSettings><ACTDeliveryMethod>hunter2</ACTDeliveryMethod></EmailSettings>'

    expect(() => readEmailSettings(text)).toThrow(/^(?!.*hunter2)/)
  })

  it('a hostile text takes no time', () => {
    const hostile = [
      `<EmailSettings${' a="b"'.repeat(15_000)}`,
      `<EmailSettings${' '.repeat(99_000)}`,
      '<'.repeat(99_000),
    ]

    const begun = cpuMs()
    for (const text of hostile) expect(() => readEmailSettings(text)).toThrow()

    expect(cpuMs() - begun).toBeLessThan(1000)
  })
})

describe('writing', () => {
  it.each([
    { reason: 'a text is made where there is none', text: null, numbers: ALL, after: AS_CRM_WRITES },
    {
      reason: 'only the number changes',
      text: '<EmailSettings>\n  <ACTDeliveryMethod b="1"> 2 </ACTDeliveryMethod><!-- mine -->\n</EmailSettings>',
      numbers: { [ACT]: 1 },
      after: '<EmailSettings>\n  <ACTDeliveryMethod b="1">1</ACTDeliveryMethod><!-- mine -->\n</EmailSettings>',
    },
    {
      reason: 'a missing child is added at the end',
      text: '<EmailSettings><Other/></EmailSettings>',
      numbers: { [ACT]: 1, [INCOMING]: 0 },
      after:
        '<EmailSettings><Other/><IncomingEmailDeliveryMethod>0</IncomingEmailDeliveryMethod><ACTDeliveryMethod>1</ACTDeliveryMethod></EmailSettings>',
    },
    {
      reason: 'an empty root is opened',
      text: "<?xml version='1.0'?><EmailSettings a='b' />",
      numbers: { [ACT]: 1 },
      after: "<?xml version='1.0'?><EmailSettings a='b'><ACTDeliveryMethod>1</ACTDeliveryMethod></EmailSettings>",
    },
    {
      reason: 'an empty child is opened',
      text: '<EmailSettings><ACTDeliveryMethod c="d" /></EmailSettings>',
      numbers: { [ACT]: 1 },
      after: '<EmailSettings><ACTDeliveryMethod c="d">1</ACTDeliveryMethod></EmailSettings>',
    },
  ])('$reason', ({ text, numbers, after }) => {
    expect(writeEmailSettings(text, numbers)).toBe(after)
  })

  it('every unknown child, comment and space survives byte for byte, and the numbers read as they were written', () => {
    const name = fc.constantFrom('Other', 'x:Other', 'Ünder', 'ACTDeliveryMethods', 'EmailSettings')
    const junk = fc.oneof(
      fc.constantFrom(
        '\r\n  ',
        '<!-- 2 < 3 & so on -->',
        '<?keep this="?"?>',
        '<![CDATA[<&>]]>',
        'text &amp; &#x2014;',
      ),
      fc.tuple(name, fc.stringMatching(/^[^<&"\0]{0,8}$/)).map(([n, text]) => `<${n} a="${text}">${text}</${n}>`),
      name.map((n) => `<${n} b='"'/>`),
      name.map((n) => `<${n}><ACTDeliveryMethod>not ours</ACTDeliveryMethod></${n}>`),
    )
    const child = (element: string) =>
      fc
        .option(fc.constantFrom('0', ' 2 ', ''))
        .map((value) => ({ element, text: value === null ? '' : `<${element} k="v">${value}</${element}>` }))
    const numbers: fc.Arbitrary<MethodNumbers> = fc.record(
      { [INCOMING]: fc.nat(3), [OUTGOING]: fc.nat(2), [ACT]: fc.nat(2) },
      { requiredKeys: [] },
    )
    const around = fc.tuple(junk, child(INCOMING), junk, child(OUTGOING), junk, child(ACT), junk)

    fc.assert(
      fc.property(around, numbers, ([a, one, b, two, c, three, d], wished) => {
        const text = `<EmailSettings>${a}${one.text}${b}${two.text}${c}${three.text}${d}</EmailSettings>`

        const after = writeEmailSettings(text, wished)

        const rest = [a, b, c, d].reduce((left, piece) => {
          const at = left.indexOf(piece)
          expect(at).toBeGreaterThanOrEqual(0)
          return left.slice(at + piece.length)
        }, after)
        expect(rest.endsWith('</EmailSettings>')).toBe(true)
        expect(readEmailSettings(after)).toEqual({ ...readEmailSettings(text), ...wished })
        expect(writeEmailSettings(after, wished)).toBe(after)
      }),
    )
  })
})
