import { type Answer, reasonPhrase } from '../http.ts'

/** The answers to one item of a batch: one, or those of a change set with their Content-IDs. */
export type ItemAnswer =
  | { readonly kind: 'request'; readonly answer: Answer; readonly contentId: string | undefined }
  | {
      readonly kind: 'changeset'
      readonly answers: readonly { readonly answer: Answer; readonly contentId: string | undefined }[]
    }

/** The multipart answer to a batch (Microsoft, Web API: execute batch operations). `newId` makes the boundaries' GUIDs. */
export function batchAnswer(status: number, items: readonly ItemAnswer[], newId: () => string): Answer {
  const boundary = `batchresponse_${newId()}`
  let body = ''
  for (const item of items) {
    body += `--${boundary}\r\n`
    body += item.kind === 'request' ? printAnswer(item.answer, item.contentId) : printChangeset(item.answers, newId)
  }
  body += `--${boundary}--\r\n`
  return {
    status,
    headers: { 'Content-Type': `multipart/mixed; boundary=${boundary}`, 'OData-Version': '4.0' },
    body,
  }
}

function printChangeset(
  answers: readonly { readonly answer: Answer; readonly contentId: string | undefined }[],
  newId: () => string,
): string {
  const boundary = `changesetresponse_${newId()}`
  let text = `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n`
  for (const { answer, contentId } of answers) text += `--${boundary}\r\n${printAnswer(answer, contentId)}`
  return `${text}--${boundary}--\r\n`
}

function printAnswer(answer: Answer, contentId: string | undefined): string {
  let text = 'Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n'
  if (contentId !== undefined) text += `Content-ID: ${contentId}\r\n`
  text += `\r\nHTTP/1.1 ${answer.status} ${reasonPhrase(answer.status)}\r\n`
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of typeof value === 'string' ? [value] : value) text += `${name}: ${one}\r\n`
  }
  return `${text}\r\n${String(answer.body)}\r\n`
}
