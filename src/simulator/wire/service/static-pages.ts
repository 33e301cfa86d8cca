import type { Answer, Operation } from '../http.ts'

/**
 * A cache of set pages for measurements: each is rendered once and then served as the same bytes, by URL and `Prefer`. It never learns of
 * changes, so it fits worlds that are only read.
 */
export interface StaticPages {
  serve(operation: Operation, render: () => Answer): Answer
}

/** An empty cache. */
export function createStaticPages(): StaticPages {
  const pages = new Map<string, Answer>()
  return {
    serve(operation, render) {
      if (operation.method !== 'GET' || operation.path.includes('(') || operation.path.includes('/')) return render()
      const key = `${operation.target}\n${operation.headers['prefer'] ?? ''}\n${operation.headers['host'] ?? ''}`
      const known = pages.get(key)
      if (known !== undefined) return known
      const answer = render()
      if (answer.status !== 200) return answer
      const page = { ...answer, body: Buffer.from(answer.body) }
      pages.set(key, page)
      return page
    },
  }
}
