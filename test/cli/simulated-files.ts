/** The two files that `simulate` tells a person to save, and where the second one goes. */
export function filesIn(text: string): {
  readonly configuration: string
  readonly spec: string
  readonly specPath: string
} {
  const [, configuration = '', specPath = '', rest = ''] =
    /mailkeel\.yaml:\n\n([\s\S]*?)\n\nand this as (\S+)([\s\S]*)/.exec(text) ?? []
  const spec = rest.split('\n').filter((line) => line.startsWith('  '))
  return {
    configuration: configuration.replaceAll(/^ {2}/gm, ''),
    spec: spec.map((line) => line.slice(2)).join('\n'),
    specPath,
  }
}
