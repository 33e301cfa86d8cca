// The schemas of the answers. Each is declared with the shape it describes.
import { flag, listOf, moment, named, object, oneOf, recordOf, type Schema, text, whole } from './schema.ts'
import type {
  CauseShape,
  ErrorShape,
  ExplainShape,
  GuardShape,
  HistoryPage,
  MailboxCounts,
  ObjectPage,
  ObjectRow,
  OverviewShape,
  PassShape,
  ProblemShape,
  ReasonShape,
  RevisionShape,
  RolloutShape,
  RunwayShape,
  ScopeShape,
  SourceShape,
  StageShape,
  Tone,
  TrendShape,
  TroubleShape,
} from './shapes.ts'

const reason: Schema<ReasonShape> = named(
  'Reason',
  'Why something is as it is.',
  object({ code: text('PascalCase; does not change with the wording'), message: text('a sentence for people') }),
)

const tone: Schema<Tone> = named(
  'Tone',
  'How something stands, in the order of what to look at first.',
  oneOf('trouble', 'unknown', 'waiting', 'calm'),
)

const revision: Schema<RevisionShape> = named(
  'Revision',
  'A revision of the spec. `subject` and `author` only for a Reader.',
  object({ id: text(), seenAt: moment() }, { subject: text(), author: text(), committedAt: moment() }),
)

const problem: Schema<ProblemShape> = named(
  'Problem',
  'A problem of a spec that cannot be taken.',
  object({ file: text(), line: whole('from 1'), column: whole('from 1'), message: text() }, { hint: text() }),
)

const trouble: Schema<TroubleShape> = named(
  'Trouble',
  'Something that goes wrong, since when, and how often it was tried.',
  object({ reason, since: moment(), attempts: whole() }),
)

/** GET /api/v1/source */
export const sourceSchema: Schema<SourceShape> = named(
  'Source',
  'Where the spec comes from, what is enforced, and what is refused.',
  object(
    { kind: oneOf('git', 'directory'), place: text() },
    {
      enforced: revision,
      refused: object({ revision, reason, problems: listOf(problem) }),
      failure: trouble,
      lookedAt: moment(),
    },
  ),
)

const mailboxes: Schema<MailboxCounts> = named(
  'MailboxCounts',
  'Each managed mailbox is one of healthy, waiting, failing, unknown; drifted are among them, unmanaged beside them.',
  object({
    total: whole(),
    healthy: whole(),
    waiting: whole(),
    failing: whole(),
    unknown: whole(),
    drifted: whole(),
    unmanaged: whole(),
  }),
)

const stage: Schema<StageShape> = named(
  'Stage',
  'One stage of a scope, in the order of apply.',
  object({ stage: text(), title: text(), tone, evidence: text() }),
)

const cause: Schema<CauseShape> = named(
  'Cause',
  'Objects that share a reason: how many, and what to do about it. Its code filters objects by `cause`.',
  object({ code: text(), message: text(), count: whole() }, { next: text(), heading: text() }),
)

const runway: Schema<RunwayShape> = named(
  'Runway',
  'What ends by itself.',
  object({
    label: text(),
    on: text('a day, or ISO 8601 in UTC'),
    daysLeft: whole('0 and less is over'),
    severity: text('`Calm`, `Warning`, `Critical` or `Over`'),
    source: text(),
    confidence: text(),
  }),
)

const rollout: Schema<RolloutShape> = named(
  'Rollout',
  'A rollout that is not done. Wave 0 is the canary.',
  object({ name: text(), wave: whole(), waves: whole(), since: moment() }),
)

const guard: Schema<GuardShape> = named(
  'Guard',
  'An objection of a guard: `override` waits for a committed Override, `blocked` for its cause to be mended.',
  object({ guard: text(), decision: text(), message: text() }),
)

