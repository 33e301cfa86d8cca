/** A made-up person or queue: what it is called and its address. */
export interface Identity {
  readonly firstName: string
  readonly lastName: string
  readonly displayName: string
  /** The part before the @, distinct among all people and queues. */
  readonly localPart: string
  readonly address: string
}

/** The domain of the simulated company. */
export const DOMAIN = 'contoso.com'

const SHORT_NAMES =
  'Ann Bob Cora Dora Emil Finn Gina Hugo Iris Jack Kate Liam Mona Nils Olga Paul Quinn Rosa Sven Tina Ugo Vera Walt Xena Yuri Zoe'.split(
    ' ',
  )
const FIRST_NAMES =
  'Adele Alex Amira Anton Beate Bruno Carla Cesar Chloe Daniel Diana Edgar Elena Erik Fatima Felix Grace Gustav Hanna Henrik Ines Ivan Jana Jonas Julia Karim Klara Lars Laura Leon Lina Lucas Maria Marco Mia Milan Nadia Noah Nora Oscar Paula Peter Petra Ralf Rita Robin Sara Simon Sofia Stefan Tara Theo Tomas Ulla Viktor Wanda Werner Yara Zita Hassan'.split(
    ' ',
  )
const LAST_NAMES =
  'Albers Bauer Becker Berger Brandt Brown Carter Clarke Costa Dahl Decker Diaz Engel Evans Fischer Foster Fuchs Garcia Graf Gruber Haas Hansen Harris Hoffmann Huber Ivanov Jansen Jensen Kaiser Keller Klein Koch Kovacs Kramer Lang Larsen Lehmann Lopez Maier Martin Meyer Moore Moser Nagy Neumann Novak Olsen Palmer Peters Petrov Reed Richter Rossi Roth Russo Santos Schmid Schulz Silva Smith Sommer Stein Taylor Thomas Torres Turner Vogel Wagner Walker Weber Weiss Werner White Wilson Winter Wolf Wood Young Zeller Ziegler'.split(
    ' ',
  )
const QUEUE_WORDS = 'support sales info orders billing service press jobs returns contact office events'.split(' ')
const CITIES =
  'Berlin Bern Boston Dublin Graz Hamburg Lisbon London Lyon Madrid Milan Munich Oslo Paris Porto Prague Riga Rome Turin Vienna'.split(
    ' ',
  )

/** The person with this number: the first are short (ann, bob, cora ...), later ones like `adele.albers12`; all are distinct. */
export function personNumber(index: number): Identity {
  const short = SHORT_NAMES[index]
  const rest = index - SHORT_NAMES.length
  const firstName = short ?? pick(FIRST_NAMES, rest)
  const lastName = pick(LAST_NAMES, short === undefined ? Math.floor(rest / FIRST_NAMES.length) : index)
  const round = Math.floor(rest / (FIRST_NAMES.length * LAST_NAMES.length))
  const longName = `${firstName}.${lastName}${round > 0 ? round : ''}`
  return identity(firstName, lastName, `${firstName} ${lastName}`, (short ?? longName).toLowerCase())
}

/** The queue with this number: `support`, `sales` ..., then `support.berlin`, `support.berlin1` and so on; all are distinct. */
export function queueNumber(index: number): Identity {
  const word = pick(QUEUE_WORDS, index)
  const rest = Math.floor(index / QUEUE_WORDS.length) - 1
  const name = word.charAt(0).toUpperCase() + word.slice(1)
  if (rest < 0) return identity(name, '', name, word)
  const city = pick(CITIES, rest)
  const round = Math.floor(rest / CITIES.length)
  const suffix = round > 0 ? String(round) : ''
  return identity(name, city, `${name} ${city}${suffix && ` ${suffix}`}`, `${word}.${city.toLowerCase()}${suffix}`)
}

function identity(firstName: string, lastName: string, displayName: string, localPart: string): Identity {
  return { firstName, lastName, displayName, localPart, address: `${localPart}@${DOMAIN}` }
}

function pick(names: readonly string[], index: number): string {
  return names[index % names.length] ?? ''
}
