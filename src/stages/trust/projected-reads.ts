import type { Projection, Read } from '../../engine/index.ts'

/** The reads of stages as they will be when what is planned is done: what `trustViewOf` needs to tell what a plan leads to. */
export function projectedReads(
  stages: readonly { readonly name: string }[],
  projection: Projection,
): ReadonlyMap<string, Read> {
  return new Map(
    stages.flatMap(({ name }) => {
      const read = projection.read(name)
      return read ? [[name, read] as const] : []
    }),
  )
}
