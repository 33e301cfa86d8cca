/** One instruction of a Dockerfile. */
export interface Instruction {
  readonly keyword: string
  readonly text: string
  readonly line: number
}

/** A stage from its FROM to the next. */
export interface Stage {
  readonly name: string | undefined
  readonly image: string
  readonly instructions: readonly Instruction[]
}

/** A COPY, taken apart. */
export interface Copy {
  readonly from: string | undefined
  readonly sources: readonly string[]
  readonly destination: string
}

/** Takes a Dockerfile apart, with continued lines put together and the defaults of global ARGs filled in. */
export function parseDockerfile(text: string): {
  readonly instructions: readonly Instruction[]
  readonly stages: readonly Stage[]
} {
  const instructions = instructionsOf(text)
  const defaults = new Map<string, string>()
  const stages: { name: string | undefined; image: string; instructions: Instruction[] }[] = []
  for (const instruction of instructions) {
    const stage = stages.at(-1)
    if (instruction.keyword === 'FROM') {
      const [, image = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(instruction.text) ?? []
      stages.push({ name, image: image.replace(/\$\{(\w+)\}/g, (_, key) => defaults.get(key) ?? ''), instructions: [] })
    } else if (stage) {
      stage.instructions.push(instruction)
    } else if (instruction.keyword === 'ARG') {
      const [key = '', value = ''] = instruction.text.split('=')
      defaults.set(key, value)
    }
  }
  return { instructions, stages }
}

function instructionsOf(text: string): readonly Instruction[] {
  const found: Instruction[] = []
  let pending = ''
  let startedAt = 0
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    if (pending === '') startedAt = index + 1
    if (line.endsWith('\\')) {
      pending += `${line.slice(0, -1)} `
      continue
    }
    const [, keyword = '', rest = ''] = /^\s*(\w+)\s+([\s\S]*)$/.exec(pending + line) ?? []
    found.push({ keyword: keyword.toUpperCase(), text: rest.replace(/\s+/g, ' ').trim(), line: startedAt })
    pending = ''
  }
  return found
}

/** Takes the words of a COPY apart. */
export function parseCopy({ text }: Instruction): Copy {
  const words = text.split(' ')
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length)
  const places = words.filter((word) => !word.startsWith('--'))
  return { from, sources: places.slice(0, -1), destination: places.at(-1) ?? '' }
}

/** Whether the build may see the path at all. Knows what our .dockerignore uses: `*`, and names taken back with `!`. */
export function isInContext(path: string, dockerignore: string): boolean {
  let isVisible = true
  for (const line of dockerignore.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const pattern = line.replace(/^!/, '').replace(/\/$/, '')
    const matches = pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)
    if (matches) isVisible = line.startsWith('!')
  }
  return isVisible
}
