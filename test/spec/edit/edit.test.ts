import { describe, expect, it } from 'vitest'
import { editFile, proveEdit } from '../../../src/spec/edit/edit.ts'
import { EditError } from '../../../src/spec/edit/edit-error.ts'
import { cpuMs } from '../../setup/cpu.ts'
import { edited, HEAD, SUSPENSION } from './edited.ts'

const FLOW = '{ owner: ann, reason: moves house, until: 2026-12-01 }'

interface Row {
  readonly reason: string
  readonly name?: string
  readonly before: string
  readonly after: string
  /** Where resuming does not lead back to the text that was there. */
  readonly resumed?: string
}

const TABLE: readonly Row[] = [
  {
    reason: 'a plain member becomes a map, and its comment stays',
    before: '  mailboxes:\n    - ann@contoso.com # on leave\n    - bob@contoso.com\n',
    after: `  mailboxes:\n    - { address: ann@contoso.com, suspend: ${FLOW} } # on leave\n    - bob@contoso.com\n`,
  },
  {
    reason: 'a quoted member keeps its quotes',
    before: `  mailboxes:\n    - 'ann@contoso.com'\n`,
    after: `  mailboxes:\n    - { address: 'ann@contoso.com', suspend: ${FLOW} }\n`,
  },
  {
    reason: 'a letter that means something in braces is quoted',
    name: "a{b}'c@contoso.com",
    before: `  mailboxes:\n    - a{b}'c@contoso.com\n`,
    after: `  mailboxes:\n    - { address: "a{b}'c@contoso.com", suspend: ${FLOW} }\n`,
    resumed: `  mailboxes:\n    - "a{b}'c@contoso.com"\n`,
  },
  {
    reason: 'a member in block text is one line',
    before: '  mailboxes:\n    - >-\n      ann@contoso.com\n    - bob@contoso.com\n',
    after: `  mailboxes:\n    - { address: "ann@contoso.com", suspend: ${FLOW} }\n    - bob@contoso.com\n`.replaceAll(
      '"',
      '',
    ),
    resumed: '  mailboxes:\n    - ann@contoso.com\n    - bob@contoso.com\n',
  },
  {
    reason: 'a map in braces gets one more field',
    before: '  mailboxes:\n    - { address: ann@contoso.com, outgoing: None }   # keeps it\n',
    after: `  mailboxes:\n    - { address: ann@contoso.com, outgoing: None, suspend: ${FLOW} }   # keeps it\n`,
  },
  {
    reason: 'a map in braces over several lines with a comma at its end',
    before: '  mailboxes:\n    - {\n        address: ann@contoso.com, # her\n        outgoing: None, # none\n      }\n',
    after: `  mailboxes:\n    - {\n        address: ann@contoso.com, # her\n        outgoing: None, suspend: ${FLOW}, # none\n      }\n`,
  },
  {
    reason: 'a map in lines gets one more line',
    before:
      '  mailboxes:\n    - address: ann@contoso.com # her\n      outgoing: None\n\n    # and him\n    - bob@contoso.com\n',
    after: `  mailboxes:\n    - address: ann@contoso.com # her\n      outgoing: None\n      suspend: ${FLOW}\n\n    # and him\n    - bob@contoso.com\n`,
  },
  {
    reason: 'a map in lines at the end of a file without a line break',
    before: '  mailboxes:\n    - address: ann@contoso.com\n      outgoing: None',
    after: `  mailboxes:\n    - address: ann@contoso.com\n      outgoing: None\n      suspend: ${FLOW}`,
  },
  {
    reason: 'a map in lines that ends in a map',
    before:
      '  mailboxes:\n    - address: ann@contoso.com\n      password:\n        secret: a # s\n        version: "1"\n',
    after: `  mailboxes:\n    - address: ann@contoso.com\n      password:\n        secret: a # s\n        version: "1"\n      suspend: ${FLOW}\n`,
  },
  {
    reason: 'a list in brackets',
    before: '  mailboxes: [ann@contoso.com, bob@contoso.com]\n',
    after: `  mailboxes: [{ address: ann@contoso.com, suspend: ${FLOW} }, bob@contoso.com]\n`,
  },
  {
    reason: 'a set, before its members',
    name: 'sales',
    before: '  incoming: None\n  # the team\n  mailboxes:\n    - ann@contoso.com\n',
    after: `  incoming: None\n  suspend: ${FLOW}\n  # the team\n  mailboxes:\n    - ann@contoso.com\n`,
  },
  {
    reason: 'a set that has nothing but members',
    name: 'sales',
    before: '  mailboxes:\n    - ann@contoso.com\n',
    after: `  suspend: ${FLOW}\n  mailboxes:\n    - ann@contoso.com\n`,
  },
  {
    reason: 'a set whose members come first',
    name: 'sales',
    before: '  mailboxes:\n    - ann@contoso.com\n  incoming: None\n',
    after: `  suspend: ${FLOW}\n  mailboxes:\n    - ann@contoso.com\n  incoming: None\n`,
  },
]

