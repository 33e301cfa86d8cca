import { describe, expect, it } from 'vitest'
import { organization, problemsOf, profile, set } from './memory-source.ts'

const ONE = { 'organization.yaml': organization(), 'profile.yaml': profile() }
const TENANT = (name: string, id = '5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11') =>
  `apiVersion: mailkeel/v1\nkind: Tenant\nmetadata: { name: ${name} }\nspec: { tenantId: ${id} }\n`
const DEPLOYMENT = (name: string) =>
  `apiVersion: mailkeel/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: {}\n`
const CERTIFIED = (name: string) =>
  DEPLOYMENT(name).replace('{}', `{ certificate: { name: s2s, sha256: ${'ab'.repeat(32)} } }`)
const SETTINGS = (fields: string) => `apiVersion: mailkeel/v1\nkind: EmailSettings\nspec:\n${fields}`
const OVERRIDE = (fields = '') =>
  `apiVersion: mailkeel/v1\nkind: Override\nmetadata: { name: o }\nspec: { guard: change, limit: 1, reason: x, expires: 2026-12-01T00:00:00Z${fields} }\n`
const NON_PRODUCTION = organization('trial').replace('environment: Production', 'environment: NonProduction')

interface Row {
  readonly reason: string
  readonly files: Readonly<Record<string, string>>
  readonly problems: readonly string[]
}

function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    it.each(rows)('$reason', async ({ files, problems }) => {
      const reported = await problemsOf(files)

      expect(reported).toEqual(problems)
    })
  })
}

table('the organization of a document', [
  {
    reason: 'is the one of its folder or of the nearest folder above',
    files: {
      'test/organization.yaml': organization('test'),
      'production/organization.yaml': organization('production'),
      'production/eu/sales/set.yaml': set('  mailboxes: [ann@contoso.com]\n'),
      'test/set.yaml': set('  mailboxes: [ann@contoso.com]\n'),
    },
    problems: [],
  },
  {
    reason: 'must be named where two stand in one folder',
    files: {
      'a.yaml': organization('one'),
      'b.yaml': organization('two'),
      'set.yaml': set('  mailboxes: []\n'),
      'named.yaml': set('  mailboxes: []\n').replace('everyone', 'others, organization: two'),
    },
    problems: [
      'set.yaml:2:1 two Organizations could be meant (a.yaml:1:1 and b.yaml:1:1); say which by `metadata.organization`',
    ],
  },
  {
    reason: 'must exist',
    files: {
      'a/organization.yaml': organization('one'),
      'b/set.yaml': set('  mailboxes: []\n'),
      'a/set.yaml': set('  mailboxes: []\n').replace('everyone', 'others, organization: onee'),
    },
    problems: [
      'a/set.yaml:3:41 there is no Organization `onee`; did you mean `one`?',
      'b/set.yaml:2:1 no Organization in this folder or above it; add one, or name one by `metadata.organization`',
    ],
  },
])

table('names', [
  {
    reason: 'are unique per kind, and per organization where they belong to one',
    files: {
      'a/organization.yaml': `${organization('a')}---\n${profile()}`,
      'b/organization.yaml': `${organization('b')}---\n${profile()}`,
      'b/more.yaml': profile(`  previousDisplayName: x\n`).replace('exchange-online profile', 'Other'),
      'c.yaml': `${DEPLOYMENT('farm')}---\n${DEPLOYMENT('farm')}`,
    },
    problems: [
      'b/organization.yaml:10:13 the EmailServerProfile `exchange-online` is in b/more.yaml:1:1 already; rename one',
      'c.yaml:8:13 the Deployment `farm` is in c.yaml:1:1 already; rename one',
    ],
  },
  {
    reason: 'of the outside world belong to one document',
    files: {
      'a.yaml': `${TENANT('one')}---\n${TENANT('two', '5F0C1F3E-8C1B-4E0E-9A55-0F2F6F1F7A11')}---\n${DEPLOYMENT('farm')}`,
      'a/organization.yaml': `${organization('sales')}  tenant: one\n`,
      'b/organization.yaml': `${organization('sales2').replace('uniqueName: sales2', 'uniqueName: SALES')}  tenant: two\n`,
    },
    problems: [
      'a.yaml:9:9 the Tenant at a.yaml:1:1 has this tenant id too; keep one',
      'b/organization.yaml:5:3 the Organization at a/organization.yaml:1:1 is the same CRM organization; keep one',
    ],
  },
  {
    reason: 'one EmailSettings per organization',
    files: { ...ONE, 'x.yaml': SETTINGS('  incoming: None\n'), 'y.yaml': SETTINGS('  incoming: None\n') },
    problems: ['y.yaml:2:1 the organization `sales` has its EmailSettings in x.yaml:1:1 already; keep one'],
  },
])

