// Names of certificates as Windows shows them: the other way round, with commas, quoted where that is needed (.NET, X500DistinguishedName).

/** Types whose name differs between OpenSSL and Windows. */
const WINDOWS_TYPES: ReadonlyMap<string, string> = new Map([
  ['ST', 'S'],
  ['emailAddress', 'E'],
  ['serialNumber', 'SERIALNUMBER'],
  ['street', 'STREET'],
  ['title', 'T'],
  ['GN', 'G'],
  ['initials', 'I'],
  ['postalCode', 'PostalCode'],
  ['description', 'Description'],
])

/** A name from what `X509Certificate` gives: one part per line, in the order it was encoded, with backslashes. */
export function windowsName(nodeName: string): string {
  return nodeName
    .split('\n')
    .filter((line) => line !== '')
    .reverse()
    .map(partInWindows)
    .join(', ')
}

function partInWindows(line: string): string {
  const equals = line.indexOf('=')
  const type = line.slice(0, equals)
  const named = WINDOWS_TYPES.get(type) ?? (/^\d+(\.\d+)+$/.test(type) ? `OID.${type}` : type)
  return `${named}=${quoted(unescaped(line.slice(equals + 1)))}`
}

/** Bytes are written as `\C3`, everything else that needs it as itself behind a backslash. */
function unescaped(value: string): string {
  const whole = value.replace(/(?:\\[0-9A-Fa-f]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('\\', ''), 'hex').toString('utf8'),
  )
  return whole.replace(/\\(.)/g, '$1')
}

function quoted(value: string): string {
  const needsQuotes = /[,+="\n<>#;]/.test(value) || value.trim() !== value || value === ''
  return needsQuotes ? `"${value.replaceAll('"', '""')}"` : value
}
