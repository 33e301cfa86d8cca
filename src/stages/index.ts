// THE list: its order is the order in which stages are planned and applied. A new stage is one file and one line here.
import type { OrganizationStage } from '../reconcile/contract.ts'
import { approval } from './approval.ts'
import { emailServerProfile, type ProfileStageOptions } from './email-server-profile/stage.ts'
import { emailSettings } from './email-settings/stage.ts'
import { identityPacing, type PaceOptions, pacing, USUAL_PACE } from './mailbox/pace.ts'
import { mailbox } from './mailbox/stage.ts'
import { mailboxIdentity } from './mailbox-identity.ts'
import { type PrerequisitesOptions, prerequisites } from './prerequisites/stage.ts'
import { testResult } from './test-result/stage.ts'

/** What stages need from outside. */
export interface OrganizationStagesOptions extends ProfileStageOptions, PrerequisitesOptions {
  /** How changes of mailboxes are spread over passes. Default: no waves, and the usual number of tests at once. */
  readonly pace?: PaceOptions
}

/** The stages of an organization, in apply order. */
export function organizationStages(options: OrganizationStagesOptions): readonly OrganizationStage[] {
  const pace = options.pace ?? USUAL_PACE
  const identity: typeof mailboxIdentity = { ...mailboxIdentity, pace: identityPacing(pace) }
  const paced: typeof mailbox = { ...mailbox, pace: pacing(pace) }
  return [prerequisites(options), emailServerProfile(options), emailSettings, identity, approval, paced, testResult]
}