describe('suspending and resuming change what they say and nothing else', () => {
  it.each(TABLE)('$reason', ({ name = 'ann@contoso.com', before, after, resumed = before }) => {
    const suspended = edited(HEAD + before, name, SUSPENSION)
    const again = edited(suspended, name, SUSPENSION)
    const back = edited(suspended, name, 'resume')

    expect(suspended).toBe(HEAD + after)
    expect(again).toBe(suspended)
    expect(back).toBe(HEAD + resumed)
    expect(edited(back, name, 'resume')).toBe(back)
  })

  it.each(TABLE)('with the line breaks of Windows: $reason', ({ name = 'ann@contoso.com', before, after }) => {
    const suspended = edited((HEAD + before).replaceAll('\n', '\r\n'), name, SUSPENSION)

    expect(suspended).toBe((HEAD + after).replaceAll('\n', '\r\n'))
  })

  it.each(TABLE)('in the second document of a file: $reason', ({ name = 'ann@contoso.com', before, after }) => {
    const first = 'apiVersion: mailkeel/v1\nkind: MailboxSet\nmetadata: { name: other }\nspec: { mailboxes: [] }\n---\n'

    expect(edited(first + HEAD + before, name, SUSPENSION)).toBe(first + HEAD + after)
  })

  it('a byte order mark stays', () => {
    const text = `\ufeff${HEAD}  mailboxes:\n    - ann@contoso.com\n`

    expect(edited(text, 'ann@contoso.com', SUSPENSION)).toMatch(/^\ufeffapiVersion/)
  })

  it('a suspension that is there gets the new values, in its own form and with its comments', () => {
    const before =
      '  suspend:\n    # ticket 4711\n    owner: bob # her deputy\n    reason: >-\n      something\n      else\n    until: "2026-11-30"\n  mailboxes: []\n'

    expect(edited(HEAD + before, 'sales', SUSPENSION)).toBe(
      `${HEAD}  suspend:\n    # ticket 4711\n    owner: ann # her deputy\n    reason: moves house\n    until: 2026-12-01\n  mailboxes: []\n`,
    )
  })

  it.each([
    {
      reason: 'the first of a map in lines',
      before: `  mailboxes:\n    - suspend: ${FLOW} # why\n      # who\n      address: ann@contoso.com\n      outgoing: None\n`,
      after: '  mailboxes:\n    - # who\n      address: ann@contoso.com\n      outgoing: None\n',
    },
    {
      reason: 'the first of a map in braces',
      before: `  mailboxes:\n    - { suspend: ${FLOW}, address: ann@contoso.com, outgoing: None }\n`,
      after: '  mailboxes:\n    - { address: ann@contoso.com, outgoing: None }\n',
    },
    {
      reason: 'with comments around it in braces',
      before: `  mailboxes:\n    - {\n        address: ann@contoso.com, # her\n        # why\n        suspend: ${FLOW},\n        outgoing: None,\n      }\n`,
      after:
        '  mailboxes:\n    - {\n        address: ann@contoso.com # her\n        # why\n        ,\n        outgoing: None,\n      }\n',
    },
    {
      reason: 'as a map in lines',
      before:
        '  mailboxes:\n    - address: ann@contoso.com\n      suspend:\n        owner: ann\n        reason: x\n        until: 2026-12-01\n      # none\n      outgoing: None\n',
      after: '  mailboxes:\n    - address: ann@contoso.com\n      # none\n      outgoing: None\n',
    },
    {
      reason: 'at the end of a file without a line break',
      before: `  mailboxes:\n    - address: ann@contoso.com\n      suspend: ${FLOW}`,
      after: '  mailboxes:\n    - address: ann@contoso.com',
    },
  ])('a suspension goes: $reason', ({ before, after }) => {
    expect(edited(HEAD + before, 'ann@contoso.com', 'resume')).toBe(HEAD + after)
  })

  it.each([
    {
      reason: 'in braces',
      before: '  rollout: { canary: [ann@contoso.com], paused: { reason: looks odd } }\n',
      after: '  rollout: { canary: [ann@contoso.com] }\n',
    },
    { reason: 'all there is, in braces', before: '  rollout: { paused: { reason: x } }\n', after: '  rollout: {}\n' },
    {
      reason: 'in lines',
      before: '  rollout:\n    paused:\n      reason: x\n    waves: [1, 10]\n',
      after: '  rollout:\n    waves: [1, 10]\n',
    },
    { reason: 'all there is, in lines', before: '  rollout:\n    paused: { reason: x }\n', after: '  rollout: {}\n' },
  ])('resuming a set ends the pause of its rollout: $reason', ({ before, after }) => {
    const members = '  mailboxes: []\n'

    expect(edited(HEAD + before + members, 'sales', 'resume')).toBe(HEAD + after + members)
    const suspended = `${HEAD}${before}  suspend: ${FLOW}\n${members}`
    // Somebody else's pause does not end with one's own suspension.
    expect(edited(suspended, 'sales', 'resume')).toBe(HEAD + before + members)
    expect(edited(suspended, 'sales', 'resume-rollout')).toBe(`${HEAD}${after}  suspend: ${FLOW}\n${members}`)
  })
})

