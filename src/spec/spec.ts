import { isOfKind, type SpecDocument } from './document.ts'
import type { SpecKind } from './kinds.ts'

/** The valid documents of one revision, in the order of files and documents. */
export interface Spec {
  readonly documents: readonly SpecDocument[]
  /** Spec files read, also those without a document. */
  readonly files: readonly string[]
}

/** The documents of one kind. */
export function documentsOf<K extends SpecKind>(spec: Spec, kind: K): SpecDocument<K>[] {
  return spec.documents.filter((document) => isOfKind(document, kind)) as SpecDocument<K>[]
}
