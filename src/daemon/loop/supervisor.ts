// One loop per scope: started, told of news and stopped as revisions come. What is no longer in the spec is released: its loop ends, and nothing
// of it is touched.
import { type EnforcedRevision, isSameDesired, type ScopeWork, worksOf } from './work.ts'
import { startWorker, type Worker, type WorkerInput } from './worker.ts'

/** The loops of all scopes. */
export interface Supervisor {
  /** Works toward a revision from now on. */
  enforce(revision: EnforcedRevision): Promise<void>
  /** Looks at everything now. */
  wakeAll(): void
  /** Ends all loops; resolves when they are over. */
  stop(): Promise<void>
}

interface Running {
  readonly worker: Worker
  work: ScopeWork
}

/** Nothing runs yet. */
export function createSupervisor(input: WorkerInput): Supervisor {
  const { board, trusts, configuration, log } = input
  const running = new Map<string, Running>()
  const ending = new Map<string, Promise<void>>()
  let isStopped = false

  function start(work: ScopeWork): void {
    if (isStopped) return
    // One scope, one writer: what worked on it before must be over.
    running.set(work.scope, { worker: startWorker(work, input, ending.get(work.scope)), work })
  }

  function end(scope: string, { worker, work }: Running): void {
    running.delete(scope)
    if (work.kind === 'trust') trusts.forget(work.name)
    const over = worker.stop().then(() => {
      if (ending.get(scope) === over) ending.delete(scope)
      if (!running.has(scope)) board.removeScope(scope)
    })
    ending.set(scope, over)
  }

  return {
    async enforce(revision) {
      const works = await worksOf(revision, configuration)
      const wanted = new Set(works.map(({ scope }) => scope))
      for (const [scope, one] of [...running]) {
        if (wanted.has(scope)) continue
        end(scope, one)
        log.info({ scope, revision: revision.id }, 'a scope is no longer in the spec and is left as it is')
      }
      for (const work of works) {
        const one = running.get(work.scope)
        const isNew = !one || !isSameDesired(one.work, work)
        if (work.kind === 'trust' && isNew) trusts.expect(work.name)
        if (one && isSameTrust(one.work, work)) {
          one.work = work
          one.worker.update(work)
        } else {
          if (one) end(work.scope, one)
          start(work)
        }
      }
    },
    wakeAll() {
      for (const { worker } of running.values()) worker.wake()
    },
    async stop() {
      isStopped = true
      await Promise.all([...[...running.values()].map(({ worker }) => worker.stop()), ...ending.values()])
    },
  }
}

/** An organization that moves to another trust begins anew: its loop listens to the one of before. */
function isSameTrust(one: ScopeWork, other: ScopeWork): boolean {
  const nameOf = (work: ScopeWork) => (work.kind === 'organization' ? work.trust?.name : undefined)
  return nameOf(one) === nameOf(other)
}
