import type { Origin, Reason } from '../../engine/index.ts'

/** Who declares what is done by hand. */
interface Declaring {
  readonly name: string
  readonly external: readonly string[]
  readonly origin: Origin
}

/** The hold of a stage that its document declares `external`: people do it by hand. Undefined where it does not. */
export function heldAsExternal(
  kind: 'Tenant' | 'Deployment' | 'Organization',
  { name, external, origin }: Declaring,
  stage: string,
): { readonly hold?: Reason } {
  if (!external.includes(stage)) return {}
  const where = `${origin.file}:${origin.line}`
  const message = `${kind} ${name} says that ${stage} is done by hand (${where}); do it, or take it out of \`external\``
  return { hold: { code: 'External', message } }
}

/**
 * True where people do a stage by hand whose value cannot be read although the servers answer: no public page tells whether these settings can
 * be read by name. What they are is then for people to know, and neither stops a rotation nor makes the trust unknown.
 */
export function isTheirsToKnow(
  { external }: Pick<Declaring, 'external'>,
  stage: string,
  reason: Reason | undefined,
): boolean {
  return reason?.code === 'SettingUnknown' && external.includes(stage)
}
