import type { EntityDefinition, World } from '../../world.ts'
import { parseExpand, parseSelect } from '../query/expand.ts'
import type { QueryOptions } from '../query/options.ts'
import { annotationTest, type Preferences } from '../query/preferences.ts'
import type { Shape } from './projection.ts'

/** Older builds refuse lists longer than 10, newer ones take 15 (Microsoft, Web API: join tables): switch `fifteenExpansions`. */
function mostExpansions(world: World): number {
  return world.switches.fifteenExpansions ? 15 : 10
}

/** What `$select`, `$expand` and the annotations of a request ask for. */
export function shapeOf(
  world: World,
  definition: EntityDefinition,
  options: QueryOptions,
  preferences: Preferences,
): Shape {
  const select = options.get('$select')
  const expand = options.get('$expand')
  return {
    select: select === undefined ? undefined : parseSelect(select),
    expansions: expand === undefined ? [] : parseExpand(definition, expand, mostExpansions(world)),
    annotations: annotationTest(preferences.annotations),
  }
}
