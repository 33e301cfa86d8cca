import type { OrganizationWriter, WriteOperation, WriteResult } from '../crm/organization.ts'
import type { Reason, Reply } from '../engine/index.ts'

/** One change as an operation on a row, or the reason why it cannot be one. The reference of the operation is the id of the change. */
export type Prepared = WriteOperation | { readonly ref: string; readonly refused: Reason }

/** Writes in bulk; gives one reply per operation. What could not be prepared is answered as failed and never sent. */
export async function* write(
  writer: OrganizationWriter,
  prepared: readonly Prepared[],
  signal: AbortSignal,
): AsyncGenerator<Reply> {
  const operations: WriteOperation[] = []
  for (const one of prepared) {
    if ('refused' in one) yield { id: one.ref, outcome: 'failed', reason: one.refused }
    else operations.push(one)
  }
  if (operations.length === 0) return
  for await (const result of writer.write(operations, signal)) yield replyOf(result)
}

function replyOf({ ref, outcome, code, message }: WriteResult): Reply {
  if (outcome === 'done') return { id: ref, outcome }
  return { id: ref, outcome, reason: { code: code ?? 'Refused', message: message ?? 'the server gave no reason' } }
}
