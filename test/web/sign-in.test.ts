import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { running, TOKEN } from '../daemon/http/harness.ts'
import { needs } from '../setup/needs.ts'
import { launch } from './browser.ts'

needs('chromium')('signing in with a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  describe('a link to a place in the page', () => {
    it('leads there once somebody has signed in', async () => {
      const { listener } = await running({ token: { env: 'TOKEN' } })
      const page = await browser.newPage()

      await page.goto(`${listener.url}/#/organization/sales?state=failing`)
      await page.fill('#token', TOKEN)
      await page.click('button')
      await page.waitForURL((url) => url.pathname === '/')

      expect(new URL(page.url()).hash).toBe('#/organization/sales?state=failing')
      await page.close()
    })
  })
})
