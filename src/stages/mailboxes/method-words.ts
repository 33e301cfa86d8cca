/** How a delivery method is told behind a verb or a direction, by its word in the spec. */
export const METHOD_WORDS: Readonly<Record<string, string>> = {
  ServerSideSync: 'by server-side synchronization',
  Outlook: 'through Outlook',
  ForwardMailbox: 'through a forward mailbox',
  None: 'not at all',
}
