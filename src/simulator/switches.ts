// One switch per question that the documentation of the product leaves open. Their values are data, so that help, tests and the command
// line can go through all of them.

/** The answers of a simulated organization to what the documentation leaves open. The defaults are the stricter or stranger answers. */
export interface Switches {
  /** 'legacy': empty code with innererror (9.0 era); 'modern': 0x code; 'empty-code': the modern shape with nothing in `code`. */
  errorShape: 'legacy' | 'modern' | 'empty-code'
  /** A read-only column in a body. */
  readOnlyColumn: 'refuse' | 'ignore'
  /** If-Match with an etag on tables of the e-mail family. */
  optimisticConcurrency: boolean
  /** continue-on-error honoured in $batch (8.2: never). */
  continueOnError: boolean
  /** return=representation honoured (unsure for 8.0 and 8.1). */
  representation: boolean
  /** A PATCH of mailbox.emailrouteraccessapproval reaches user or queue. */
  mailboxApprovalReaches: boolean
  /** Address and approval in one request: 'reset' drops the approval. */
  addressWithApproval: 'reset' | 'keep'
  /** Approval after the address was emptied. */
  approvalWhenEmptied: 'empty' | 'pending'
  /** A test of a profile of this product family also wants the approval of a tenant administrator. */
  tenantApprovalCounts: boolean
  /** Statuses go back to 0 (not run) when profile or methods change. */
  statusResetOnChange: boolean
  /** Delivery methods of a mailbox are copied to the old columns of its user or queue. */
  legacyTwins: boolean
  /** A mailbox made for a user or queue gets the default profile always, or only where a method is server-side synchronization. */
  profileByDefault: 'always' | 'server-side'
  /** What stands in defaultemailsettings of an organization where nobody set them: nothing, an empty text, or XML that says None. */
  newDefaultMethods: 'null' | 'empty' | 'xml'
  /** What stands where something never happened. */
  neverDates: 'year-1900' | 'null'
  /** A running test shows in processingstatecode and hostid. */
  runningShown: boolean
  /** The server fills in the credential retrieval of a hybrid profile. */
  profileFilledIn: boolean
  /** Combinations of values that each are allowed are checked. */
  combinationsChecked: boolean
  /** Deleting the organization's default profile. */
  deleteDefaultProfile: 'refuse' | 'unlink'
  /** Binding a profile needs prvAppendMailbox and prvAppendToEmailServerProfile. */
  appendChecked: boolean
  /** A row the caller has no right to: not there, or 403. */
  hiddenRow: 'absent' | 'forbidden'
  /** Whose mailbox reports its test to the profile. */
  connectionTestBy: 'service-account' | 'owner'
  /** Unit of lasttesttotalexecutiontime. */
  executionTimeUnit: 'milliseconds' | 'seconds'
  /** Numbers in tracecode: those this simulator made up, or others that nobody has seen before. */
  alertCodes: 'provisional' | 'unseen'
  /** Texts of alerts: finished, or with places that traceparameterxml fills. */
  alertTexts: 'finished' | 'template'
  /** The organization that a claim took a mailbox from learns of it at once, or by its own next test. */
  lossTold: 'at-once' | 'by-next-test'
  /** The claim of the organization that lost a mailbox. */
  claimAfterLoss: 'stays' | 'cleared'
  /** Ids of rows in a copied organization; the organization's own is always new. */
  copiedIds: 'kept' | 'new'
  /** Microsoft.Dynamics.CRM.In and nav/column filters understood (8.2: unsure). */
  inFunction: boolean
  /** At most 15 expansions in one request instead of 10. */
  fifteenExpansions: boolean
  /** EntityName columns such as owneridtype. */
  entityNameColumns: 'refuse' | 'text'
  /** odata.track-changes is enabled for the tables. */
  changeTracking: boolean
  /** WhoAmI without parentheses understood. */
  functionsWithoutParentheses: boolean
  /** RetrieveCurrentOrganization(AccessType='Default') understood beside the qualified form. */
  shortAccessType: boolean
  /** Members of RetrieveCurrentOrganization's Detail: all, or the id alone. */
  organizationDetail: 'full' | 'bare'
  /** v9.2 segment served. */
  v92: boolean
}

type ValuesOf<T> = { readonly [Name in keyof T]: readonly T[Name][] }

const YES_NO = [false, true] as const

/** Every value of every switch. */
export const SWITCH_VALUES: ValuesOf<Switches> = {
  errorShape: ['legacy', 'modern', 'empty-code'],
  readOnlyColumn: ['refuse', 'ignore'],
  optimisticConcurrency: YES_NO,
  continueOnError: YES_NO,
  representation: YES_NO,
  mailboxApprovalReaches: YES_NO,
  addressWithApproval: ['reset', 'keep'],
  approvalWhenEmptied: ['empty', 'pending'],
  tenantApprovalCounts: YES_NO,
  statusResetOnChange: YES_NO,
  legacyTwins: YES_NO,
  profileByDefault: ['always', 'server-side'],
  newDefaultMethods: ['null', 'empty', 'xml'],
  neverDates: ['year-1900', 'null'],
  runningShown: YES_NO,
  profileFilledIn: YES_NO,
  combinationsChecked: YES_NO,
  deleteDefaultProfile: ['refuse', 'unlink'],
  appendChecked: YES_NO,
  hiddenRow: ['absent', 'forbidden'],
  connectionTestBy: ['service-account', 'owner'],
  executionTimeUnit: ['milliseconds', 'seconds'],
  alertCodes: ['provisional', 'unseen'],
  alertTexts: ['finished', 'template'],
  lossTold: ['at-once', 'by-next-test'],
  claimAfterLoss: ['stays', 'cleared'],
  copiedIds: ['kept', 'new'],
  inFunction: YES_NO,
  fifteenExpansions: YES_NO,
  entityNameColumns: ['refuse', 'text'],
  changeTracking: YES_NO,
  functionsWithoutParentheses: YES_NO,
  shortAccessType: YES_NO,
  organizationDetail: ['full', 'bare'],
  v92: YES_NO,
}

/** Switches from texts such as `legacyTwins=true`. Throws an Error that lists what there is. */
export function switchesFrom(texts: readonly string[]): Partial<Switches> {
  return Object.fromEntries(texts.map(switchFrom))
}

function switchFrom(text: string): readonly [string, Switches[keyof Switches]] {
  const [name = '', wanted = ''] = text.split('=').map((part) => part.trim())
  const values = Object.entries(SWITCH_VALUES).find(([known]) => known === name)?.[1]
  if (values === undefined) {
    throw new Error(`no switch is called "${name}"; there are ${Object.keys(SWITCH_VALUES).join(', ')}`)
  }
  const value = values.find((known) => String(known) === wanted)
  if (value === undefined) throw new Error(`the switch ${name} is ${values.join(' or ')}, not "${wanted}"`)
  return [name, value]
}
