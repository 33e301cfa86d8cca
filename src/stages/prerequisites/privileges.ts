// Which privileges the spec needs, by the stage that would miss them. Names of approval and of reading and writing mailboxes are
// documented (Microsoft, e-mail activity entities; connect to Exchange Online); the others follow CRM's naming rule.
import type { DesiredMailbox, DesiredOrganization } from '../../spec/desired.ts'
import { STAGE_NAMES } from '../stage-names.ts'

/** Privileges that belong together. */
export interface PrivilegeNeed {
  /** Key of the check. */
  readonly key: string
  readonly label: string
  /** The stages that cannot do their work without; absent = none can. */
  readonly gates?: readonly string[]
  readonly names: readonly string[]
  /** Whether CRM asks for it is not documented: missing it only advises. */
  readonly perhaps?: true
}

/** What can be granted in words, for people who look for it in a security role. */
const TITLES: Readonly<Record<string, string>> = {
  prvApproveRejectEmailAddress: '"Approve Email Addresses for Users or Queues", tab Business Management',
}

/** The privileges this spec needs. Whoever only reads needs the first entry only. */
export function privilegeNeeds(desired: DesiredOrganization): readonly PrivilegeNeed[] {
  const mailboxes = [...desired.mailboxes.values()]
  const needs: PrivilegeNeed[] = [
    { key: 'privileges-read', label: 'privileges to read', names: readNames(desired) },
    {
      key: 'privileges-alerts',
      label: 'privilege to read alerts',
      gates: [],
      names: ['prvReadTraceLog'],
      perhaps: true,
    },
    stageNeed(STAGE_NAMES.emailServerProfile, profileNames(desired)),
    stageNeed(STAGE_NAMES.emailSettings, desired.settings === undefined ? [] : ['prvWriteOrganization']),
    stageNeed(STAGE_NAMES.mailboxIdentity, identityNames(mailboxes)),
    stageNeed(STAGE_NAMES.approval, approvalNames(mailboxes)),
    stageNeed(STAGE_NAMES.mailbox, mailboxes.length > 0 ? ['prvWriteMailbox'] : []),
    {
      key: 'privileges-binding',
      label: 'privileges to give mailboxes and settings a profile',
      gates: [],
      names: bindingNames(desired),
      perhaps: true,
    },
  ]
  return needs.filter(({ names }) => names.length > 0)
}

/** Privileges with where to find them, for a message. */
export function privilegesInWords(names: readonly string[]): string {
  return names.map((name) => (TITLES[name] ? `${name} (${TITLES[name]})` : name)).join(', ')
}

/** True for a privilege that changes something. */
export function isWriting(name: string): boolean {
  return /^prv(?:Create|Write|Delete|Assign|Append|ApproveReject)/i.test(name)
}

function stageNeed(stage: string, names: readonly string[]): PrivilegeNeed {
  return { key: `privileges-${stage}`, label: `privileges for stage ${stage}`, gates: [stage], names }
}

function readNames(desired: DesiredOrganization): readonly string[] {
  const owners = [...desired.profiles.values(), ...desired.mailboxes.values()].map(({ owner }) => owner)
  return [
    'prvReadMailbox',
    'prvReadEmailServerProfile',
    'prvReadOrganization',
    'prvReadUser',
    'prvReadQueue',
    ...(owners.some((owner) => owner?.team !== undefined) ? ['prvReadTeam'] : []),
  ]
}

function profileNames({ profiles }: DesiredOrganization): readonly string[] {
  const all = [...profiles.values()]
  const present = all.filter(({ ensure }) => ensure === 'present')
  return [
    ...(present.length > 0 ? ['prvCreateEmailServerProfile', 'prvWriteEmailServerProfile'] : []),
    ...(present.some(({ owner }) => owner) ? ['prvAssignEmailServerProfile'] : []),
    ...(all.length > present.length ? ['prvDeleteEmailServerProfile'] : []),
  ]
}

function bindingNames({ mailboxes, settings }: DesiredOrganization): readonly string[] {
  const bindsMailboxes = [...mailboxes.values()].some(({ profile }) => profile !== undefined)
  const bindsDefault = settings?.defaultProfile !== undefined
  return [
    ...(bindsMailboxes ? ['prvAppendMailbox'] : []),
    ...(bindsDefault ? ['prvAppendOrganization'] : []),
    ...(bindsMailboxes || bindsDefault ? ['prvAppendToEmailServerProfile'] : []),
  ]
}

function identityNames(mailboxes: readonly DesiredMailbox[]): readonly string[] {
  const forward = mailboxes.filter(({ type }) => type === 'Forward')
  const renamed = mailboxes.filter(({ previousAddress }) => previousAddress !== undefined)
  return [
    ...(forward.length > 0 ? ['prvCreateMailbox', 'prvWriteMailbox'] : []),
    ...(forward.some(({ owner }) => owner) ? ['prvAssignMailbox'] : []),
    ...holderNames(renamed),
  ]
}

function approvalNames(mailboxes: readonly DesiredMailbox[]): readonly string[] {
  const approved = mailboxes.filter(({ approval }) => approval !== undefined)
  if (approved.length === 0) return []
  const own = approved.some(({ type }) => type === 'Forward') ? ['prvWriteMailbox'] : []
  return ['prvApproveRejectEmailAddress', ...holderNames(approved), ...own]
}

function holderNames(mailboxes: readonly DesiredMailbox[]): readonly string[] {
  return [
    ...(mailboxes.some(({ type }) => type === 'User') ? ['prvWriteUser'] : []),
    ...(mailboxes.some(({ type }) => type === 'Queue') ? ['prvWriteQueue'] : []),
  ]
}
