/** What happens during long work, for progress lines and metrics. Holds counts and names only. */
export type CrmEvent =
  | { readonly kind: 'page'; readonly table: string; readonly rows: number; readonly rowsSoFar: number }
  | { readonly kind: 'waiting'; readonly reason: string; readonly waitMs: number; readonly attempt: number }
  | { readonly kind: 'batch'; readonly operations: number; readonly settled: number }

/** Told of every event as it happens. Must not throw. */
export type OnEvent = (event: CrmEvent) => void
