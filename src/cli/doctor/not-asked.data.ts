// Open questions that no read settles, and why. What would settle them is told to whoever has a laboratory.

/** Questions with the reason why `doctor --probe` does not ask them. */
export const NOT_ASKED: readonly { readonly question: string; readonly why: string }[] = [
  { question: 'is a property that Graph does not know answered with 204', why: 'only a write tells' },
  { question: 'does a PATCH of keyCredentials of the principal still succeed', why: 'only a write tells' },
  { question: 'does displayName of a key survive a PATCH that leaves it out', why: 'only a write tells' },
  {
    question: 'what does a key of more than a year, or that outlives its certificate, come to',
    why: 'only a write tells',
  },
  { question: 'what does a service principal name that another principal has come to', why: 'only a write tells' },
  { question: 'must the host of a service principal name be a verified domain', why: 'only a write tells' },
  { question: 'how long until a PATCH can be seen', why: 'only a write tells' },
  { question: 'what do the numbered errors of the sign-in come to', why: 'refused sign-ins would look like an attack' },
  { question: 'does Set-CrmCertificate change the row or put another one beside it', why: 'only a write tells' },
  { question: 'must a setting be read before Set-CrmAdvancedSetting', why: 'only a write tells' },
  { question: 'which KeySpec has a key after each way of importing it', why: 'only an import tells' },
  { question: 'does CRM sign in with a key of KeySpec 0 or 2', why: 'only a link with such a key tells' },
  { question: 'does an approval reach the user, and survive a change of the address', why: 'only a write tells' },
  { question: 'what happens to statuses after a change of profile or methods', why: 'only a write tells' },
  { question: 'how does a test go through its statuses', why: 'only a test tells' },
  { question: 'what does the server fill in on a new hybrid profile', why: 'only creating one tells' },
  { question: 'can the default profile be deleted', why: 'only deleting it tells' },
  { question: 'are ids of rows kept when an organization is imported', why: 'only an import tells' },
  { question: 'which privileges does binding a profile need', why: 'only a write tells' },
]
