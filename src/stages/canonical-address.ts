/** An address as mailkeel compares it: NFKC, lower case. The spec's addresses are in this form already. */
export function canonicalAddress(address: string): string {
  return address.normalize('NFKC').toLowerCase()
}
