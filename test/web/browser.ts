// A real browser that looks at the page, and notices everything a page must not do.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Nothing but the page: no sandbox, because tests run as root in a container; no service of the vendor. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts Debian's Chromium without a window, with a profile of its own that is gone afterwards. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS })
}

/** How somebody looks at the page. */
export interface Look {
  readonly colours?: 'light' | 'dark'
  readonly width?: number
}

/** A page with what went wrong on it. */
export interface Watched {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the console and of scripts, violations of the content security policy, requests to anybody else; empty where all is well. */
  wrongs(): readonly string[]
}

/** Opens an address with all eyes on it. */
export async function open(
  browser: Browser,
  url: string,
  { colours = 'light', width = 1280 }: Look = {},
): Promise<Watched> {
  const context = await browser.newContext({
    colorScheme: colours,
    viewport: { width, height: 900 },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const wrongs: string[] = []
  const { origin } = new URL(url)
  page.on('console', (message) => message.type() === 'error' && wrongs.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => wrongs.push(`script: ${error.message}`))
  page.on('request', (request) => request.url().startsWith(origin) || wrongs.push(`request: ${request.url()}`))
  page.on('dialog', (dialog) => {
    wrongs.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective}`))
  })
  await page.goto(url)
  await page.waitForSelector('h1')
  return { page, context, wrongs: () => wrongs }
}

/** What axe-core finds on the page as it is, one line per rule with the first element. `rules`: only these. */
export async function inaccessible(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(AXE)
  return page.evaluate(async (values) => {
    const axe: typeof import('axe-core') = Reflect.get(globalThis, 'axe')
    const only = values && { runOnly: { type: 'rule' as const, values: [...values] } }
    const { violations } = await axe.run(document, { resultTypes: ['violations'], ...only })
    return violations.map(
      ({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary ?? ''}`,
    )
  }, rules)
}
