import type { EmailSettings } from '../generated/types.ts'
import {
  connectionOf,
  fieldOf,
  fieldOrigin,
  type MemberFields,
  memberOrigin,
  type SetMember,
  usesDefaults,
} from '../members.ts'
import { problemAt } from '../problem.ts'
import type { CheckContext, CheckedOrganization } from './context.ts'

type Settings = EmailSettings['spec'] | undefined
type Fault = readonly [field: keyof MemberFields, message: string]

const DEFAULTED = ['profile', 'incoming', 'outgoing', 'appointmentsContactsTasks'] as const

/** Combinations of type, methods and options that the server would refuse, or that contradict themselves. */
export function checkMethods(context: CheckContext): void {
  for (const organization of context.organizations.values()) {
    checkDefaults(context, organization)
    const settings = organization.settings[0]?.value.spec
    // A fault of a set is one fault, however many members share it.
    const reported = new Set<string>()
    let plainOf: SetMember['set'] | undefined
    for (const member of organization.members) {
      // Members that say nothing of their own are all as right or wrong as the first of them.
      if (member.own === undefined && member.set === plainOf) continue
      if (member.own === undefined) plainOf = member.set
      for (const [field, message] of faultsOf(member, settings)) {
        const origin = fieldOrigin(member, field)
        const key = `${origin.file}:${origin.line}:${origin.column} ${message}`
        if (!reported.has(key)) context.report(problemAt(origin, message))
        reported.add(key)
      }
    }
  }
}

function faultsOf(member: SetMember, settings: Settings): Fault[] {
  const type = fieldOf(member, 'type') ?? 'User'
  const ofType =
    type === 'Forward'
      ? forwardFaults(member, settings)
      : type === 'Queue'
        ? queueFaults(member, settings)
        : userFaults(member)
  return [
    ...ofType,
    ...credentialFaults(member),
    ...claimFaults(member, settings),
    ...(type === 'Forward' ? [] : nameFaults(member, type)),
  ]
}

function userFaults(member: SetMember): Fault[] {
  if (fieldOf(member, 'processAndDelete') !== true) return []
  return [
    [
      'processAndDelete',
      'processAndDelete is for queues and forward mailboxes; the mailbox of a user would lose its e-mail',
    ],
  ]
}

function queueFaults(member: SetMember, settings: Settings): Fault[] {
  return (['incoming', 'outgoing', 'appointmentsContactsTasks'] as const)
    .filter((field) => connectionOf(member, field, settings) === 'Outlook')
    .map((field) => [field, `a queue has no Outlook, so ${field} cannot be \`Outlook\``])
}

function forwardFaults(member: SetMember, settings: Settings): Fault[] {
  const faults: Fault[] = []
  if (connectionOf(member, 'incoming', settings) === 'Outlook') {
    faults.push(['incoming', 'a forward mailbox has no Outlook, so incoming cannot be `Outlook`'])
  }
  for (const field of ['outgoing', 'appointmentsContactsTasks'] as const) {
    const method = connectionOf(member, field, settings)
    if (method !== undefined && method !== 'None')
      faults.push([field, `a forward mailbox only receives, so ${field} must be \`None\``])
  }
  for (const field of ['name', 'owner'] as const) {
    if (member.own?.[field] === undefined) faults.push(['address', `a forward mailbox needs \`${field}\``])
  }
  if (member.own?.primarySync !== undefined)
    faults.push(['primarySync', 'a forward mailbox synchronizes no appointments and cannot be claimed'])
  return faults
}

/** What this version would not write is refused here, so that nobody finds out by a mailbox that does not work. */
function credentialFaults({ own }: SetMember): Fault[] {
  return (['useCredentials', 'userName', 'password'] as const)
    .filter((field) => own?.[field] !== undefined)
    .map((field) => [field, `this version does not write credentials of mailboxes; take \`${field}\` out`])
}

function claimFaults(member: SetMember, settings: Settings): Fault[] {
  if (member.own?.primarySync === undefined) {
    return member.own?.movedFrom === undefined ? [] : [['movedFrom', 'movedFrom goes with `primarySync: Claim`']]
  }
  if (
    fieldOf(member, 'type') === 'Forward' ||
    connectionOf(member, 'appointmentsContactsTasks', settings) === 'ServerSideSync'
  )
    return []
  return [['primarySync', 'only a mailbox with `appointmentsContactsTasks: ServerSideSync` can be claimed']]
}

function nameFaults(member: SetMember, type: string): Fault[] {
  return (['name', 'owner'] as const)
    .filter((field) => member.own?.[field] !== undefined)
    .map((field) => [field, `\`${field}\` is for forward mailboxes; CRM takes it from the ${type.toLowerCase()}`])
}

/** `useDefaults` needs settings to follow, and a set does not follow and say at once. */
function checkDefaults(context: CheckContext, organization: CheckedOrganization): void {
  for (const set of organization.sets) {
    const { spec } = set.value
    if (spec.useDefaults !== true) continue
    for (const field of DEFAULTED.filter((name) => spec[name] !== undefined)) {
      context.report(
        set.problem(['spec', field], `useDefaults is true, so ${field} comes from EmailSettings; remove one of them`),
      )
    }
  }
  const follower = organization.members.find(usesDefaults)
  if (context.complete && follower !== undefined && organization.settings.length === 0) {
    const origin = fieldOrigin(follower, 'useDefaults') ?? memberOrigin(follower)
    context.report(
      problemAt(origin, `useDefaults is true, but \`${organization.name}\` has no EmailSettings to follow`),
    )
  }
}
