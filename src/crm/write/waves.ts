import type { WriteOperation } from '../organization.ts'

/**
 * Cuts operations into waves that may each be sent in any order and at the same time; the waves follow each other. A wave ends before an
 * operation on a row that it already touches or points at, before one that points at a row it touches, and before every deletion, so that
 * what was given in order takes effect in order.
 */
export function wavesOf(operations: readonly WriteOperation[]): readonly (readonly WriteOperation[])[] {
  const waves: WriteOperation[][] = []
  let wave: WriteOperation[] = []
  let touched = new Set<string>()
  let mentioned = new Set<string>()
  for (const operation of operations) {
    const id = operation.id.toLowerCase()
    const references = referencesOf(operation)
    const deletes = operation.kind === 'delete-profile'
    if (wave.length > 0 && (deletes || mentioned.has(id) || references.some((other) => touched.has(other)))) {
      waves.push(wave)
      wave = []
      touched = new Set()
      mentioned = new Set()
    }
    wave.push(operation)
    touched.add(id)
    for (const other of [id, ...references]) mentioned.add(other)
  }
  if (wave.length > 0) waves.push(wave)
  return waves
}

function referencesOf(operation: WriteOperation): readonly string[] {
  const profileId = profileOf(operation)
  return typeof profileId === 'string' ? [profileId.toLowerCase()] : []
}

function profileOf(operation: WriteOperation): string | null | undefined {
  if (operation.kind === 'update-organization') return operation.patch.defaultProfileId
  const isMailbox = operation.kind === 'create-mailbox' || operation.kind === 'update-mailbox'
  return isMailbox ? operation.patch.profileId : undefined
}
