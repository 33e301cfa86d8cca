import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../setup/needs.ts'
import { inaccessible, launch, open } from './browser.ts'
import { type Fixture, startFixture } from './fixture.ts'

const VIEWS = [
  { view: 'the overview', hash: '#/', shown: '.scope' },
  { view: 'an organization', hash: '#/organization/contoso-sales', shown: '.objects' },
  { view: 'a trust', hash: '#/trust/contoso', shown: '.objects' },
  {
    view: 'an explanation',
    hash: '#/organization/contoso-sales?state=failing&object=Mailbox/ann.becker@contoso.com',
    shown: '.chain',
  },
] as const

needs('chromium')('the page is accessible', () => {
  let browser: Browser
  let server: Fixture
  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launch(), startFixture()])
  })
  afterAll(() => Promise.all([browser?.close(), server?.close()]))

  test.each(VIEWS)(
    '$view: axe finds nothing in light, dark and on a phone, and nothing is cut off',
    async ({ hash, shown }) => {
      const { page, context, wrongs } = await open(browser, `${server.url}/${hash}`)
      await page.waitForSelector(shown)

      const inLight = await inaccessible(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      const inDark = await inaccessible(page, ['color-contrast'])
      await page.setViewportSize({ width: 360, height: 740 })
      const onPhone = await inaccessible(page)

      expect({ inLight, inDark, onPhone }).toEqual({ inLight: [], inDark: [], onPhone: [] })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      expect(wrongs()).toEqual([])
      await context.close()
    },
  )

  test('axe would find what is wrong', async () => {
    const { page, context } = await open(browser, `${server.url}/`)
    await page.evaluate(() => document.querySelector('h1')?.after(document.createElement('button')))

    expect(await inaccessible(page, ['button-name', 'color-contrast'])).toEqual([
      expect.stringContaining('button-name'),
    ])
    await context.close()
  })

  test('everything is reached by keyboard: skip, search, rows, explanation, back', async () => {
    const { page, context } = await open(browser, `${server.url}/#/organization/contoso-sales`)
    await page.waitForSelector('.objects')
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')

    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the content')

    await page.keyboard.press('/')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search')

    await page.keyboard.type('fischer')
    await page.waitForFunction(() => location.hash.includes('q=fischer'))
    await page.waitForFunction(() => document.querySelector('.objects th a')?.textContent?.includes('fischer'))
    await page.focus('.objects th a')
    const first = await focused()
    await page.keyboard.press('ArrowDown')
    const second = await focused()
    expect(second).not.toBe(first)

    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog[open] .chain')
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    expect(await focused()).toBe(second)
    expect(await page.evaluate(() => location.hash)).toBe('#/organization/contoso-sales?q=fischer')
    await context.close()
  })

  test('what has the focus is seen to have it', async () => {
    const { page, context } = await open(browser, `${server.url}/#/organization/contoso-sales`)
    await page.waitForSelector('.objects')
    const blind: string[] = []

    for (let step = 0; step < 30; step += 1) {
      await page.keyboard.press('Tab')
      const seen = await page.evaluate(() => {
        const focus = document.activeElement
        const around = [focus, focus?.nextElementSibling, focus?.closest('li, tr')]
        const isSeen = around.some((one) => one && getComputedStyle(one).outlineStyle !== 'none')
        return isSeen ? '' : (focus?.outerHTML.slice(0, 120) ?? '')
      })
      if (seen) blind.push(seen)
    }

    expect(blind).toEqual([])
    await context.close()
  })

  test('the switch between light and dark is kept, and needs no reload', async () => {
    const { page, context } = await open(browser, `${server.url}/`, { colours: 'light' })
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const light = await ground()

    await page.check('input[value=dark]')
    const dark = await ground()
    await page.reload()
    await page.waitForSelector('h1')

    expect(dark).not.toBe(light)
    expect(await ground()).toBe(dark)
    await context.close()
  })
})
