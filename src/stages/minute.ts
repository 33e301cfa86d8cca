/** A moment as people write it: `2027-11-22 09:20 UTC`. Expects ISO 8601; what is no time stays what it is. */
export function minute(time: string): string {
  const ms = Date.parse(time)
  return Number.isNaN(ms) ? time : `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
