/** What checks of servers and deployments are called, by the first part of their key. */
export const CHECK_NAMES: Readonly<Record<string, string>> = {
  powershell: 'PowerShell',
  administrator: 'local administrator',
  services: 'asynchronous services',
  clock: 'clock',
  'key-spec': 'certificate in the store',
  deployment: 'deployment tools',
  issuer: 'certificate row',
  support: 'support',
}
