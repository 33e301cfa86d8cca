import { suggestion } from '../explain/did-you-mean.ts'
import { listed } from '../explain/words.ts'
import type { Configuration, Identity } from '../generated/types.ts'
import type { Path } from '../yaml/positions.ts'

type Fields = Configuration['spec']
/** Told of a value that does not fit, by its path below `spec`. */
export type Report = (path: Path, message: string) => void

interface Form {
  /** What an identity of the type may hold. */
  readonly fields: readonly (keyof Identity)[]
  /** Of these exactly one proves who it is. */
  readonly proofs?: readonly (keyof Identity)[]
}

const FORMS: Readonly<Record<Identity['type'], Form>> = {
  Bearer: { fields: ['token'] },
  Basic: { fields: ['userName', 'password'] },
  Entra: {
    fields: ['clientId', 'certificate', 'clientSecret', 'federatedTokenFile'],
    proofs: ['certificate', 'clientSecret', 'federatedTokenFile'],
  },
  GitHubApp: { fields: ['appId', 'installationId', 'privateKey'] },
  Ssh: { fields: ['userName', 'privateKey', 'passphrase', 'password'], proofs: ['privateKey', 'password'] },
  None: { fields: [] },
}

/** Every identity has what its type needs, and nothing else. */
export function checkIdentities(spec: Fields, report: Report): void {
  for (const [name, identity] of Object.entries(spec.identities)) {
    const path = ['identities', name]
    const { fields, proofs } = FORMS[identity.type]
    for (const field of Object.keys(identity)) {
      if (field !== 'type' && !(fields as string[]).includes(field))
        report([...path, field], `an identity of type ${identity.type} has no ${field}`)
    }
    if (proofs) checkProofs(identity, proofs, path, report)
    const { type, certificate, privateKey, passphrase } = identity
    if (type === 'Ssh' && passphrase !== undefined && privateKey === undefined)
      report([...path, 'passphrase'], '`passphrase` is that of `privateKey`, and there is none')
    if (type === 'Entra' && certificate !== undefined && !Object.hasOwn(spec.certificates, certificate)) {
      const message = `there is no certificate \`${certificate}\`${suggestion(certificate, Object.keys(spec.certificates))}`
      report([...path, 'certificate'], message)
    }
  }
}

/** Of several proofs nobody could say which one counts. */
function checkProofs(identity: Identity, proofs: readonly (keyof Identity)[], path: Path, report: Report): void {
  const there = proofs.filter((field) => identity[field] !== undefined)
  if (there.length === 0) report(path, `an identity of type ${identity.type} needs one of ${listed(proofs, 'and')}`)
  const [, second] = there
  if (second === undefined) return
  report(
    [...path, second],
    `an identity of type ${identity.type} has one of ${listed(proofs, 'and')}, and this one has ${listed(there, 'and')}`,
  )
}

/** The identity of a name, after reporting one that is missing or of a type that does not fit. */
export function identityOf(
  spec: Fields,
  name: string | undefined,
  path: Path,
  types: readonly Identity['type'][],
  report: Report,
): Identity | undefined {
  if (name === undefined) return undefined
  const identity = Object.hasOwn(spec.identities, name) ? spec.identities[name] : undefined
  if (identity === undefined) {
    report(path, `there is no identity \`${name}\`${suggestion(name, Object.keys(spec.identities))}`)
  } else if (!types.includes(identity.type)) {
    report(
      path,
      `the identity \`${name}\` is of type ${identity.type}; here one of type ${types.join(' or ')} is needed`,
    )
  }
  return identity
}
