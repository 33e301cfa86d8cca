// THE list: its order is the order in which stages are planned and applied. A new stage is one file and one line here.
import type { OrganizationStage, TrustStage } from '../reconcile/contract.ts'
import { approval } from './approval.ts'
import { certificateStore } from './certificate-store.ts'
import { certificateSwitch } from './certificate-switch.ts'
import { credential } from './credential.ts'
import { credentialRetire } from './credential-retire.ts'
import { emailServerProfile, type ProfileStageOptions } from './email-server-profile/stage.ts'
import { emailSettings } from './email-settings/stage.ts'
import { identityPacing, type PaceOptions, pacing, USUAL_PACE } from './mailbox/pace.ts'
import { mailbox } from './mailbox/stage.ts'
import { mailboxIdentity } from './mailbox-identity.ts'
import { type PrerequisitesOptions, prerequisites } from './prerequisites/stage.ts'
import { serverSettings } from './server-settings.ts'
import { servicePrincipalNames } from './service-principal-names.ts'
import { serviceRestart } from './service-restart.ts'
import { tenantId } from './tenant-id.ts'
import { testResult } from './test-result/stage.ts'
import { trustPrerequisites } from './trust-prerequisites/stage.ts'

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

/** The stages of a trust, in apply order: CRM switches only to what every server has and every tenant knows. */
export function trustStages(): readonly TrustStage[] {
  return [
    trustPrerequisites,
    certificateStore,
    credential,
    servicePrincipalNames,
    serverSettings,
    tenantId,
    certificateSwitch,
    serviceRestart,
    credentialRetire,
  ]
}
