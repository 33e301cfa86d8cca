// The people of a simulated organization as the directory of its tenant knows them.
import type { SimulatedWorld } from '../world/index.ts'
import type { SimulatedTenant } from './model.ts'

/** Puts everybody of an organization into the directory who is not there yet, with a mailbox as the organization's tests will find it. */
export function enrolPeople(tenant: SimulatedTenant, world: SimulatedWorld): void {
  for (const [id, row] of world.rows('mailbox')) {
    const { emailaddress: address, regardingobjectid: holder } = row
    if (typeof address !== 'string' || !address.includes('@') || tenant.users.has(address.toLowerCase())) continue
    const { exchangeAddress = address, unlicensed = false } = world.truthOf(id)
    const isShared = typeof holder === 'object' && holder !== null && holder.entity === 'queue'
    const proxies = exchangeAddress === null || exchangeAddress === address ? [] : [`smtp:${address}`]
    tenant.users.set(address.toLowerCase(), {
      userPrincipalName: address,
      proxyAddresses: [`SMTP:${exchangeAddress ?? address}`, ...proxies],
      ...(exchangeAddress === null ? {} : { mailbox: { purpose: isShared ? 'shared' : 'user' } }),
      hasPlan: !isShared && !unlicensed,
    })
  }
}
