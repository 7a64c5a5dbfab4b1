import type { Page } from 'playwright-core'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { serving } from '../api/serving.ts'
import { openChromium } from '../examples/chromium.ts'
import { visit } from '../examples/visitor.ts'
import { patience } from '../patience.ts'

const chromium = await openChromium()
const apiKeys = new ApiKeyStore(IN_MEMORY)
afterAll(async () => {
  await chromium?.close()
  await apiKeys.close()
})

const { url } = await serving({ production: false, requireKeys: true, apiKeys })

describe.skipIf(chromium === null)('GraphiQL of a server that needs keys, in Chromium', () => {
  test('says that it needs a key, shows where to put it, works with it, and does not store it', async () => {
    const { key } = await apiKeys.create('developer', ['read'], null)
    const { page } = await visit(chromium!, url)
    await shown(page, 'ThisneedsanAPIkey')
    const header = page.getByText('"Bearer YOUR_API_KEY"')
    // The editor may be drawing it anew.
    const { x, y, width, height } = await vi.waitFor(async () => {
      const box = await header.boundingBox()
      expect(box).not.toBeNull()
      return box!
    }, patience(20_000))
    // A double click takes the last word.
    await page.mouse.dblclick(x + width - 30, y + height / 2)
    await page.keyboard.insertText(key)
    await page.getByRole('button', { name: 'Execute query' }).click()
    await shown(page, '"modelInfo"')
    await page.getByRole('button', { name: 'Re-fetch GraphQL schema' }).click()
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
    await page.getByText('Root Types').waitFor()
    const stored = await page.evaluate('JSON.stringify(localStorage)')
    expect(stored).toContain('query Model')
    expect(stored).not.toContain(key)
    await page.reload()
    await page.getByText('"Bearer YOUR_API_KEY"').waitFor()
  })
})

/** Waits for a text, its spaces left out, in the result window. */
const shown = (page: Page, text: string) =>
  expect
    .poll(
      async () => {
        const answer = await page.getByRole('region', { name: 'Result Window' }).innerText()
        return answer.replaceAll(/\s/g, '')
      },
      { timeout: patience(20_000) },
    )
    .toContain(text)