/** GET /api/v1/scopes/:kind/:name */
export const scopeSchema: Schema<ScopeShape> = named(
  'Scope',
  'One organization or trust at a glance.',
  object(
    {
      scope: text(),
      kind: oneOf('organization', 'trust'),
      name: text(),
      policy: oneOf('Observe', 'Enforce'),
      phase: text('what its loop does: `Starting`, `Reconciling`, `Idle`, `BackingOff`, `Elsewhere`, `Stopping`'),
      revision: text(),
      tone,
      headline: text(),
      stages: listOf(stage),
      causes: listOf(cause),
      guards: listOf(guard),
      rollouts: listOf(rollout),
      runway: listOf(runway),
      notices: listOf(reason),
    },
    {
      held: reason,
      failure: trouble,
      holder: text(),
      inSyncSince: moment(),
      lastPassAt: moment(),
      nextPassAt: moment(),
      progress: object({ done: whole(), planned: whole() }),
      mailboxes,
      plan: object({ digest: text(), changes: whole() }, { sentences: listOf(text()), incomplete: flag() }),
    },
  ),
)

/** GET /api/v1/overview */
export const overviewSchema: Schema<OverviewShape> = named(
  'Overview',
  'Everything at a glance, trusts first.',
  object(
    {
      version: text(),
      now: moment(),
      startedAt: moment(),
      role: oneOf('Overview', 'Reader'),
      source: sourceSchema,
      scopes: listOf(scopeSchema),
    },
    { viewer: text() },
  ),
)

const standing = object({ status: text('`True`, `False` or `Unknown`'), reason: text(), message: text() })

const row: Schema<ObjectRow> = named(
  'Object',
  'One object of a scope. `synced`: as the spec says; `ready`: it works.',
  object(
    {
      kind: text(),
      key: text(),
      label: text(),
      state: oneOf('failing', 'unknown', 'waiting', 'healthy'),
      drifted: flag(),
      synced: standing,
      ready: standing,
    },
    { unmanaged: flag('nothing in the spec names it') },
  ),
)

/** GET /api/v1/scopes/:kind/:name/objects */
export const objectPageSchema: Schema<ObjectPage> = named(
  'ObjectPage',
  'A page of objects. `total` is of all that match; `next` is absent on the last page.',
  object({ items: listOf(row), total: whole() }, { next: text('the cursor of the next page') }),
)

/** GET /api/v1/scopes/:kind/:name/objects/:key */
export const explainSchema: Schema<ExplainShape> = named(
  'Explanation',
  'Why an object does or does not work, link by link, as the last pass saw it.',
  object(
    {
      title: text(),
      tone,
      links: listOf(
        object({
          name: text(),
          text: text(),
          state: text('`good`, `broken`, `unknown` or `told`'),
          broken: flag('the link that counts'),
        }),
      ),
      notes: listOf(text()),
    },
    { next: text('the one thing to do') },
  ),
)

const pass: Schema<PassShape> = named(
  'Pass',
  'One pass that wrote. `changes` only for a Reader, at most 200.',
  object(
    {
      pass: text(),
      time: moment(),
      by: text(),
      revision: text(),
      planned: whole(),
      results: recordOf(whole()),
      allowed: listOf(text()),
      changes: listOf(
        object(
          { label: text(), stage: text(), sentence: text(), result: text() },
          { reason, origin: text('`sales.yaml:9`') },
        ),
      ),
    },
    { finishedAt: moment('absent where the pass was cut off'), failure: reason },
  ),
)

/** GET /api/v1/scopes/:kind/:name/history */
export const historySchema: Schema<HistoryPage> = named(
  'HistoryPage',
  'Passes that wrote, newest first. `next` is absent on the last page.',
  object({ items: listOf(pass) }, { next: text('the cursor of the next page') }),
)

/** GET /api/v1/scopes/:kind/:name/trend */
export const trendSchema: Schema<TrendShape> = named(
  'Trend',
  'One point per pass, thinned out, oldest first; since this process began.',
  object({
    points: listOf(
      object({
        at: moment(),
        healthy: whole(),
        waiting: whole(),
        failing: whole(),
        unknown: whole(),
        drifted: whole(),
        changes: whole(),
      }),
    ),
  }),
)

/** Every answer that is no success. */
export const errorSchema: Schema<ErrorShape> = named(
  'Error',
  'An answer that is no success.',
  object({ error: reason }),
)
