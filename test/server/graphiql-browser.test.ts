import type { Locator, Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { exampleQueries } from '../../src/server/examples.ts'
import { serving } from '../api/serving.ts'
import { customerId, smallRecommender } from '../api/shop.ts'
import { openChromium } from '../examples/chromium.ts'
import { pacedExplainer } from '../examples/paced-explainer.ts'
import { visit } from '../examples/visitor.ts'
import { patience } from '../patience.ts'

const chromium = await openChromium()
afterAll(() => chromium?.close())

const explainer = pacedExplainer()
const { url, ask } = await serving({ production: false, explainer })

const DEFERRED = `query Deferred {
  customer(externalId: "${customerId(1)}") {
    ... on Customer {
      recommendations(first: 1) { edges { node { rank ... @defer { explanation { source } } } } }
    }
  }
}`

describe.skipIf(chromium === null)('GraphiQL, in Chromium', () => {
  test('opens with the example queries in tabs, and answers the first', async () => {
    const recommender = await smallRecommender()
    const queries = exampleQueries(recommender.model)
    recommender.close()
    const { page, problems, requests } = await visit(chromium!, url)
    const tabs = page.getByRole('tab')
    for (const query of queries) {
      const [, name] = /^(?:query|mutation) (\w+)/m.exec(query)!
      await tabs.getByRole('button', { name, exact: true }).waitFor()
    }
    await execute(page)
    await shown(page, '"data"')
    const { data } = await ask(queries[0])
    // The editor holds the lines in sight alone.
    expect((await answer(page)).slice(0, 200)).toBe(withoutSpaces(JSON.stringify({ data })).slice(0, 200))
    expect(problems).toEqual([])
    const elsewhere = requests.filter((request) => !/^\w+ (blob:)?http:\/\/127\.0\.0\.1:/.test(request))
    expect(elsewhere).toEqual([])
  })

  test('opened by the link that serve prints, asks with the token, fills customers in, and keeps it for this tab', async () => {
    const token = 'a-token-of-sixteen-letters'
    const closed = await serving({ production: false, keyless: ['catalog'], token })
    const { page, problems, requests } = await visit(chromium!, `${closed.url}#token=${token}`)
    await executed(page, 'ForYou', `"externalId":"${customerId(0)}"`)
    await page.reload()
    expect(await askedFromPage(page, '{ customers(first: 1) { edges { node { externalId } } } }')).toEqual({
      customers: { edges: [{ node: { externalId: customerId(0) } }] },
    })
    expect(page.url()).toBe(closed.url)
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(token)
    expect(requests.join()).not.toContain(token)
    expect(problems).toEqual([])
  })

  test('opened without it, shows nothing of customers, and answers about products', async () => {
    const closed = await serving({
      production: false,
      keyless: ['catalog'],
      token: 'a-token-of-sixteen-letters',
    })
    const html = await (await fetch(closed.url, { headers: { Accept: 'text/html' } })).text()
    const { customers, products } = closed.recommender.model
    const ids = (table: typeof customers) => Array.from({ length: table.size }, (_, index) => table.at(index))
    expect(ids(customers).filter((id) => html.includes(`${id}\\"`))).toEqual([])
    expect(ids(products).filter((id) => html.includes(`${id}\\"`))).not.toEqual([])
    const { page } = await visit(chromium!, closed.url)
    await executed(page, 'ForYou', 'FORBIDDEN')
    expect(await askedFromPage(page, '{ trending(first: 1) { edges { node { rank } } } }')).toEqual({
      trending: { edges: [{ node: { rank: 1 } }] },
    })
  })

  test('shows a deferred part when it arrives', async () => {
    explainer.hold()
    const { page, problems } = await visit(chromium!, `${url}?query=${encodeURIComponent(DEFERRED)}`)
    await execute(page)
    await shown(page, '"rank":1')
    expect(await answer(page)).not.toContain('explanation')
    explainer.letAllPass()
    await shown(page, '{"node":{"rank":1,"explanation":{"source":"TEMPLATE"}}}')
    expect(problems).toEqual([])
  })
})

/** From the narrowest window in which the editors stand side by side to a wide one. */
const WIDTHS = [1100, 1440, 1920]

describe.skipIf(chromium === null)('GraphiQL under a pointer, in Chromium', () => {
  test.each(WIDTHS)('takes the first click on each tab of a new visitor, %i wide', async (width) => {
    const { page, problems } = await visit(chromium!, url, { viewport: { width, height: 900 } })
    await listen(page)
    const tabs = page.getByRole('tab')
    await tabs.first().waitFor()
    const count = await tabs.count()
    expect(count).toBeGreaterThan(10)
    // From the middle on, so that the first click of all is on another tab in each window.
    const middle = WIDTHS.indexOf(width) + 1
    const order = Array.from({ length: count }, (_, i) => (middle + i) % count)
    for (const i of order) {
      const tab = tabs.nth(i)
      await tab.scrollIntoViewIfNeeded()
      const before = await tab.boundingBox()
      const name = await tab.innerText()
      expect(await press(page, tab)).toEqual([`pointerdown ${name}`, `pointerup ${name}`, `click ${name}`])
      await expect.poll(() => tab.getAttribute('aria-selected')).toBe('true')
      expect((await tab.boundingBox())!.x).toBe(before!.x)
    }
    expect(problems).toEqual([])
  })

  test('moves no other control from under it, and each does what it says without an error', async () => {
    const { page, problems } = await visit(chromium!, url)
    await listen(page)
    await page.getByRole('tab').first().waitFor()
    const names: string[] = await page.evaluate(`[...document.querySelectorAll('button')]
      .filter((button) => button.closest('[role=tab]') === null && button.getBoundingClientRect().width > 0)
      .map((button) => button.ariaLabel ?? button.innerText)`)
    expect(names.length).toBeGreaterThan(8)
    for (const name of names) {
      const button = page.getByRole('button', { name, exact: true }).first()
      // One that another has hidden.
      if (!(await button.isVisible())) continue
      expect(await press(page, button)).toEqual([`pointerdown ${name}`, `pointerup ${name}`, `click ${name}`])
      await page.keyboard.press('Escape')
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    }
    expect(problems).toEqual([])
  })

  test('is used without it: Tab reaches every tab, and Enter opens it', async () => {
    const { page, problems } = await visit(chromium!, url)
    await page.getByRole('tab').first().waitFor()
    const names = await page.getByRole('tab').allInnerTexts()
    const opened = new Set<string>()
    for (let key = 0; key < 100 && opened.size < names.length; key++) {
      await page.keyboard.press('Tab')
      const name: string | null = await page.evaluate(
        `document.activeElement.closest('[role=tab] > .graphiql-tab-button')?.innerText ?? null`,
      )
      if (name === null) continue
      await page.keyboard.press('Enter')
      const tab = page.getByRole('tab').filter({ has: page.getByRole('button', { name, exact: true }) })
      await expect.poll(() => tab.getAttribute('aria-selected')).toBe('true')
      opened.add(name)
    }
    expect([...opened].sort()).toEqual(names.sort())
    expect(problems).toEqual([])
  })
})

/** Notes what control each event of a pointer falls on. */
const listen = (page: Page) =>
  page.evaluate(`globalThis.fallen = []
    for (const kind of ['pointerdown', 'pointerup', 'click']) document.addEventListener(kind, ({ target }) => {
      const control = target.closest('[role=tab]') ?? target.closest('button')
      fallen.push(kind + ' ' + (control === null ? 'nothing' : control.ariaLabel ?? control.innerText))
    }, true)`)

/** Presses the middle of a control as a hand does: some frames pass between down and up. Gives what was noted. */
async function press(page: Page, control: Locator): Promise<string[]> {
  const { x, y, width, height } = (await control.boundingBox())!
  await page.evaluate('fallen.length = 0')
  await page.mouse.move(x + width / 2, y + height / 2)
  await page.mouse.down()
  await page.evaluate(
    `(async () => { for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame) })()`,
  )
  await page.mouse.up()
  return page.evaluate('fallen')
}

const execute = (page: Page) => page.getByRole('button', { name: 'Execute query' }).click()

/** What the page's own script is answered. */
const askedFromPage = (page: Page, query: string) =>
  page.evaluate(`fetch(location.pathname, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: ${JSON.stringify(query)} }),
  }).then(async (answer) => (await answer.json()).data)`)

/** Executes the operation of that name once the editor holds it, which is loaded after the page. */
async function executed(page: Page, name: string, text: string) {
  const editor = page.locator('.view-lines').first()
  await expect
    .poll(async () => withoutSpaces(await editor.innerText()), { timeout: patience(15_000) })
    .toContain(`query${name}{`)
  await execute(page)
  await shown(page, text)
}

/** What stands in the result window, spaces left out. */
async function answer(page: Page): Promise<string> {
  return withoutSpaces(await page.getByRole('region', { name: 'Result Window' }).innerText())
}

const withoutSpaces = (text: string) => text.replaceAll(/\s/g, '')

const shown = (page: Page, text: string) =>
  expect.poll(() => answer(page), { timeout: patience(20_000) }).toContain(text)
