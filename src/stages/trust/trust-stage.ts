import type { Fields, Stage } from '../../engine/index.ts'
import type { DesiredTrust } from '../../spec/desired.ts'
import type { TrustReader, TrustWriter } from '../../trust/contract.ts'

/** A stage of a trust with its own comparable shape. */
export type TrustStageOf<F extends Fields, Ref> = Stage<DesiredTrust, F, TrustReader, TrustWriter, Ref>
