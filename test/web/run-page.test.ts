// What a person sees of a running mailkeel, with a real browser at the real process: the same as the command line tells, and the truth.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import type { RunningSimulator } from '../../src/simulator/index.ts'
import { directoryWith, mailkeel } from '../cli/process.ts'
import { entraSections, startPeople } from '../daemon/http/sign-in/people.ts'
import { startRun, until } from '../e2e/running.ts'
import { quickSimulator } from '../e2e/workspace.ts'
import { needs } from '../setup/needs.ts'
import { documentOf } from '../stack/spec.ts'
import { organizationDocuments } from '../stack/trust-workspace.ts'
import { plainAddresses } from '../stack/world.ts'
import { launch, open } from './browser.ts'

// Processes start slowly on a machine that has other work, and so does a browser.
vi.setConfig({ testTimeout: 90_000 })

const APP_SECRET = 'simulator-secret'

/** A CRM in which one mailbox is missing in Exchange; tells its address. */
async function crmWithTrouble() {
  const crm = await quickSimulator({ mailboxes: 8, queues: 0, mess: ['none'] })
  const [missing = '', ...others] = plainAddresses(crm.world, 'systemuser')
  crm.setTruth(missing, { exchangeAddress: null })
  return { crm, missing, others }
}

function workspaceOf(crm: RunningSimulator, sections: object = {}): string {
  return directoryWith({
    'spec/sales.yaml': organizationDocuments('contoso-sales', crm),
    'mailkeel.yaml': documentOf('Configuration', undefined, {
      source: { directory: 'spec' },
      policy: 'Enforce',
      loop: { interval: '1s', jitterPercent: 0, settleEvery: '200ms' },
      guards: { change: { maximumPercent: 100 }, 'old-mail': { maximum: 1000 } },
      listener: { port: 0, requestsPerMinute: 100_000 },
      identities: { crm: { type: 'None' } },
      organizations: { 'contoso-sales': { url: crm.url, reading: 'crm' } },
      ...sections,
    }),
  })
}

needs('chromium')('the page of a running process', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  it('tells what `mailkeel status` tells, finds who fails and why, and changes by itself', async () => {
    const { crm, missing, others } = await crmWithTrouble()
    const cwd = workspaceOf(crm)
    const running = await startRun({ cwd })
    // Everybody was tested once more than at the start: the one who is missing fails, the others do not.
    crm.drift('method', 1000)
    const { headline } = await until('all results are in', async () => {
      const standing = await running.standing('contoso-sales')
      const { failing, healthy } = standing.mailboxes ?? {}
      return failing === 1 && healthy === others.length && standing
    })

    const told = await mailkeel(['status'], { cwd })
    const { page, context, wrongs } = await open(browser, `${running.origin}/`)
    const shown = await page.locator('.scope .headline').first().textContent()
    await page.locator('.scope h3 a').first().click()
    await page.locator('input[type=search]').fill(missing)
    await page.locator('.objects tbody tr').filter({ hasText: missing }).waitFor()
    await page.waitForFunction(() => document.querySelectorAll('.objects tbody tr').length === 1)
    await page.locator('.objects tbody tr a').first().click()
    const broken = await page.locator('dialog .broken').first().textContent()
    const explained = await mailkeel(['explain', missing], { cwd })
    await page.keyboard.press('Escape')
    const passes = page.locator('.history > li')
    await passes.first().waitFor()
    const before = await passes.count()
    crm.drift('method', 1000)
    await page.waitForFunction((many) => document.querySelectorAll('.history > li').length > many, before)

    expect(untimed(shown ?? '')).toBe(untimed(headline))
    expect(oneLine(told.stdout)).toContain(untimed(headline))
    expect(broken).toContain('Exchange')
    expect(oneLine(explained.stdout)).toContain('Exchange')
    expect(wrongs()).toEqual([])
    await context.close()
  })

  it('a person who may see numbers only signs in with Entra ID, and no address gets to the browser', async () => {
    const { crm, missing, others } = await crmWithTrouble()
    const entra = await startPeople(() => new Date())
    onTestFinished(() => entra.close())
    const { identities, signIn } = entraSections(entra)
    const listener = { port: 0, signIn }
    const cwd = workspaceOf(crm, { listener, identities: { ...identities, crm: { type: 'None' } } })
    const running = await startRun({ cwd, env: { APP_SECRET } })
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const heard: string[] = []
    const { port } = new URL(running.origin)
    const origin = `http://localhost:${port}`
    page.on('response', async (response) => {
      if (response.url().startsWith(`${origin}/api/`) && !response.url().endsWith('/events')) {
        heard.push(await response.text().catch(() => ''))
      }
    })

    await page.goto(`${origin}/`)
    await page.getByText('Sign in with Microsoft').click()
    await page.getByText('olga@contoso.com').click()
    await page.locator('.scope h3 a').first().click()
    await page.getByText('Names are for the role Reader').waitFor()
    const everything = `${heard.join('\n')}\n${await page.content()}`

    expect(heard.length).toBeGreaterThan(1)
    expect([missing, ...others].filter((address) => everything.includes(address))).toEqual([])
    expect(everything).toContain('contoso-sales')
  })
})

/** Without how long it took to look, which is never the same. */
function untimed(headline: string): string {
  return headline.replace(/, checked in .*/, '')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
