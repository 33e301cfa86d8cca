import type { ServerResponse } from 'node:http'
import type { Answer } from './http.ts'

/** Writes status and headers; a 204 and a 304 have no length. */
export function writeHead(res: ServerResponse, status: number, headers: Answer['headers'], length: number): void {
  for (const [name, value] of Object.entries(headers))
    res.setHeader(name, typeof value === 'string' ? value : [...value])
  if (status !== 204 && status !== 304) res.setHeader('Content-Length', length)
  res.writeHead(status)
}
