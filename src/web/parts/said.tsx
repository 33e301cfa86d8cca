import { visible } from '../words.ts'

/** What others wrote: names, subjects, messages of servers. It turns no text around it, and hides nothing in itself. */
export function Said({ text, class: className }: { text: string; class?: string }) {
  return <bdi class={className}>{visible(text)}</bdi>
}
