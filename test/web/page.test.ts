import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { needs } from '../setup/needs.ts'
import { launch, open } from './browser.ts'
import { type Fixture, startFixture } from './fixture.ts'
import { ago, CALM_SOURCE, HOSTILE, MARKETING, NOW, REFUSED_SOURCE, SALES, TROUBLED } from './fixture-data.ts'

const REFUSED = { revision: { id: 'bad', seenAt: ago(10) }, problems: [] }

needs('chromium')('the page', () => {
  let browser: Browser
  let server: Fixture
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), startFixture()])
  })
  afterEach(() => {
    server.refuse(0)
    server.show(TROUBLED)
  })
  afterAll(() => Promise.all([browser?.close(), server?.close()]))

  test('tells trouble first, and the tab tells it too', async () => {
    const { page, context, wrongs } = await open(browser, `${server.url}/`)

    const names = await page.locator('.scope h3 a').allTextContents()

    expect(await page.textContent('h1')).toBe('contoso-sales is in trouble')
    expect(names.slice(0, 2)).toEqual(['contoso-sales', 'contoso-service'])
    expect(await page.title()).toBe('(1) mailkeel')
    expect(await page.getAttribute('link[rel=icon]', 'href')).toBe('icon-trouble.svg')
    expect(wrongs()).toEqual([])
    await context.close()
  })

  test('tells the place of what is wrong with a refused revision', async () => {
    const { page, context } = await open(browser, `${server.url}/`)

    expect(await page.textContent('.problems')).toContain('tenants/contoso/sales.yaml:14:5')
    expect(await page.textContent('.source-line')).toContain('3f2a91c')
    await context.close()
  })

  test.each([
    {
      source: {
        ...REFUSED_SOURCE,
        refused: { ...REFUSED, reason: { code: 'InvalidSpec', message: 'the spec is wrong' } },
      },
      heading: 'The newest revision is not enforced; what holds is the one before it',
      icon: 'icon-trouble.svg',
      sentence: 'The spec is wrong. Until it is mended, the one before it holds.',
    },
    {
      source: {
        ...CALM_SOURCE,
        failure: { reason: { code: 'Unreachable', message: 'no answer' }, since: ago(60), attempts: 3 },
      },
      heading: 'Newer revisions cannot be seen; nothing else is wrong',
      icon: 'icon-unknown.svg',
      sentence: 'No answer. Since 1 min ago, 3 attempts. What is enforced stays enforced.',
    },
  ])('does not call everything in order: $heading', async ({ source, heading, icon, sentence }) => {
    server.show({ ...TROUBLED, source, scopes: [MARKETING] })
    const { page, context } = await open(browser, `${server.url}/`)

    await page.getByText(sentence).waitFor({ timeout: 3_000 })

    expect(await page.textContent('h1')).toBe(heading)
    expect(await page.getAttribute('link[rel=icon]', 'href')).toBe(icon)
    await context.close()
  })

  test('does not say that there is nothing to change where not everything could be read', async () => {
    const unread = { ...MARKETING, tone: 'unknown', plan: { digest: 'd', changes: 0, incomplete: true } } as const
    server.show({ ...TROUBLED, source: CALM_SOURCE, scopes: [unread] })
    const { page, context } = await open(browser, `${server.url}/#/organization/contoso-marketing`)

    const plan = await page.locator('section[aria-labelledby=plan]').textContent()

    expect(plan).toContain('What is to be changed is not known: not everything could be read.')
    expect(plan).not.toContain('Nothing is to be changed')
    await context.close()
  })

  test('what a guard says is told once, in sentences', async () => {
    const message = '11 of 18 mailboxes change; if that is meant, commit an Override for it'
    const held = { code: 'OverrideNeeded', message }
    const guards = [{ guard: 'change', decision: 'override', message }] as const
    server.show({ ...TROUBLED, scopes: [{ ...MARKETING, held, guards, plan: { digest: 'd', changes: 13 } }] })
    const { page, context } = await open(browser, `${server.url}/#/organization/contoso-marketing`)

    const alerts = await page.locator('.alerts .notice').allTextContents()

    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toContain('commit an Override for it. Nothing is written meanwhile; 13 changes wait.')
    await context.close()
  })

  test('shows hostile names as they are written, and nothing of them happens', async () => {
    const { page, context, wrongs } = await open(browser, `${server.url}/#/organization/contoso-sales`)
    await page.waitForSelector('.objects')
    await page.locator('.history summary').first().click()
    await page.locator('.changes li').first().waitFor()

    const [shown, made, owned] = await page.evaluate(() => [
      [...document.querySelectorAll('.objects th')].map((one) => one.textContent ?? ''),
      document.querySelectorAll('main img, main script, main style, main iframe, main a[href^="http"], main a[ping]')
        .length,
      Reflect.get(globalThis, 'owned'),
    ])

    for (const name of HOSTILE.filter((one) => !one.startsWith('\u202E'))) expect(shown).toContain(name)
    expect(shown, 'a name that turns its direction').toContain('⟨202E⟩moc.osotnoc@nna⟨202C⟩')
    expect({ made, owned }).toEqual({ made: 0, owned: undefined })
    expect(wrongs()).toEqual([])
    await context.close()
  })

  test('leafs through 50,000 mailboxes a page at a time, filtered and searched by the server', async () => {
    const { page, context } = await open(browser, `${server.url}/#/organization/contoso-sales`)
    const pager = page.locator('.pager')
    await pager.getByText('1–25 of 50,000').waitFor()

    await pager.getByRole('button', { name: 'Next' }).click()
    await pager.getByText('26–50 of 50,000').waitFor()
    await pager.getByRole('button', { name: 'Previous' }).click()
    await pager.getByText('1–25 of 50,000').waitFor()
    await page.locator('.tile a', { hasText: 'waiting' }).click()
    await pager.getByText('1–25 of 38').waitFor()
    await page.selectOption('select[aria-label=State]', 'unknown')
    await pager.getByText('1–6 of 6').waitFor()
    await page.locator('.tile a', { hasText: 'unmanaged' }).click()
    await pager.getByText('1–25 of 1,180').waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.locator('.causes a', { hasText: 'has no mailbox' }).click()
    await pager.getByText('of 10').waitFor()

    expect(await page.locator('.objects tbody tr').count()).toBe(10)
    expect(server.asked().filter((path) => path.includes('/objects?') && !/limit=25\b/.test(path))).toEqual([])
    await context.close()
  })

  test('a link to a filtered table with an explanation survives a reload', async () => {
    const link = `${server.url}/#/organization/contoso-sales?state=failing&object=Mailbox/ann.becker@contoso.com`
    const { page, context } = await open(browser, link)
    await page.locator('dialog .broken').getByText('Entra ID has 77D0…3B only').waitFor()

    await page.reload()
    await page.locator('dialog .broken').waitFor()

    expect(page.url()).toBe(link)
    expect(await page.inputValue('select[aria-label=State]')).toBe('failing')
    await context.close()
  })

  test('shows news at once, and says them to a screen reader', async () => {
    server.show({ ...TROUBLED, source: CALM_SOURCE, scopes: [MARKETING] })
    const { page, context } = await open(browser, `${server.url}/`)
    await page.locator('.live-live').waitFor()
    expect(await page.textContent('h1')).toBe('Everything is in order')

    server.show({ ...TROUBLED, scopes: [{ ...MARKETING, tone: 'trouble', headline: '3 of 412 mailboxes fail' }] })
    server.tell({ scope: MARKETING.scope })
    await page.getByRole('heading', { name: 'contoso-marketing is in trouble' }).waitFor()

    expect(await page.textContent('[aria-live=polite]')).toBe(
      'contoso-marketing is in trouble: 3 of 412 mailboxes fail',
    )
    await context.close()
  })

  test('says that it lost the server, since when, and mends itself', async () => {
    const { page, context } = await open(browser, `${server.url}/`)
    await page.locator('.live-live').waitFor()

    server.refuse(503)
    await page.locator('.live-lost').waitFor()
    await page.getByText('What is below may be old').waitFor()
    expect(await page.textContent('.live')).toMatch(/^connection lost, last seen \d+ s ago$/)

    server.refuse(0)
    await page.locator('.live-live').waitFor()
    expect(await page.getByText('What is below may be old').count()).toBe(0)
    await context.close()
  })

  test('offers to sign in again where the session is over', async () => {
    const { page, context } = await open(browser, `${server.url}/`)
    await page.locator('.live-live').waitFor()

    server.refuse(401)
    const link = page.getByRole('link', { name: 'Sign in' })
    await link.waitFor()

    expect(await link.getAttribute('href')).toBe('sign-in#/')
    await context.close()
  })

  test('asks for no name where the viewer may see none', async () => {
    const { plan, ...sales } = SALES
    server.show({
      ...TROUBLED,
      role: 'Overview',
      scopes: [{ ...sales, ...(plan && { plan: { digest: plan.digest, changes: 30 } }) }],
    })
    const before = server.asked().length
    const { page, context } = await open(browser, `${server.url}/#/organization/contoso-sales`)
    await page.getByText('Names are for the role Reader').waitFor()
    await page.waitForSelector('.history li')

    expect(
      server
        .asked()
        .slice(before)
        .filter((path) => path.includes('/objects')),
    ).toEqual([])
    expect(await page.locator('.tile a').count()).toBe(0)
    await context.close()
  })

  test('charts say in words and as a table what they draw', async () => {
    const { page, context } = await open(browser, `${server.url}/#/organization/contoso-sales`)
    const chart = page.getByRole('img', { name: /^Mailboxes that are not healthy: failing between 8 and 42, now 42/ })
    await chart.waitFor()

    await page.locator('.chart summary').first().click()

    expect(await page.locator('.chart table').first().locator('tbody tr').first().textContent()).toContain('42')
    await context.close()
  })

  test('a scope that is gone is told, and nothing of it is invented', async () => {
    const { page, context, wrongs } = await open(browser, `${server.url}/#/organization/%3Cb%3Enone`)

    expect(await page.textContent('h1')).toBe('There is no organization <b>none')
    expect(wrongs()).toEqual([])
    await context.close()
  })

  test('a clock that is wrong in the browser makes no time wrong', async () => {
    const { page, context } = await open(browser, `${server.url}/`)

    const looked = page.locator('.scope', { hasText: 'contoso-sales' }).locator('.scope-when time').first()

    expect(Math.abs(Date.now() - NOW)).toBeGreaterThan(3_600_000)
    expect(await looked.textContent()).toMatch(/^(4\d|5\d) s ago$/)
    expect(await looked.getAttribute('title')).toBe(`${ago(48).slice(0, 19).replace('T', ' ')} UTC`)
    await context.close()
  })

  test('the first paint with everything on it comes soon, with 50,000 mailboxes', async () => {
    const { page, context } = await open(browser, `${server.url}/#/organization/contoso-sales`)
    await page.waitForSelector('.objects')

    const paints = await page.evaluate(() =>
      performance.getEntriesByType('paint').map(({ name, startTime }) => `${name} ${Math.round(startTime)} ms`),
    )
    const contentful = Number(/first-contentful-paint (\d+)/.exec(paints.join())?.[1])

    console.log(paints.join(', '))
    // 500 ms are promised; on a machine that runs other tests beside it, only a multiple of that tells anything.
    expect(contentful).toBeLessThan(2_500)
    await context.close()
  })
})
