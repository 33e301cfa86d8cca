import type { Read, Reason } from '../../engine/index.ts'
import { STAGE_NAMES } from '../stage-names.ts'

/** The name of the stage. */
export const NAME = STAGE_NAMES.prerequisites

/** Key of the check that is not in order where nothing could be written, whatever is planned. */
export const READ_ONLY_KEY = 'read-only'

/** Why nothing could be written with the account there is, whatever is planned; undefined where it may write. */
export function cannotWrite(reads: ReadonlyMap<string, Read>): Reason | undefined {
  const read = reads.get(NAME)
  const ready = read?.complete ? read.rows.get(READ_ONLY_KEY)?.ready : undefined
  return ready?.status === 'False' ? ready : undefined
}
