import { readdir, readFile } from 'node:fs/promises'

/** One file of a new spec. */
export interface TemplateFile {
  /** Relative to the folder of the new spec, with forward slashes. */
  readonly path: string
  readonly content: string
}

const TEMPLATE = new URL('./template/', import.meta.url)
const SCHEMAS = new URL('../../schema/v1/', import.meta.url)

/** The files `mailkeel init` writes: a small commented spec, its configuration, and the schemas by which editors complete it. */
export async function initTemplate(): Promise<TemplateFile[]> {
  const [spec, schemas] = await Promise.all([filesIn(TEMPLATE, ''), filesIn(SCHEMAS, '.schema/v1/')])
  return [...spec, ...schemas]
}

async function filesIn(folder: URL, prefix: string): Promise<TemplateFile[]> {
  const names = (await readdir(folder)).sort()
  return Promise.all(
    names.map(async (name) => ({ path: `${prefix}${name}`, content: await readFile(new URL(name, folder), 'utf8') })),
  )
}