table('references', [
  {
    reason: 'tenant and deployment may be left out where only one exists',
    files: { ...ONE, 'tenant.yaml': TENANT('contoso'), 'deployment.yaml': DEPLOYMENT('farm') },
    problems: [],
  },
  {
    reason: 'tenant and deployment must be named where several exist',
    files: {
      'organization.yaml': organization(),
      'x.yaml': `${TENANT('one')}---\n${TENANT('two', '00000000-0000-0000-0000-000000000001')}---\n${DEPLOYMENT('a')}---\n${DEPLOYMENT('b')}`,
    },
    problems: [
      'organization.yaml:4:1 `deployment` is missing: there are several, `a` or `b`',
      'organization.yaml:4:1 `tenant` is missing: there are several, `one` or `two`',
    ],
  },
  {
    reason: 'a tenant that does not exist',
    files: { 'organization.yaml': organization('sales', '  tenant: contosso\n'), 'tenant.yaml': TENANT('contoso') },
    problems: ['organization.yaml:7:11 there is no Tenant `contosso`; did you mean `contoso`?'],
  },
  {
    reason: 'a certificate needs a tenant that is to trust it',
    files: { ...ONE, 'deployment.yaml': CERTIFIED('farm') },
    problems: [
      'deployment.yaml:4:9 the certificate of `farm` is for a tenant that is to trust it, and there is no Tenant; add one',
    ],
  },
  {
    reason: 'a certificate needs an organization that signs in with it',
    files: {
      'organization.yaml': organization('sales', '  deployment: used\n'),
      'x.yaml': `${TENANT('contoso')}---\n${CERTIFIED('spare')}---\n${CERTIFIED('used')}`,
    },
    problems: [
      'x.yaml:9:9 no Organization is on the Deployment `spare`, so nothing would ever sign in with its certificate; name it as `deployment` of an Organization, or take `certificate` out',
    ],
  },
  {
    reason: 'a deployment without a certificate needs neither',
    files: { ...ONE, 'deployment.yaml': DEPLOYMENT('farm') },
    problems: [],
  },
  {
    reason: 'a certificate of which the tenant may stand in a file that could not be read',
    files: { ...ONE, 'deployment.yaml': CERTIFIED('farm'), 'tenant.yaml': 'kind: [' },
    problems: [expect.stringMatching(/^tenant\.yaml/) as string],
  },
  {
    reason: 'a profile is looked up in the organization, by its metadata.name',
    files: {
      'a/organization.yaml': organization('a'),
      'a/profile.yaml': profile(),
      'b/organization.yaml': organization('b'),
      'b/set.yaml': set(
        '  profile: exchange-online\n  mailboxes:\n    - { address: ann@contoso.com, profile: exchange-onlin }\n',
      ),
      'a/set.yaml': set('  profile: exchange-onlin\n  mailboxes: []\n'),
      'a/settings.yaml': SETTINGS('  defaultProfile: nothing-like-it\n'),
    },
    problems: [
      'a/set.yaml:5:12 there is no EmailServerProfile `exchange-onlin` in `a`; did you mean `exchange-online`?',
      'a/settings.yaml:4:19 there is no EmailServerProfile `nothing-like-it` in `a`',
      'b/set.yaml:5:12 there is no EmailServerProfile `exchange-online` in `b`; the one of `a` cannot be used here',
      'b/set.yaml:7:35 there is no EmailServerProfile `exchange-onlin` in `b`',
    ],
  },
  {
    reason: 'a profile that is to be deleted is not in use',
    files: {
      'organization.yaml': organization(),
      'profile.yaml': profile('  ensure: absent\n'),
      'settings.yaml': SETTINGS('  defaultProfile: exchange-online\n'),
      'set.yaml': set('  profile: exchange-online\n  mailboxes: []\n'),
    },
    problems: [
      'set.yaml:5:12 the profile `exchange-online` is used here and is `ensure: absent`; a profile in use cannot be deleted',
      'settings.yaml:4:19 the profile `exchange-online` is the default profile and is `ensure: absent`; a profile in use cannot be deleted',
    ],
  },
  {
    reason: 'an override names sets of its organization',
    files: {
      ...ONE,
      'set.yaml': set('  mailboxes: []\n'),
      'override.yaml': OVERRIDE(', scope: { sets: [everyone, everyon] }'),
    },
    problems: ['override.yaml:4:102 there is no MailboxSet `everyon` in `sales`; did you mean `everyone`?'],
  },
])

