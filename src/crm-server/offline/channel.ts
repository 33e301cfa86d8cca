import type { Channel } from '../channel.ts'
import { CrmServerError } from '../deployment.ts'
import type { OfflineBook } from './book.ts'

/** A channel to a server that nobody connects to: answers with what a person brought back, or wants the call and says what to do. */
export function createOfflineChannel(server: string, book: OfflineBook): Channel {
  return {
    host: server,
    isCarried: true,
    async execute(call, signal) {
      if (signal.aborted) throw new CrmServerError('Cancelled', server, `${call.script.id} on ${server} was called off`)
      const file = book.handedOut(server, call)
      const answer = book.answer(server, call)
      if (answer) return answer
      throw new CrmServerError('AwaitingResults', server, awaitingInWords(server, call.script.id, file))
    },
    close: async () => {},
  }
}

function awaitingInWords(server: string, script: string, file: string | undefined): string {
  if (file !== undefined) {
    return `${script} waits for a person: run ${file}.ps1 on ${server} and bring back its answer (\`--read-results <dir>\`)`
  }
  const how = 'nobody connects there, so a person runs a script (`mailkeel apply --emit-scripts <dir>` writes it)'
  return `${script} on ${server}: ${how}`
}
