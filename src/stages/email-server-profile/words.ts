import type { FieldRule, FieldValue, Phrase } from '../../engine/index.ts'

/** How a value is told: as it is, or by these words. */
type Told = Readonly<Record<string, string>> | ((value: FieldValue) => string)

/** A sentence of the group `profile`; `one` begins with its verb, and the plural follows from it. */
export function sentence(one: string): Phrase {
  return { group: 'profile', one, many: plural(one) }
}

/** A field that is told by a verb and its value: `receives from https://…`. With `instead`, the value it has now is told too. */
export function valued<V extends FieldValue>(verb: string, values: Told = {}, { instead = true } = {}): FieldRule<V> {
  return {
    effect: () => 'adjust',
    words(from, to) {
      const before = !instead || from === undefined || from === null ? '' : ` instead of ${tell(values, from)}`
      return sentence(`${verb} ${tell(values, to)}${before}`)
    },
  }
}

/** A switch that is told by what it does when on and when off. */
export function toggle(on: string, off: string): FieldRule<boolean> {
  return { effect: () => 'adjust', words: (_from, to) => sentence(to ? on : off) }
}

function tell(values: Told, value: FieldValue): string {
  if (typeof values === 'function') return values(value)
  const plain = String(value ?? 'nothing')
  return values[plain] ?? plain
}

/** `polls …` becomes `poll …`: the verb in front is in the third person and regular, `is` or `has`. */
function plural(one: string): string {
  const [verb = '', ...rest] = one.split(' ')
  const many = IRREGULAR[verb] ?? (verb.endsWith('s') ? verb.slice(0, -1) : verb)
  return [many, ...rest].join(' ')
}

const IRREGULAR: Readonly<Record<string, string>> = { is: 'are', has: 'have', does: 'do' }