table('a profile', [
  {
    reason: 'of the hybrid type has no passwords',
    files: {
      'organization.yaml': organization(),
      'x.yaml': profile('  incomingUserName: crm\n  outgoingPassword: { secret: a, version: b }\n'),
    },
    problems: [
      'x.yaml:7:3 a profile of type ExchangeOnlineHybrid signs in server-to-server and has no incomingUserName; remove it',
      'x.yaml:8:3 a profile of type ExchangeOnlineHybrid signs in server-to-server and has no outgoingPassword; remove it',
    ],
  },
  {
    reason: 'of another type has no tenant, and its password goes with its own credentials',
    files: {
      'organization.yaml': organization(),
      'x.yaml': profile(
        '  useDefaultTenantId: true\n  incomingCredentials: UserOrQueue\n  incomingPassword: { secret: a, version: b }\n',
        'exchange',
        'ExchangeServer',
      ),
    },
    problems: [
      'x.yaml:7:3 a profile of type ExchangeServer has no useDefaultTenantId; it belongs to ExchangeOnlineHybrid',
      'x.yaml:9:3 incomingCredentials is UserOrQueue, so incomingPassword has no effect; write `incomingCredentials: Profile` or remove it',
    ],
  },
  {
    reason: 'for POP3 and SMTP has host names and no autodiscover',
    files: {
      'organization.yaml': organization(),
      'x.yaml': profile(
        '  autoDiscover: true\n  incomingServerLocation: https://mail.contoso.com/\n  outgoingServerLocation: smtp.contoso.com\n  incomingCredentials: ServerToServer\n',
        'pop',
        'Pop3Smtp',
      ),
    },
    problems: [
      'x.yaml:7:3 POP3 and SMTP servers are not found by autodiscover; write false and the two locations',
      'x.yaml:8:3 incomingServerLocation of a POP3 or SMTP server is a host name, such as mail.contoso.com',
      'x.yaml:10:3 POP3 and SMTP servers know no server-to-server sign-in; write UserOrQueue, Profile or Anonymous',
    ],
  },
  {
    reason: 'for Exchange has encrypted addresses without credentials in them',
    files: {
      'organization.yaml': organization(),
      'x.yaml': profile(
        '  incomingServerLocation: https://crm:pw@mail.contoso.com/\n  outgoingServerLocation: http://mail.contoso.com/\n  incomingUseSsl: true\n',
        'exchange',
        'ExchangeServer',
      ),
      'y.yaml': profile(
        '  outgoingServerLocation: http://mail.contoso.com/\n  outgoingUseSsl: false\n',
        'plain',
        'ExchangeServer',
      ),
    },
    problems: [
      'x.yaml:7:3 incomingServerLocation must not hold a user name or password',
      'x.yaml:8:3 outgoingServerLocation is not encrypted; write https://, or say `outgoingUseSsl: false` too',
    ],
  },
  {
    reason: 'has a name in CRM of its own, whatever its case',
    files: {
      'organization.yaml': organization(),
      'a.yaml': profile().replace('exchange-online profile', 'Exchange Online'),
      'b.yaml': profile('', 'other').replace('other profile', 'EXCHANGE online'),
      'c.yaml': profile('  previousDisplayName: Exchange Online\n', 'third'),
    },
    problems: [
      'b.yaml:5:3 the profile at a.yaml:5:3 has this name too; a name in CRM belongs to one profile',
      'c.yaml:7:3 the profile at a.yaml:5:3 has this name too; a name in CRM belongs to one profile',
    ],
  },
  {
    reason: 'does not say twice what contradicts itself',
    files: {
      'organization.yaml': organization(),
      'x.yaml': profile(
        [
          '  useDefaultTenantId: true',
          '  exchangeOnlineTenantId: 5f0c1f3e-8c1b-4e0e-9a55-0f2f6f1f7a11',
          '  useSameSettingsForOutgoing: true',
          '  outgoingCredentials: ServerToServer',
          '  timeoutMailboxConnection: false',
          '  timeoutMailboxConnectionAfterMs: 5',
          '  previousDisplayName: EXCHANGE-online profile',
          '',
        ].join('\n'),
      ),
    },
    problems: [
      'x.yaml:8:3 useDefaultTenantId is true, so exchangeOnlineTenantId has no effect; remove one of them',
      'x.yaml:10:3 useSameSettingsForOutgoing is true, so outgoingCredentials has no effect; remove one of them',
      'x.yaml:12:3 timeoutMailboxConnection is false, so timeoutMailboxConnectionAfterMs has no effect; remove one of them',
      'x.yaml:13:3 previousDisplayName is the same as displayName; remove it when the rename is done',
    ],
  },
])

