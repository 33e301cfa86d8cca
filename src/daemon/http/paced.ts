import type { Machine } from '../../machine.ts'

/** Calls `say` for a key at once, and then at most once in this time: what comes meanwhile is said once, at its end. */
export function paced(
  { machine, signal, everyMs }: { machine: Pick<Machine, 'sleep'>; signal: AbortSignal; everyMs: number },
  say: (key: string) => void,
): (key: string) => void {
  const resting = new Set<string>()
  const again = new Set<string>()
  return function tell(key: string): void {
    if (resting.has(key)) {
      again.add(key)
      return
    }
    resting.add(key)
    const rested = () => {
      resting.delete(key)
      if (again.delete(key) && !signal.aborted) tell(key)
    }
    machine.sleep(everyMs, signal).then(rested, rested)
    say(key)
  }
}
