// Names that PFX files use (RFC 7292, RFC 8018, RFC 9579; the last two of the attributes are Microsoft's).

/** Object identifiers by what they stand for. */
export const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  nestedBags: '1.2.840.113549.1.12.10.1.6',
  x509: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  /** Attribute of a key bag: the provider that held the key. */
  provider: '1.3.6.1.4.1.311.17.1',
  /** Attribute within PKCS#8: what the key was made for. */
  keyUsage: '2.5.29.15',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  hmacSha256: '1.2.840.113549.2.9',
  aes256: '2.16.840.1.101.3.4.1.42',
  tripleDes: '1.2.840.113549.1.12.1.3',
} as const

/** Digests by OID, as node:crypto and node-forge call them. */
export const DIGESTS: ReadonlyMap<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'> = new Map([
  [OID.sha1, 'sha1'],
  [OID.sha256, 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** What PBKDF2 may be built on, by OID. */
export const HMACS: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.2.7', 'sha1'],
  [OID.hmacSha256, 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
])

/** Ciphers of PBES2, by OID. */
export const CIPHERS: ReadonlyMap<string, { readonly name: string; readonly keyBytes: number }> = new Map([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keyBytes: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keyBytes: 24 }],
  [OID.aes256, { name: 'aes-256-cbc', keyBytes: 32 }],
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', keyBytes: 24 }],
])

/** Ciphers of PKCS#12 itself, by OID. RC2 is node-forge's, because Node has it no more. */
export const OLD_CIPHERS: ReadonlyMap<string, { readonly name: 'des-ede3-cbc' | 'rc2'; readonly keyBytes: number }> =
  new Map([
    [OID.tripleDes, { name: 'des-ede3-cbc', keyBytes: 24 }],
    ['1.2.840.113549.1.12.1.5', { name: 'rc2', keyBytes: 16 }],
    ['1.2.840.113549.1.12.1.6', { name: 'rc2', keyBytes: 5 }],
  ])
