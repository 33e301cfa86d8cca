import type { Reference, Row } from '../../world.ts'
import type { Core } from '../core.ts'
import { referenceIn } from '../row-values.ts'
import type { TableRules } from '../table-rules.ts'

/** Alerts: they belong to the owner of what they tell about, and take their children along when deleted. */
export const traceLogRules: TableRules = {
  onCreate: ({ core }, row) => ({ ...row, ...alertOwner(core, referenceIn(row, 'regardingobjectid')) }),
  onDelete({ core }, id) {
    deleteChildren(core, id)
  },
}

/** The owner columns of an alert about this row. */
export function alertOwner(core: Core, regarding: Reference | undefined): Row {
  const row = regarding && core.store.get(regarding.entity, regarding.id)
  return { regardingobjectownerid: row?.['ownerid'] ?? null }
}

function deleteChildren(core: Core, parentId: string): void {
  for (const [id, row] of [...core.store.rows('tracelog')]) {
    if (referenceIn(row, 'parenttracelogid')?.id !== parentId) continue
    deleteChildren(core, id)
    core.store.delete('tracelog', id)
  }
}
