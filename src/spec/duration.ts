const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a duration as the schemas allow it, such as `30s` or `45d`. Throws for anything else. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^([0-9]{1,6})(ms|s|m|h|d)$/.exec(text) ?? []
  const factor = unit === undefined ? undefined : UNITS[unit]
  if (factor === undefined) throw new RangeError('a duration is a number with its unit ms, s, m, h or d, such as 30s')
  return Number(amount) * factor
}
