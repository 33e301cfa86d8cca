// Desired state by hand: only what a test is about is said.
import type { DesiredMailbox, DesiredOrganization, DesiredProfile, DesiredSettings } from '../../src/spec/desired.ts'

const ORIGIN = { file: 'sales.yaml', line: 3, column: 5 }

/** A profile of the spec. */
export function profile(
  name: string,
  fields: Partial<Omit<DesiredProfile, 'origin' | 'originOf'>> = {},
): DesiredProfile {
  return {
    name,
    displayName: name,
    ensure: 'present',
    serverType: 'ExchangeOnlineHybrid',
    origin: { file: 'profile.yaml', line: 1, column: 1 },
    originOf: () => ({ file: 'profile.yaml', line: 7, column: 3 }),
    ...fields,
  }
}

/** E-mail settings of the spec. Every field has a line of its own, so that a test sees which one is told. */
export function settings(fields: Partial<Omit<DesiredSettings, 'origin' | 'originOf'>>): DesiredSettings {
  const line = (field: string) => 10 + [...field].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
  return {
    origin: { file: 'settings.yaml', line: 1, column: 1 },
    originOf: (field) => ({ file: 'settings.yaml', line: line(field), column: 3 }),
    ...fields,
  }
}

/** A mailbox of the spec. */
export function mailbox(address: string, fields: Partial<DesiredMailbox> = {}): DesiredMailbox {
  return {
    address,
    type: 'User',
    set: 'sales',
    useDefaults: false,
    testAndEnable: false,
    onRelease: 'Keep',
    origin: ORIGIN,
    ...fields,
  }
}

/** The three methods by server-side synchronization. */
export const SERVER_SIDE = {
  incoming: 'ServerSideSync',
  outgoing: 'ServerSideSync',
  appointmentsContactsTasks: 'ServerSideSync',
} as const satisfies Partial<DesiredMailbox>

/** An organization of the spec. */
export function organization(
  mailboxes: readonly DesiredMailbox[] = [],
  profiles: readonly DesiredProfile[] = [],
  settings?: DesiredSettings,
): DesiredOrganization {
  return {
    name: 'contoso-sales',
    uniqueName: 'contoso-sales',
    environment: 'Production',
    external: [],
    origin: { file: 'organization.yaml', line: 1, column: 1 },
    profiles: new Map(profiles.map((one) => [one.name, one])),
    mailboxes: new Map(mailboxes.map((one) => [one.address, one])),
    ...(settings && { settings }),
  }
}