table('a mailbox', [
  {
    reason: 'A26: belongs to one set per organization, however its address is written',
    files: {
      ...ONE,
      'a.yaml': set('  mailboxes:\n    - ann@contoso.com\n    - ANN@Contoso.com\n', 'support'),
      'b.yaml': set('  mailboxes:\n    - { address: Ann@contoso.COM }\n'),
    },
    problems: [
      'a.yaml:7:7 ann@contoso.com is already in this set (a.yaml:6:7); a mailbox belongs to one set'.replace(
        'ann@',
        'ann@',
      ),
      'b.yaml:6:7 ann@contoso.com is already in the set "support" (a.yaml:6:7); a mailbox belongs to one set',
    ],
  },
  {
    reason: 'A26: is what it looks like',
    files: {
      ...ONE,
      'x.yaml': set(
        [
          '  mailboxes:',
          '    - ann@contoso.com',
          '    - \u0430nn@contoso.com',
          '    - { address: an\u200bn@contoso.com }',
          '    - \uff41nn@contoso.com',
          '    - cora@c\u043entoso.com',
          '    - \u0441\u043e\u0440\u0430@contoso.com',
          '    - m\u00fcller@contoso.com',
          '',
        ].join('\n'),
      ),
    },
    problems: [
      'x.yaml:7:7 \u0430nn@contoso.com holds U+0430, which looks like a Latin letter and is none; it looks like ann@contoso.com (x.yaml:6:7)',
      'x.yaml:8:9 an?n@contoso.com holds the invisible character U+200B; remove it; it looks like ann@contoso.com (x.yaml:6:7)',
      'x.yaml:9:7 \uff41nn@contoso.com holds U+FF41, a variant of `a`; write `a`; it looks like ann@contoso.com (x.yaml:6:7)',
      'x.yaml:10:7 cora@c\u043entoso.com holds U+043E, which looks like a Latin letter and is none',
      'x.yaml:11:7 \u0441\u043e\u0440\u0430@contoso.com holds U+0441, which looks like a Latin letter and is none',
    ],
  },
  {
    reason: 'has an address that can exist',
    files: {
      ...ONE,
      'x.yaml': set('  mailboxes: [ann@contoso, .bob@contoso.com, "co(ra@contoso.com", dora@-x.com]\n'),
    },
    problems: [
      'x.yaml:5:15 ann@contoso is no e-mail address: the domain has no dot, such as contoso.com',
      'x.yaml:5:28 .bob@contoso.com is no e-mail address: dots stand between other characters',
      'x.yaml:5:46 co(ra@contoso.com is no e-mail address: the part before the @ holds a character that no address has',
      'x.yaml:5:67 dora@-x.com is no e-mail address: the part behind the @ is no domain',
    ],
  },
  {
    reason: 'had another address before, which is nobody else’s',
    files: {
      ...ONE,
      'x.yaml': set(
        [
          '  mailboxes:',
          '    - ann@contoso.com',
          '    - { address: bob@contoso.com, previousAddress: Bob@contoso.com }',
          '    - { address: cora@contoso.com, previousAddress: ann@contoso.com }',
          '    - { address: dora@contoso.com, previousAddress: old@contoso.com }',
          '    - { address: emil@contoso.com, previousAddress: OLD@contoso.com }',
          '',
        ].join('\n'),
      ),
    },
    problems: [
      'x.yaml:7:35 previousAddress is the address itself; remove it when the change is done',
      'x.yaml:8:36 ann@contoso.com is a mailbox of its own (x.yaml:6:7); change the addresses in two steps',
      'x.yaml:10:36 OLD@contoso.com is the previous address of dora@contoso.com too (x.yaml:9:7)',
    ],
  },
  {
    reason: 'of a queue has no Outlook; a fault of the set is said once, at the set',
    files: {
      ...ONE,
      'x.yaml': set(
        '  type: Queue\n  incoming: Outlook\n  mailboxes:\n    - a@contoso.com\n    - b@contoso.com\n    - { address: c@contoso.com, outgoing: Outlook }\n',
      ),
    },
    problems: [
      'x.yaml:6:3 a queue has no Outlook, so incoming cannot be `Outlook`',
      'x.yaml:10:33 a queue has no Outlook, so outgoing cannot be `Outlook`',
    ],
  },
  {
    reason: 'of type Forward only receives, and has a name and an owner',
    files: {
      ...ONE,
      'x.yaml': set(
        [
          '  incoming: ServerSideSync',
          '  mailboxes:',
          '    - { address: a@contoso.com, type: Forward }',
          '    - { address: b@contoso.com, type: Forward, name: B, owner: { user: ann@contoso.com }, outgoing: ServerSideSync, primarySync: Claim }',
          '    - { address: c@contoso.com, type: Forward, name: C, owner: { team: Mail }, processAndDelete: true }',
          '    - { address: d@contoso.com, name: D }',
          '    - { address: e@contoso.com, processAndDelete: true }',
          '',
        ].join('\n'),
      ),
    },
    problems: [
      'x.yaml:7:9 a forward mailbox needs `name`',
      'x.yaml:7:9 a forward mailbox needs `owner`',
      'x.yaml:8:91 a forward mailbox only receives, so outgoing must be `None`',
      'x.yaml:8:117 a forward mailbox synchronizes no appointments and cannot be claimed',
      'x.yaml:10:33 `name` is for forward mailboxes; CRM takes it from the user',
      'x.yaml:11:33 processAndDelete is for queues and forward mailboxes; the mailbox of a user would lose its e-mail',
    ],
  },
  {
    reason: 'may not ask for credentials, which this version does not write',
    files: {
      ...ONE,
      'x.yaml': set(
        "  mailboxes:\n    - { address: a@contoso.com, useCredentials: false, userName: a, password: { secret: a, version: '1' } }\n",
      ),
    },
    problems: [
      'x.yaml:6:33 this version does not write credentials of mailboxes; take `useCredentials` out',
      'x.yaml:6:56 this version does not write credentials of mailboxes; take `userName` out',
      'x.yaml:6:69 this version does not write credentials of mailboxes; take `password` out',
    ],
  },
  {
    reason: 'follows the defaults only where there are some, and not halfway',
    files: {
      ...ONE,
      'x.yaml': set('  useDefaults: true\n  outgoing: None\n  mailboxes: [ann@contoso.com]\n'),
    },
    problems: [
      'x.yaml:5:3 useDefaults is true, but `sales` has no EmailSettings to follow',
      'x.yaml:6:3 useDefaults is true, so outgoing comes from EmailSettings; remove one of them',
    ],
  },
])

