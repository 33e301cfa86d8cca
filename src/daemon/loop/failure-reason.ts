import { UsageError } from '../../compose/usage-error.ts'
import { type Reason, reasonOf } from '../../engine/index.ts'

/** Why something did not even begin, for the board: a fault of the configuration is told from a defect. */
export function reasonFor(error: unknown): Reason {
  if (error instanceof UsageError) return { code: 'ConfigurationIncomplete', message: error.message }
  if (error instanceof Error && error.name === 'SecretError') return { code: 'SecretMissing', message: error.message }
  return reasonOf(error)
}
