/** What is wrong with the sizes of waves, at which of them: each is a share of all members that is done once it is, so they rise. */
export function wavesFault(
  waves: readonly number[] | undefined,
): { readonly index: number; readonly message: string } | undefined {
  if (waves === undefined) return undefined
  for (const [index, percent] of waves.entries()) {
    const before = waves[index - 1]
    if (before !== undefined && percent <= before) {
      const message = `${percent} is not more than ${before} before it; waves are cumulative and rise, such as [1, 10, 25]`
      return { index, message }
    }
  }
  return undefined
}