const SYNCHRONIZED = (member: string, extra = '') =>
  set(`  appointmentsContactsTasks: ServerSideSync\n${extra}  mailboxes:\n    - ${member}\n`)

table('synchronization', [
  {
    reason: 'of an address belongs to one organization',
    files: {
      'a/organization.yaml': organization('a'),
      'b/organization.yaml': organization('b'),
      'a/set.yaml': SYNCHRONIZED('ann@contoso.com'),
      'b/set.yaml': SYNCHRONIZED('Ann@contoso.com'),
    },
    problems: ['b/set.yaml:7:7 ann@contoso.com is synchronized by `a` too (a/set.yaml:7:7); one organization may'],
  },
  {
    reason: 'may be in two organizations by a declared move',
    files: {
      'a/organization.yaml': organization('a'),
      'b/organization.yaml': organization('b'),
      'a/set.yaml': SYNCHRONIZED('ann@contoso.com'),
      'b/set.yaml': SYNCHRONIZED('{ address: ann@contoso.com, primarySync: Claim, movedFrom: a }'),
    },
    problems: [],
  },
  {
    reason: 'a move names the other organization, and a claim alone is no move',
    files: {
      'a/organization.yaml': organization('a'),
      'b/organization.yaml': organization('b'),
      'a/set.yaml': SYNCHRONIZED('ann@contoso.com'),
      'b/set.yaml': SYNCHRONIZED('{ address: ann@contoso.com, primarySync: Claim }'),
      'b/more.yaml': set(
        '  appointmentsContactsTasks: ServerSideSync\n  mailboxes: [{ address: bob@contoso.com, primarySync: Claim, movedFrom: b }]\n',
        'more',
      ),
    },
    problems: [
      'b/more.yaml:6:63 `movedFrom` names the organization itself; name the one that synchronizes the mailbox until now',
      'b/set.yaml:7:7 ann@contoso.com is synchronized by `a` too (a/set.yaml:7:7); one organization may',
    ],
  },
  {
    reason: 'is what a claim is about',
    files: {
      ...ONE,
      'x.yaml': set(
        '  mailboxes:\n    - { address: ann@contoso.com, primarySync: Claim }\n    - { address: bob@contoso.com, movedFrom: sales }\n',
      ),
    },
    problems: [
      'x.yaml:6:35 only a mailbox with `appointmentsContactsTasks: ServerSideSync` can be claimed',
      'x.yaml:7:35 `movedFrom` names the organization itself; name the one that synchronizes the mailbox until now',
      'x.yaml:7:35 movedFrom goes with `primarySync: Claim`',
    ],
  },
  {
    reason: 'A29: of a test organization needs a second word',
    files: {
      'organization.yaml': NON_PRODUCTION,
      'a.yaml': SYNCHRONIZED('ann@contoso.com'),
      'b.yaml': set(
        '  acknowledgeNonProduction: true\n  incoming: ServerSideSync\n  mailboxes: [bob@contoso.com]\n',
        'b',
      ),
      'c.yaml': set('  incoming: None\n  mailboxes: [{ address: cora@contoso.com, outgoing: ServerSideSync }]\n', 'c'),
      'd.yaml': SETTINGS('  outgoing: ServerSideSync\n'),
    },
    problems: [
      'a.yaml:5:3 `trial` is NonProduction and would synchronize mailboxes; write None, or `acknowledgeNonProduction: true` in the set',
      'c.yaml:6:44 `trial` is NonProduction and would synchronize mailboxes; write None, or `acknowledgeNonProduction: true` in the set',
      'd.yaml:4:3 new mailboxes of a NonProduction organization would be synchronized; write None, or `acknowledgeNonProduction: true` beside it',
    ],
  },
])

