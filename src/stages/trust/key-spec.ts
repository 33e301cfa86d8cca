import type { StoredCertificate } from '../../crm-server/deployment.ts'
import type { Reason } from '../../engine/index.ts'
import { shortName } from './names.ts'

/** Why CRM cannot use a key: it needs one of a legacy provider, made for key exchange (Microsoft, AD FS and KeySpec). Undefined where it can. */
export function wrongKeySpec(
  { sha256, thumbprint, keySpec }: Pick<StoredCertificate, 'sha256' | 'thumbprint' | 'keySpec'>,
  server: string,
): Reason | undefined {
  if (keySpec === undefined || keySpec === 1) return undefined
  const what = keySpec === 0 ? 'is a CNG key (KeySpec 0)' : 'can only sign (KeySpec 2)'
  const message = `the key of certificate ${shortName(sha256)} on ${server} ${what}, and CRM needs KeySpec 1; on the server remove certificate ${thumbprint} from LocalMachine\\My and run \`certutil -importpfx <file> AT_KEYEXCHANGE\`, which needs no new certificate`
  return { code: 'WrongKeySpec', message }
}
