import type { Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { exampleQueries } from '../../src/server/examples.ts'
import { serving } from '../api/serving.ts'
import { customerId, smallRecommender } from '../api/shop.ts'
import { openChromium } from '../examples/chromium.ts'
import { pacedExplainer } from '../examples/paced-explainer.ts'
import { visit } from '../examples/visitor.ts'

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

const execute = (page: Page) => page.getByRole('button', { name: 'Execute query' }).click()

/** What stands in the result window, spaces left out. */
async function answer(page: Page): Promise<string> {
  return withoutSpaces(await page.getByRole('region', { name: 'Result Window' }).innerText())
}

const withoutSpaces = (text: string) => text.replaceAll(/\s/g, '')

const shown = (page: Page, text: string) =>
  expect.poll(() => answer(page), { timeout: 10_000 }).toContain(text)
