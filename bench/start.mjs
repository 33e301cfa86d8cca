import { fileURLToPath } from 'node:url'
import { measure, median } from './process.mjs'

const MAILKEEL = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const QUICKSTART = fileURLToPath(new URL('../examples/quickstart', import.meta.url))

/** `mailkeel validate` of the quickstart against an empty Node program. */
export async function measureStart({ runs }) {
  const ours = []
  const empty = []
  for (let run = 0; run < runs; run += 1) {
    ours.push((await measure([MAILKEEL, 'validate', QUICKSTART])).wallMs)
    empty.push((await measure(['-e', '0'])).wallMs)
  }
  return {
    wallMs: median(ours),
    peerWallMs: median(empty),
    ratio: median(ours.map((wall, index) => wall / empty[index])),
  }
}
