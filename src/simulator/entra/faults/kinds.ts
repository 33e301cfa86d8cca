// What can be made to go wrong at the sign-in and at Graph, and where it acts: an answer instead of the operation's own, a change of that
// answer, a way of delivering it, or a lie. `effect: true` lets the operation happen all the same, so that only its answer is lost.

/** An answer of another kind than the operation's own. */
export type EntraInsteadFault =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly code?: string
      readonly message?: string
      /** Seconds, fractions allowed, or any text. */
      readonly retryAfter?: number | string
      readonly effect?: boolean
    }
  /** A page where JSON is due. */
  | { readonly kind: 'html'; readonly status?: number; readonly effect?: boolean }
  /** 307; without `location` to the very same address. */
  | { readonly kind: 'redirect'; readonly location?: string }
  /** 401 that asks for a new token with claims (Microsoft, continuous access evaluation). Graph only. */
  | { readonly kind: 'claims-challenge' }
  /** 200 without an access token. Sign-in only. */
  | { readonly kind: 'empty-token' }
  /** One of the numbered errors of the sign-in. */
  | { readonly kind: 'sign-in-error'; readonly number: number; readonly retryAfter?: number | string }

/** The operation's own answer, spoilt. */
export type EntraReshapeFault =
  | { readonly kind: 'truncated-body' }
  | { readonly kind: 'empty-body' }
  | { readonly kind: 'date-skew'; readonly skewMs: number }

/** The answer's way over the socket. Never inside a batch. */
export type EntraDeliveryFault =
  | { readonly kind: 'no-answer'; readonly effect?: boolean }
  | { readonly kind: 'reset'; readonly effect?: boolean }
  | { readonly kind: 'half-body' }
  | { readonly kind: 'slow-headers'; readonly delayMs: number }

/** Lies of reads and writes of principals. */
export type EntraLieFault =
  /** The state before the last write. */
  | { readonly kind: 'stale-read' }
  /** Keys without their bytes, although these were asked for. */
  | { readonly kind: 'keys-without-bytes' }
  /** 204, and nothing changed. */
  | { readonly kind: 'lying-write' }

/** Any fault. */
export type EntraFault = EntraInsteadFault | EntraReshapeFault | EntraDeliveryFault | EntraLieFault

/** What an operation is: a POST for a token, a request to Graph (a batch among them), or a part of a batch. */
export type EntraOperation = 'sign-in' | 'graph' | 'part'

/** Which operations a fault meets. Everything left out matches all. */
export interface EntraMatch {
  readonly method?: string
  /** Path and query below the version of Graph, or of the sign-in, decoded: a prefix, or a regular expression between slashes. */
  readonly path?: string
  /** Default 'graph'; 'any' is requests to Graph and parts of batches. */
  readonly operation?: EntraOperation | 'any'
}

/** A fault with when it strikes. */
export type EntraFaultRule = EntraFault & {
  readonly match?: EntraMatch
  /** How often; default 1. */
  readonly times?: number | 'always'
  /** How many matching operations go well first; default 0. */
  readonly after?: number
  /** Chance per matching operation, drawn from the seed; default 1. */
  readonly probability?: number
}

/** The place where each kind acts; also the list of all kinds. */
export const ENTRA_FAULT_LAYERS = {
  status: 'instead',
  html: 'instead',
  redirect: 'instead',
  'claims-challenge': 'instead',
  'empty-token': 'instead',
  'sign-in-error': 'instead',
  'truncated-body': 'reshape',
  'empty-body': 'reshape',
  'date-skew': 'reshape',
  'no-answer': 'delivery',
  reset: 'delivery',
  'half-body': 'delivery',
  'slow-headers': 'delivery',
  'stale-read': 'lie',
  'keys-without-bytes': 'lie',
  'lying-write': 'lie',
} as const satisfies Readonly<Record<EntraFault['kind'], 'instead' | 'reshape' | 'delivery' | 'lie'>>
