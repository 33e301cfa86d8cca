import type { ServerResponse } from 'node:http'
import type { Answer } from '../http.ts'
import type { Pauses } from '../pauses.ts'
import { writeHead } from '../write-head.ts'
import type { DeliveryFault } from './kinds.ts'

/** Sends an answer the way a fault of delivery has it. The kinds without an answer are not its business. */
export async function deliver(
  fault: DeliveryFault,
  answer: Answer,
  res: ServerResponse,
  pauses: Pauses,
): Promise<void> {
  const bytes = Buffer.from(answer.body)
  switch (fault.kind) {
    case 'slow-headers':
      await pauses.wait(fault.delayMs)
      writeHead(res, answer.status, answer.headers, bytes.length)
      res.end(bytes)
      return
    case 'slow-body':
      writeHead(res, answer.status, answer.headers, bytes.length)
      res.flushHeaders()
      await drip(bytes, fault.delayMs, fault.chunks ?? 2, res, pauses)
      res.end()
      return
    case 'half-body':
      writeHead(res, answer.status, answer.headers, bytes.length)
      res.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => res.socket?.destroySoon())
      return
    default:
      return
  }
}

/** Writes the bytes in pieces, each after its share of the delay. */
async function drip(
  bytes: Buffer,
  delayMs: number,
  chunks: number,
  res: ServerResponse,
  pauses: Pauses,
): Promise<void> {
  const size = Math.max(1, Math.ceil(bytes.length / chunks))
  for (let at = 0; at < bytes.length; at += size) {
    await pauses.wait(delayMs / chunks)
    if (res.destroyed) return
    res.write(bytes.subarray(at, at + size))
  }
}