describe('an edit that is not safe', () => {
  it.each([
    { reason: 'a map without braces in a list', list: '  mailboxes: [address: ann@contoso.com]\n' },
    { reason: 'no such member', list: '  mailboxes: []\n' },
  ])('is refused: $reason', ({ list }) => {
    expect(() => edited(HEAD + list, 'ann@contoso.com', SUSPENSION)).toThrow(EditError)
  })

  it('is refused where it would say something else too', () => {
    const text = `${HEAD}  mailboxes:\n    - ann@contoso.com\n`
    const { target, value } = edited.parts(text, 'ann@contoso.com')
    const other = edited.parts(text.replace('ann@', 'bob@'), 'bob@contoso.com').value

    expect(editFile(Buffer.from(text), target, SUSPENSION).hunks).toHaveLength(1)
    expect(() => proveEdit(target, value, SUSPENSION)).toThrow('something else')
    expect(() => proveEdit(target, other, 'resume')).toThrow('something else')
    expect(() => proveEdit(target, value, 'resume')).not.toThrow()
  })
})

describe('the lines that are shown', () => {
  it('are those that change, with one around them', () => {
    const text = `${HEAD}  mailboxes:\n    - ann@contoso.com\n    - bob@contoso.com\n`
    const { target } = edited.parts(text, 'ann@contoso.com')

    expect(editFile(Buffer.from(text), target, SUSPENSION).hunks).toEqual([
      {
        line: 7,
        removed: ['    - ann@contoso.com'],
        added: [`    - { address: ann@contoso.com, suspend: ${FLOW} }`],
        before: '  mailboxes:',
        behind: '    - bob@contoso.com',
      },
    ])
  })
})

describe('a set of 50,000', () => {
  it('is edited in about the time of reading it', () => {
    const members = Array.from({ length: 50_000 }, (_, index) => `    - user${index}@contoso.com\n`)
    const text = `${HEAD}  mailboxes:\n${members.join('')}`
    const { target } = edited.parts(text, 'user49999@contoso.com')
    const started = cpuMs()

    const { hunks } = editFile(Buffer.from(text), target, SUSPENSION)

    expect(hunks[0]?.line).toBe(50_006)
    expect(cpuMs() - started).toBeLessThan(10_000)
  })
})
