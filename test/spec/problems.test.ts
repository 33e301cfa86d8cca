import { describe, expect, it } from 'vitest'
import { load, organization, problemsOf, profile, set } from './memory-source.ts'

const files = (document: string) => ({ 'organization.yaml': organization(), 'x.yaml': document })

describe('a document that does not fit its schema', () => {
  it.each([
    {
      reason: 'a misspelt field',
      document: set('  incomming: None\n  mailboxes: []\n'),
      problems: ['5:3 unknown field `incomming`; did you mean `incoming`?'],
    },
    {
      reason: 'a field at the wrong level',
      document:
        'apiVersion: mailkeel/v1\nkind: MailboxSet\nmetadata: { name: a }\nprofile: b\nspec: { mailboxes: [] }\n',
      problems: ['4:1 `profile` belongs under `spec`; indent it there'],
    },
    {
      reason: 'a misspelt value',
      document: set('  incoming: ServerSideSink\n  mailboxes: []\n'),
      problems: ['5:13 `incoming` cannot be `ServerSideSink`; did you mean `ServerSideSync`?'],
    },
    {
      reason: 'a value that is like none of those allowed',
      document: set('  approval: "42"\n  mailboxes: []\n'),
      problems: ['5:13 `approval` cannot be `42`; it is `Approved` or `Rejected`'],
    },
    {
      reason: 'an empty value',
      document: set('  approval:\n  mailboxes: []\n'),
      problems: ['5:12 `approval` is empty; write `Approved` or `Rejected`, or remove it'],
    },
    {
      reason: 'an empty list that is required',
      document: set('  mailboxes:\n'),
      problems: ['5:13 `mailboxes` is empty; write at least one address'],
    },
    {
      reason: 'an empty map that is required',
      document: 'apiVersion: mailkeel/v1\nkind: MailboxSet\nmetadata:\nspec: { mailboxes: [] }\n',
      problems: ['3:10 `metadata` is empty; write a map of fields'],
    },
    {
      reason: 'yes is text in YAML 1.2',
      document: set('  testAndEnable: yes\n  mailboxes: []\n'),
      problems: ['5:18 `testAndEnable` must be true or false, not text; write true, without quotes'],
    },
    {
      reason: 'a number in quotes',
      document: profile('  minimumPollingIntervalMinutes: "10"\n'),
      problems: ['7:34 `minimumPollingIntervalMinutes` must be a whole number, not text; write 10 without quotes'],
    },
    {
      reason: 'part of a minute',
      document: profile('  minimumPollingIntervalMinutes: 1.5\n'),
      problems: ['7:34 `minimumPollingIntervalMinutes` is 1.5; write a whole number'],
    },
    {
      reason: 'a number CRM does not take',
      document: profile('  minimumPollingIntervalMinutes: 1441\n'),
      problems: ['7:34 `minimumPollingIntervalMinutes` is 1441; it may be 0 to 1440'],
    },
    {
      reason: 'a text CRM does not take',
      document: profile(`  description: ${'x'.repeat(1701)}\n`),
      problems: ['7:16 `description` has 1701 characters; at most 1700 fit'],
    },
    {
      reason: 'a version that looks like a number',
      document: 'apiVersion: mailkeel/v1\nkind: Tenant\nmetadata: { name: 7 }\nspec: {}\n',
      problems: ['3:19 `name` must be text, not a number; put it in quotes', '4:1 `tenantId` is missing in `spec`'],
    },
    {
      reason: 'nothing where something must be',
      document: set('  incoming: None\n'),
      problems: ['4:1 `mailboxes` is missing in `spec`'],
    },
    {
      reason: 'one misspelt field is one problem, not also a missing one',
      document: set('  mailboxes:\n    - { adress: ann@contoso.com }\n'),
      problems: ['6:9 unknown field `adress`; did you mean `address`?'],
    },
    {
      reason: 'members of every wrong form, each at its own place',
      document: set('  mailboxes:\n    - ann\n    - 42\n    -\n    - [bob]\n'),
      problems: [
        '6:7 an entry of `mailboxes` must be an e-mail address such as ann@contoso.com',
        '7:7 an entry of `mailboxes` must be text or a map of fields, not a number; put it in quotes',
        '8:6 an entry of `mailboxes` is empty; write text or a map of fields, or remove it',
        '9:7 an entry of `mailboxes` must be text or a map of fields, not a list',
      ],
    },
    {
      reason: 'text where a choice of two stands',
      document: profile('  owner: ann@contoso.com\n'),
      problems: ['7:10 `owner` must be a map of fields, not text; for example { user: crm-mail@contoso.com }'],
    },
    {
      reason: 'both of a choice of two',
      document: profile('  owner: { user: ann@contoso.com, team: Mail }\n'),
      problems: ['7:10 `owner` needs exactly one of `user` and `team`'],
    },
    {
      reason: 'a password in the spec; its text is not repeated',
      document: profile('  incomingPassword: hunter2-hunter2\n', 'pop', 'Pop3Smtp'),
      problems: [
        '7:21 `incomingPassword` must be a map of fields, not text; for example { secret: pop3-service, version: 2026-10 }',
      ],
    },
    {
      reason: 'false that needs another field',
      document: profile('  useDefaultTenantId: false\n'),
      problems: ['7:3 useDefaultTenantId is false, so exchangeOnlineTenantId is required'],
    },
    {
      reason: 'false that needs two other fields is one problem',
      document: profile('  autoDiscover: false\n'),
      problems: ['7:3 autoDiscover is false, so incomingServerLocation and outgoingServerLocation are required'],
    },
    {
      reason: 'only what is missing of the two is named',
      document: profile(
        '  autoDiscover: false\n  incomingServerLocation: https://mail.contoso.com/EWS/Exchange.asmx\n',
      ),
      problems: ['7:3 autoDiscover is false, so outgoingServerLocation is required'],
    },
    {
      reason: 'a day where a moment is needed',
      document: profile('  processEmailFrom: 2026-11-01\n'),
      problems: ['7:21 `processEmailFrom` must be a date and time with its zone, such as 2026-11-01T00:00:00Z'],
    },
    {
      reason: 'a day that does not exist',
      document: profile('  processEmailFrom: 2026-02-31T00:00:00Z\n'),
      problems: ['7:21 2026-02-31 is no day of the calendar'],
    },
  ])('is reported where it stands: $reason', async ({ document, problems }) => {
    const reported = await problemsOf(files(document))

    expect(reported).toEqual(problems.map((problem) => `x.yaml:${problem}`))
  })
})

