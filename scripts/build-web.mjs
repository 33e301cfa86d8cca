// Bundles src/web to dist/web: one page, one script, one style sheet, the icons; each also compressed, so that the server only hands out bytes.
// Script and style sheet carry their hash in the name and may be kept by a browser for ever.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'

/** Bundles `src/web` of the folder `root`. */
export function buildWeb(root) {
  const from = join(root, 'src', 'web')
  const to = join(root, 'dist', 'web')
  const { metafile } = buildSync({
    entryPoints: { mailkeel: join(from, 'main.tsx'), style: join(from, 'styles', 'style.css') },
    entryNames: '[name]-[hash]',
    outdir: to,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    supported: { nesting: true },
    legalComments: 'none',
    metafile: true,
    tsconfig: join(from, 'tsconfig.json'),
    absWorkingDir: root,
    logLevel: 'warning',
  })
  const built = Object.keys(metafile.outputs).map((path) => basename(path))
  const named = (ending) => built.find((name) => name.endsWith(ending))
  const page = readFileSync(join(from, 'page.html'), 'utf8')
  writeFileSync(
    join(to, 'index.html'),
    page.replace('{{style}}', named('.css')).replace('{{script}}', named('.js')).replace(/\n\s+/g, '\n'),
  )
  for (const icon of readdirSync(from).filter((name) => name.endsWith('.svg')))
    writeFileSync(join(to, icon), readFileSync(join(from, icon)))
  for (const name of readdirSync(to)) compress(join(to, name))
}

function compress(path) {
  const bytes = readFileSync(path)
  writeFileSync(`${path}.br`, brotliCompressSync(bytes))
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
}
