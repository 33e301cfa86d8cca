import type { OrganizationSurroundings } from '../trust/view.ts'
import type { SurroundedReader } from './contract.ts'

type NewReader = (previous?: SurroundedReader) => SurroundedReader

/** Makes readers that know this beside what they knew already. */
export function surroundedBy(newReader: NewReader, surroundings: OrganizationSurroundings): NewReader {
  // A client knows only the readers that it made itself.
  const inner = new WeakMap<SurroundedReader, SurroundedReader>()
  return (previous) => {
    const reader = newReader(previous && (inner.get(previous) ?? previous))
    const surrounded = { ...reader, ...surroundings }
    inner.set(surrounded, reader)
    return surrounded
  }
}
