import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterEach } from 'vitest'
import { patience } from '../patience.ts'

export interface Visitor {
  readonly page: Page
  /** Errors and warnings of the browser's console, and what the page threw. */
  readonly problems: string[]
  /** What the page was made of and asked for, each as METHOD URL. */
  readonly requests: string[]
  /** The bodies of what it posted. */
  readonly posted: any[]
}

/** Opens a page for a new visitor, who leaves after the test. */
export async function visit(
  browser: Browser,
  url: string | URL,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
  leaving.push(() => page.close())
  page.setDefaultTimeout(patience(20_000))
  const visitor: Visitor = { page, problems: [], requests: [], posted: [] }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) visitor.problems.push(message.text())
  })
  page.on('pageerror', ({ message }) => visitor.problems.push(message))
  page.on('request', (request) => {
    visitor.requests.push(`${request.method()} ${request.url()}`)
    if (request.method() === 'POST') visitor.posted.push(request.postDataJSON())
  })
  await page.goto(String(url))
  return visitor
}

const leaving: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const leave of leaving.splice(0)) await leave()
})
