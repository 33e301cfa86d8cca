import type { Switches, WireVersion } from '../world.ts'

/**
 * The answers a simulated server of this version gives to what the documentation leaves open: the stricter or the stranger one, so that
 * no client grows a dependency on a guess.
 */
export function defaultSwitches(version: WireVersion): Switches {
  return {
    errorShape: version === '8.2' || version === '9.0' ? 'legacy' : 'modern',
    readOnlyColumn: 'refuse',
    optimisticConcurrency: false,
    continueOnError: version !== '8.2',
    representation: version !== '8.2',
    mailboxApprovalReaches: false,
    addressWithApproval: 'reset',
    approvalWhenEmptied: 'empty',
    tenantApprovalCounts: false,
    statusResetOnChange: false,
    legacyTwins: false,
    profileByDefault: 'always',
    newDefaultMethods: 'null',
    neverDates: 'year-1900',
    runningShown: true,
    profileFilledIn: true,
    combinationsChecked: true,
    deleteDefaultProfile: 'refuse',
    appendChecked: true,
    hiddenRow: 'absent',
    connectionTestBy: 'service-account',
    executionTimeUnit: 'milliseconds',
    alertCodes: 'unseen',
    alertTexts: 'finished',
    lossTold: 'at-once',
    claimAfterLoss: 'stays',
    copiedIds: 'kept',
    inFunction: version !== '8.2',
    fifteenExpansions: false,
    entityNameColumns: 'refuse',
    changeTracking: false,
    functionsWithoutParentheses: false,
    shortAccessType: false,
    organizationDetail: 'full',
    v92: version === 'online',
  }
}
