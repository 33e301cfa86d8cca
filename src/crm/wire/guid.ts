const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether the text is a GUID in the form the Web API gives and takes: lower case, no braces. */
export function isGuid(text: string): boolean {
  return GUID.test(text)
}