describe('the first two fields of a document', () => {
  it.each([
    { document: 'kind: Tenant\n', problem: '1:1 `apiVersion` is missing; write `apiVersion: mailkeel/v1`' },
    {
      document: 'apiVersion: mailkeel/v3\nkind: Whatever\n',
      problem: '1:13 `mailkeel/v3` needs mailkeel >= 3.0.0; this one reads `mailkeel/v1`',
    },
    { document: 'apiVersion: v1\nkind: Secret\n', problem: '1:13 `apiVersion` cannot be `v1`; write `mailkeel/v1`' },
    {
      document: 'apiVersion: mailkeel/v1\nkind: MailboxSett\n',
      problem: '2:7 unknown kind `MailboxSett`; did you mean `MailboxSet`?',
    },
    { document: '- a\n', problem: '1:1 a document is a map that begins with `apiVersion: mailkeel/v1` and `kind`' },
    {
      document: 'apiVersion: mailkeel/v1\nkind: Configuration\nspec: {}\n',
      problem: '2:1 a Configuration does not belong into the spec',
    },
  ])('$problem', async ({ document, problem }) => {
    const reported = await problemsOf(files(document))

    expect(reported).toEqual([`x.yaml:${problem}`])
  })
})

describe('problems of a whole spec', () => {
  it('are reported together, by file, line and column', async () => {
    const reported = await problemsOf({
      'z.yaml': set('  outgoing: Non\n  mailboxes: [ann@contoso.com, ann@contoso.com]\n'),
      'b/organization.yaml': organization('b', '  colour: red\n'),
      'a.yaml': 'a: 1\na: 2\n',
      'organization.yaml': organization(),
    })

    expect(reported).toEqual([
      'a.yaml:2:1 `a` is written twice; keep one',
      'b/organization.yaml:7:3 unknown field `colour`; `spec` has `uniqueName`, `tenant`, `deployment`, `environment`, `external` and `suspend`',
      'z.yaml:5:13 `outgoing` cannot be `Non`; did you mean `None`?',
    ])
  })

  it('do not blame documents for what a broken file may hold', async () => {
    const reported = await problemsOf({
      'organization.yaml': organization(),
      'profile.yaml': `${profile()}  oops\n`,
      'set.yaml': set('  profile: exchange-online\n  mailboxes: []\n'),
    })

    expect(reported).toEqual([
      'profile.yaml:7:3 a field needs a colon and a blank behind its name; write `name: value`',
    ])
  })

  it('count the files read', async () => {
    const loaded = await load({ 'organization.yaml': organization(), 'notes.txt': 'x', 'a/b/empty.yml': '# nothing\n' })

    expect(loaded).toMatchObject({ ok: true, fileCount: 2 })
  })

  it('keep control characters and long names off the terminal', async () => {
    const document = set(`  "\\u001b[31m${'x'.repeat(300)}": 1\n  mailboxes: []\n`)

    const [reported] = await problemsOf({ 'organization.yaml': organization(), 'evil\u001b[2J.yaml': document })

    expect(reported).toBe(`evil?[2J.yaml:5:3 unknown field \`?[31m${'x'.repeat(55)}…\``)
  })
})
