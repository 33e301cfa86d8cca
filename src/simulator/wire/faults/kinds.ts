// What can be made to go wrong, and where it acts. A fault is either an answer given instead of the operation's own, a change of that
// answer, a way of delivering it over the socket, or a lie told by a read or a write. `effect: true` lets the operation happen all the
// same, so that only its answer is lost.

/** An answer of another kind than the operation's own. */
export type InsteadFault =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly code?: string
      readonly message?: string
      /** Default 'json'. */
      readonly body?: 'json' | 'html' | 'empty'
      /** Seconds, fractions allowed, or any text. */
      readonly retryAfter?: number | string
      /** Retry-After as an HTTP date so long after the server's own time. */
      readonly retryAfterDateMs?: number
      readonly effect?: boolean
    }
  | { readonly kind: 'html'; readonly page: HtmlPage; readonly status?: number; readonly effect?: boolean }
  | { readonly kind: 'redirect'; readonly location?: string; readonly effect?: boolean }
  | { readonly kind: 'expired-token' }

/** Pages that stand in front of CRM. */
export type HtmlPage = 'iis-404' | 'iis-500' | 'iis-502' | 'iis-503' | 'sign-in'

/** The operation's own answer, spoilt. */
export type ReshapeFault =
  | { readonly kind: 'empty-body' }
  | { readonly kind: 'content-type'; readonly contentType: string }
  | { readonly kind: 'byte-order-mark' }
  /** The right length for a body that ends in the middle; `keep` is the share kept, default 0.5. */
  | { readonly kind: 'truncated-body'; readonly keep?: number }
  | { readonly kind: 'date-skew'; readonly skewMs: number }

/** The answer's way over the socket. Never inside a batch. */
export type DeliveryFault =
  | { readonly kind: 'no-answer'; readonly effect?: boolean }
  | { readonly kind: 'reset'; readonly effect?: boolean }
  | { readonly kind: 'half-body' }
  | { readonly kind: 'slow-headers'; readonly delayMs: number }
  | { readonly kind: 'slow-body'; readonly delayMs: number; readonly chunks?: number }

/** Lies of reads and writes. */
export type LieFault =
  /** Rows left out of sets and not found by key, as if rights were lost: by id, or a share of all, always the same ones. */
  | { readonly kind: 'hide-rows'; readonly ids?: readonly string[]; readonly share?: number }
  /** The last row of a page comes again on the next. */
  | { readonly kind: 'duplicate-row' }
  /** No nextLink although rows remain. */
  | { readonly kind: 'cut-pages' }
  /** nextLinks name another host. */
  | { readonly kind: 'link-host'; readonly origin: string }
  /** 204, and nothing changed; with `columns` only these did not. */
  | { readonly kind: 'lying-write'; readonly columns?: readonly string[] }
  /** 204, and the change comes so much later, in simulated time. */
  | { readonly kind: 'late-write'; readonly delayMs: number }
  /** Just before the operation somebody writes these columns of its row at the web client. */
  | { readonly kind: 'edit-first'; readonly columns: Readonly<Record<string, string | number | boolean | null>> }

/** Any fault. */
export type Fault = InsteadFault | ReshapeFault | DeliveryFault | LieFault

/** Which operations a fault meets. Everything left out matches all. */
export interface FaultMatch {
  readonly method?: string
  /** Path and query below the service root, decoded: a prefix, or a regular expression between slashes. */
  readonly path?: string
  /**
   * 'request' (default): requests of their own, `$batch` among them; 'part': operations inside a batch; 'any': both; 'sign-in': the messages
   * of a Windows handshake and requests for tokens.
   */
  readonly operation?: 'request' | 'part' | 'any' | 'sign-in'
}

/** A fault with when it strikes. */
export type FaultRule = Fault & {
  readonly match?: FaultMatch
  /** How often; default 1. */
  readonly times?: number | 'always'
  /** How many matching operations go well first; default 0. */
  readonly after?: number
  /** Chance per matching operation, drawn from the simulator's seed; default 1. */
  readonly probability?: number
}

/** The place where each kind acts; also the list of all kinds. */
export const FAULT_LAYERS = {
  status: 'instead',
  html: 'instead',
  redirect: 'instead',
  'expired-token': 'instead',
  'empty-body': 'reshape',
  'content-type': 'reshape',
  'byte-order-mark': 'reshape',
  'truncated-body': 'reshape',
  'date-skew': 'reshape',
  'no-answer': 'delivery',
  reset: 'delivery',
  'half-body': 'delivery',
  'slow-headers': 'delivery',
  'slow-body': 'delivery',
  'hide-rows': 'lie',
  'duplicate-row': 'lie',
  'cut-pages': 'lie',
  'link-host': 'lie',
  'lying-write': 'lie',
  'late-write': 'lie',
  'edit-first': 'lie',
} as const satisfies Readonly<Record<Fault['kind'], 'instead' | 'reshape' | 'delivery' | 'lie'>>

/** Fields without which a kind cannot work, with the type each must have. */
export const REQUIRED_FIELDS: Readonly<Partial<Record<Fault['kind'], readonly [field: string, type: string]>>> = {
  status: ['status', 'number'],
  html: ['page', 'string'],
  'content-type': ['contentType', 'string'],
  'date-skew': ['skewMs', 'number'],
  'slow-headers': ['delayMs', 'number'],
  'slow-body': ['delayMs', 'number'],
  'link-host': ['origin', 'string'],
  'late-write': ['delayMs', 'number'],
  'edit-first': ['columns', 'object'],
}
