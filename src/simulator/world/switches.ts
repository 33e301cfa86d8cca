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
    mailboxApprovalReaches: false,
    addressWithApproval: 'reset',
    approvalWhenEmptied: 'empty',
    statusResetOnChange: false,
    deleteDefaultProfile: 'refuse',
    appendChecked: true,
    inFunction: version !== '8.2',
    functionsWithoutParentheses: false,
    v92: version === 'online',
  }
}
