// Watches the simulated systems: whatever changes there must have been wished by a revision that was enforced at that time, or been done by
// the test itself. It believes the rows, not what mailkeel says that it wrote.
import { compile } from '../../../src/spec/compile/compile.ts'
import type { DesiredOrganization } from '../../../src/spec/desired.ts'
import type { Spec } from '../../../src/spec/spec.ts'
import { principalOf } from '../../faults/trust-kill.ts'
import { loadFiles } from '../../stack/spec.ts'
import type { TrustStack } from '../../stack/trust.ts'
import { type Picture, pictureOf, wrongWrites } from '../../stack/world.ts'
import type { Files } from '../harness.ts'

/** Watches one simulated day. */
export interface Watch {
  /** A revision may be enforced from now on. Throws where it has problems. */
  accept(files: Files): Promise<void>
  /** Only the newest revision may be enforced from now on. */
  forget(): void
  /** Compares everything with what it was at the last look; whatever nobody wished becomes a line of `wrong`. */
  look(): void
  /** The test itself changes something. */
  byHand(change: () => void): void
  readonly wrong: readonly string[]
}

/** Begins to watch. The key and the name are somebody else's and must stay. */
export function startWatch(stack: TrustStack, theirs: { readonly keyId: string; readonly name: string }): Watch {
  const wrong: string[] = []
  const pictures = new Map<string, Picture>()
  let accepted: ReadonlyMap<string, DesiredOrganization>[] = []
  let before: Spec | undefined
  let wasConnected = false
  const now = () => stack.simulator.world.now().toISOString()
  const retake = () => {
    for (const [name, { world }] of stack.organizations) pictures.set(name, pictureOf(world))
  }
  retake()

  function lookAtOrganizations(): void {
    for (const [name, { world }] of stack.organizations) {
      const picture = pictures.get(name) ?? new Map()
      const wished = accepted.flatMap((one) => one.get(name) ?? [])
      const found = wished.map((desired) => wrongWrites(picture, world, desired))
      const [first = changesOf(picture, pictureOf(world)), ...others] = found
      const nobodyWished = first.filter((line) => others.every((lines) => lines.includes(line)))
      wrong.push(...nobodyWished.map((line) => `${now()} ${name} ${line}`))
    }
    retake()
  }

  function lookAtTrust(): void {
    const { keys, names } = principalOf(stack)
    if (!keys.some(({ keyId }) => keyId === theirs.keyId)) wrong.push(`${now()} the key of somebody else is gone`)
    if (!names.includes(theirs.name)) wrong.push(`${now()} the name of somebody else is gone`)
    const problem = stack.problem()
    if (wasConnected && problem) wrong.push(`${now()} nobody could sign in any more: ${JSON.stringify(problem)}`)
    wasConnected ||= problem === undefined
  }

  return {
    wrong,
    async accept(files) {
      const loaded = await loadFiles(files)
      if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
      accepted.push(compile(loaded.spec, before).organizations)
      before = loaded.spec
    },
    forget() {
      accepted = accepted.slice(-1)
    },
    look() {
      lookAtOrganizations()
      lookAtTrust()
    },
    byHand(change) {
      lookAtOrganizations()
      change()
      retake()
    },
  }
}

/** Nobody asks for anything of this organization: whatever is other is wrong. */
function changesOf(before: Picture, after: Picture): readonly string[] {
  const places = new Set([...before.keys(), ...after.keys()])
  return [...places].filter((place) => JSON.stringify(before.get(place)) !== JSON.stringify(after.get(place)))
}
