// A script on a server, from its input to its checked result or a CrmServerError.
import type { Channel, ScriptAnswer, SecretInput } from './channel.ts'
import { CrmServerError, type CrmServerFault } from './deployment.ts'
import { type Place, place, ShapeError } from './fields.ts'
import { oneLine } from './frame.ts'
import { type ScriptId, scriptOf } from './scripts.ts'

/** The account that the scripts hand to the cmdlets of CRM. The password is read at the moment of use. */
export interface CrmCredential {
  /** For example `CONTOSO\svc-mailkeel`. */
  readonly userName: string
  readonly password: () => Promise<string>
}

/** What a script is run with, beside the channel. */
export interface CallInput {
  readonly input?: Readonly<Record<string, unknown>>
  readonly secrets?: readonly SecretInput[]
  /** Only for scripts that call a cmdlet of CRM. */
  readonly credential?: CrmCredential | undefined
  readonly signal: AbortSignal
}

/** Codes of scripts, with what a person can do about each. */
const ADVICE = {
  SnapInMissing: 'install the Deployment Tools of CRM there, or name a server that has them first',
  NotAdministrator: 'make the SSH user a member of the local group Administrators',
  NotDeploymentAdministrator:
    'make the account a Deployment Administrator, and give it as `credential` of the deployment: the logon by an SSH key cannot be used onward',
  OrganizationUnknown: 'compare spec.uniqueName with Get-CrmOrganization',
  PrivateKeyNotFound:
    'look for two certificates of the same subject in LocalMachine\\My, and for a PFX without its private key; a new certificate needs a new subject',
  WrongKeySpec: 'delete the certificate there and apply again: it is imported anew with a key for exchange',
  WrongPassword: 'look at the password of the certificate; Windows Server 2016 reads only a PFX encrypted with 3DES',
} as const satisfies Partial<Record<CrmServerFault, string>>

/** Failures after which nothing is changed, unless the script says that something is: access may also be denied half-way. */
const BEFORE_ANY_CHANGE: ReadonlySet<string> = new Set([
  'SnapInMissing',
  'NotAdministrator',
  'OrganizationUnknown',
  'WrongPassword',
])

/**
 * Runs a script and checks its result with `read`. Throws CrmServerError; a result of another shape is Malformed. `effect` of an error tells
 * whether a writing script may have changed something.
 */
export async function runScript<T>(
  channel: Channel,
  id: ScriptId,
  { input = {}, secrets = [], credential, signal }: CallInput,
  read: (result: Place, at: string) => T,
): Promise<T> {
  const script = scriptOf(id)
  const call = {
    script,
    input: credential ? { ...input, credential: { user: credential.userName } } : input,
    secrets: credential ? [...secrets, passwordOf(credential)] : secrets,
  }
  const answer = await channel.execute(call, signal)
  if (!answer.ok) throw failureOf(answer, id, channel.host)
  try {
    return read(place(answer.result, 'result'), answer.at)
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const effect = script.writes ? 'possible' : 'none'
    throw new CrmServerError(
      'Malformed',
      channel.host,
      `the answer of ${id} on ${channel.host} is refused: ${error.message}`,
      {
        effect,
      },
    )
  }
}

function passwordOf({ userName, password }: CrmCredential): SecretInput {
  return { path: 'credential.password', prompt: `Password of ${userName}`, kind: 'password', read: password }
}

function failureOf(answer: ScriptAnswer & { ok: false }, id: ScriptId, host: string): CrmServerError {
  const { error, changed = false } = answer
  const { code, message } = error
  const isOurs = Object.hasOwn(ADVICE, code)
  const advice = isOurs ? `; ${ADVICE[code as keyof typeof ADVICE]}` : ''
  const effect = scriptOf(id).writes && (changed || !BEFORE_ANY_CHANGE.has(code)) ? 'possible' : 'none'
  const said = isOurs ? oneLine(message).replace(/\.$/, '') : oneLine(message)
  const text = `${id} on ${host} failed: ${said}${advice}`
  return new CrmServerError(isOurs ? (code as keyof typeof ADVICE) : 'ScriptFailed', host, text, { effect })
}
