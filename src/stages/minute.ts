/** A time to the minute, as people read it: `2026-11-10 08:00 UTC`. Takes ISO 8601 in UTC. */
export function minute(time: string): string {
  return `${time.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ')} UTC`
}
