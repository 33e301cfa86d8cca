import type { Row } from '../../world.ts'
import { type Core, organizationOf } from '../core.ts'
import { directionsInUse } from '../diagnosis.ts'
import { referenceIn, textIn } from '../row-values.ts'

/** The delivery methods in organization.defaultemailsettings, by the element's name. */
const ELEMENTS = {
  IncomingEmailDeliveryMethod: 'incomingemaildeliverymethod',
  OutgoingEmailDeliveryMethod: 'outgoingemaildeliverymethod',
  ACTDeliveryMethod: 'actdeliverymethod',
} as const

/** The XML text of organization.defaultemailsettings for these methods. */
export function defaultSettingsXml(incoming: number, outgoing: number, act: number): string {
  return `<EmailSettings><IncomingEmailDeliveryMethod>${incoming}</IncomingEmailDeliveryMethod><OutgoingEmailDeliveryMethod>${outgoing}</OutgoingEmailDeliveryMethod><ACTDeliveryMethod>${act}</ACTDeliveryMethod></EmailSettings>`
}

/** Profile and methods a mailbox gets when it is made for a user or queue; what the organization does not say stays unset. */
export function defaultsForMailbox(core: Core): Row {
  const organization = organizationOf(core)
  const xml = textIn(organization, 'defaultemailsettings')
  const columns: Row = { emailserverprofile: referenceIn(organization, 'defaultemailserverprofileid') ?? null }
  for (const [element, column] of Object.entries(ELEMENTS)) {
    const value = new RegExp(`<${element}>\\s*(\\d)\\s*</${element}>`).exec(xml)?.[1]
    if (value !== undefined) columns[column] = Number(value)
  }
  return withoutIdleProfile(core, columns)
}

/** Unsure whether a mailbox without server-side synchronization gets the default profile too: switch `profileByDefault`. */
function withoutIdleProfile(core: Core, columns: Row): Row {
  if (core.switches.profileByDefault === 'always' || directionsInUse(columns).length > 0) return columns
  return { ...columns, emailserverprofile: null }
}
