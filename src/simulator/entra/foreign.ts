// Somebody else who works in the same tenant: other administrators, other products that share the principal. Their
// writes are in the directory at once; while one of ours is not yet seen, neither are theirs.
import { matcherOf } from '../faults/rules.ts'
import type { SimulatedKey, SimulatedPrincipal, SimulatedTenant } from '../trust/model.ts'
import { certificateOfNobody } from './certificate-der.ts'
import { CRM_APP_ID } from './clouds.ts'
import type { EntraMatch } from './faults/kinds.ts'
import { type EntraTarget, USUAL_OPERATION } from './faults/rules.ts'

/** What others do. The principal is CRM's unless another is named; all throw an Error where there is none. */
export interface ForeignWriter {
  /** Adds a key of a certificate whose private key nobody here has; what is given replaces what is made up. */
  addKey(key?: Partial<SimulatedKey>, appId?: string): SimulatedKey
  removeKey(keyId: string, appId?: string): void
  addName(name: string, appId?: string): void
  removeName(name: string, appId?: string): void
  /** Does `work` right before the nth (default: first) operation of this kind from now on is served, once. */
  before(match: EntraMatch & { readonly nth?: number }, work: () => void): void
}

/** As the server uses it. */
export interface ForeignHooks extends ForeignWriter {
  /** To be told of every operation before it is served. */
  strike(target: EntraTarget): void
}

/** What foreign keys are made from. */
export interface ForeignOptions {
  readonly now: () => Date
  readonly newId: () => string
  readonly random: () => number
}

interface Hook {
  readonly matches: (target: EntraTarget) => boolean
  readonly work: () => void
  left: number
}

const YEAR_MS = 365 * 86_400_000

/** Nobody has written anything yet. */
export function createForeignWriter(tenant: SimulatedTenant, options: ForeignOptions): ForeignHooks {
  const hooks = new Set<Hook>()
  const principalOf = (appId: string): SimulatedPrincipal => {
    const found = tenant.principals.get(appId.toLowerCase())
    if (found === undefined) throw new Error(`the simulated tenant has no principal ${appId}`)
    return found
  }
  return {
    addKey(key = {}, appId = CRM_APP_ID) {
      const added = { ...foreignKey('CN=foreign', options), ...key }
      const principal = principalOf(appId)
      principal.keys = [...principal.keys, added]
      return added
    },
    removeKey(keyId, appId = CRM_APP_ID) {
      const principal = principalOf(appId)
      principal.keys = principal.keys.filter((key) => key.keyId !== keyId)
    },
    addName(name, appId = CRM_APP_ID) {
      const principal = principalOf(appId)
      principal.names = [...principal.names, name]
    },
    removeName(name, appId = CRM_APP_ID) {
      const principal = principalOf(appId)
      principal.names = principal.names.filter((known) => known !== name)
    },
    before({ nth = 1, ...match }, work) {
      hooks.add({ matches: matcherOf(match, USUAL_OPERATION), work, left: nth })
    },
    strike(target) {
      for (const hook of hooks) {
        if (!hook.matches(target)) continue
        hook.left -= 1
        if (hook.left > 0) continue
        hooks.delete(hook)
        hook.work()
      }
    },
  }
}

/** A key as another product would have added it: valid from half a year ago for a year. */
export function foreignKey(displayName: string, { now, newId, random }: ForeignOptions): SimulatedKey {
  const notBefore = new Date(Math.floor((now().getTime() - YEAR_MS / 2) / 1000) * 1000)
  const notAfter = new Date(notBefore.getTime() + YEAR_MS)
  const der = certificateOfNobody({ name: displayName.replace(/^CN=/, ''), notBefore, notAfter }, random)
  const text = (date: Date) => `${date.toISOString().slice(0, 19)}Z`
  return {
    keyId: newId(),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    displayName,
    startDateTime: text(notBefore),
    endDateTime: text(notAfter),
    customKeyIdentifier: null,
    key: der.toString('base64'),
  }
}