table('settings', [
  {
    reason: 'that contradict themselves',
    files: {
      ...ONE,
      'x.yaml': SETTINGS(
        '  processEmailsUsing: EmailRouter\n  appointmentsContactsTasks: ServerSideSync\n  tracking: { folderLevel: false, maximumFolderMappings: 5 }\n',
      ),
    },
    problems: [
      'x.yaml:5:3 processEmailsUsing is EmailRouter, which synchronizes no appointments; write ServerSideSync there or None here',
      'x.yaml:6:35 folderLevel is false, so maximumFolderMappings has no effect; remove one of them',
    ],
  },
])

table('a rollout', [
  {
    reason: 'begins with members of its own set, each named once, whatever their case',
    files: {
      ...ONE,
      'a.yaml': set('  rollout: { canary: [ANN@contoso.com] }\n  mailboxes: [ann@contoso.com]\n', 'a'),
      'b.yaml': set(
        '  rollout:\n    canary:\n      - bbo@contoso.com\n      - ann@contoso.com\n      - bob@contoso.com\n      - Bob@contoso.com\n  mailboxes: [bob@contoso.com]\n',
        'b',
      ),
    },
    problems: [
      'b.yaml:7:9 bbo@contoso.com is no member of the set "b", so it cannot be its canary; did you mean `bob@contoso.com`?',
      'b.yaml:8:9 ann@contoso.com is no member of the set "b", so it cannot be its canary; it is in the set "a"',
      'b.yaml:10:9 Bob@contoso.com is named twice in the canary',
    ],
  },
  {
    reason: 'has waves that rise',
    files: {
      ...ONE,
      'a.yaml': set('  rollout: { waves: [1, 10, 10] }\n  mailboxes: []\n', 'a'),
      'b.yaml': set('  rollout: { waves: [25, 10] }\n  mailboxes: []\n', 'b'),
      'c.yaml': set('  rollout: { waves: [0.5, 100] }\n  mailboxes: []\n', 'c'),
    },
    problems: [
      'a.yaml:5:29 10 is not more than 10 before it; waves are cumulative and rise, such as [1, 10, 25]',
      'b.yaml:5:26 10 is not more than 25 before it; waves are cumulative and rise, such as [1, 10, 25]',
    ],
  },
])
