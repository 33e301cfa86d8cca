// Progress for people: a bar that repaints on a terminal, a line now and then elsewhere. Always on the error stream, so that what is
// printed as the result stays pure.

import type { Machine } from '../machine.ts'
import { printable } from '../report/hostile-text.ts'
import { columns, pad } from '../report/terminal.ts'
import { duration, number } from '../report/wording.ts'

/** How far one organization is. */
export interface ProgressState {
  readonly organization: string
  /** What is being done, for example `reading` or `mailbox 120 of 300`. */
  readonly doing: string
  readonly done: number
  /** 0 where it is not known. */
  readonly total: number
}

/** Shows how far things are. */
export interface Progress {
  update(state: ProgressState): void
  /** Takes the bar away, so that something else can be printed. */
  clear(): void
}

const REPAINT_MS = 100
const LINE_MS = 5000
/** What is over before this needs no line. */
const NEW_PHASE_MS = 2000
const BAR = 20

/** A bar on a terminal, lines elsewhere, and nothing where `quiet`. */
export function createProgress(machine: Pick<Machine, 'errors' | 'now'>, quiet = false): Progress {
  if (quiet) return { update: () => undefined, clear: () => undefined }
  return machine.errors.isTerminal ? bars(machine) : lines(machine)
}

function bars({ errors, now }: Pick<Machine, 'errors' | 'now'>): Progress {
  const startedAt = now().getTime()
  let paintedAt = Number.NEGATIVE_INFINITY
  let shown = false
  return {
    update(state) {
      const at = now().getTime()
      if (at - paintedAt < REPAINT_MS && state.done < state.total) return
      paintedAt = at
      shown = true
      errors.write(`\r\u001b[2K${bar(state, at - startedAt, errors.columns() - 1)}`)
    },
    clear() {
      if (shown) errors.write('\r\u001b[2K')
      shown = false
    },
  }
}

function lines({ errors, now }: Pick<Machine, 'errors' | 'now'>): Progress {
  const startedAt = now().getTime()
  const said = new Map<string, { readonly at: number; readonly phase: string }>()
  return {
    update(state) {
      const at = now().getTime()
      const phase = state.doing.replace(/\d+/g, '')
      const last = said.get(state.organization) ?? { at: startedAt, phase: '' }
      if (at - last.at < (last.phase === phase ? LINE_MS : NEW_PHASE_MS)) return
      said.set(state.organization, { at, phase })
      errors.write(`${printable(state.organization)}: ${words(state)}, ${duration(at - startedAt)}\n`)
    },
    clear: () => undefined,
  }
}

/** One line of a bar, not wider than `width` columns. */
export function bar(state: ProgressState, elapsedMs: number, width: number): string {
  const share = state.total > 0 ? Math.min(1, state.done / state.total) : 0
  const full = Math.round(share * BAR)
  const drawn = `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`
  const text = `${pad(printable(state.organization), 14)}  ${drawn}  ${words(state)}   ${duration(elapsedMs)}`
  return columns(text) <= width ? text : [...text].slice(0, Math.max(0, width)).join('')
}

function words({ doing, done, total }: ProgressState): string {
  return printable(total > 0 ? `${doing} ${number(done)} of ${number(total)}` : doing)
}
