// Over 200 lines because the page is generated, checked and built only once for all these tests.
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { readTrustedDocuments } from '../../src/server/trusted-documents.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { COLD_CUSTOMER, sku } from '../api/shop.ts'
import { serving } from '../api/serving.ts'
import { openChromium } from './chromium.ts'
import { colours, contrast, luminance } from './colours.ts'
import { pacedExplainer } from './paced-explainer.ts'
import {
  buildStorefront,
  buildTrustedStorefront,
  persistedDocuments,
  serveStorefront,
} from './storefront-site.ts'
import { type Visitor, visit } from './visitor.ts'

const chromium = await openChromium()
const explainer = pacedExplainer()
const { url, ask } = await serving({ explainer })
const folder = chromium && (await buildStorefront())
const site = folder === null ? null : await serveStorefront(folder, url)
afterAll(() => chromium?.close())

const open = (path: string, options = {}): Promise<Visitor> =>
  visit(chromium!, new URL(path, site!.url), options)

/** What the API recommends, asked without the page. */
async function recommended(externalId: string): Promise<{ name: string; why: string; shares: number[] }[]> {
  const { data } = await ask(
    `query ($externalId: String!) { customer(externalId: $externalId) { ... on Customer { recommendations(first: 6) {
      edges { node { product { name } explanation { text } reasons { share } } } } } } }`,
    { externalId },
  )
  return data.customer.recommendations.edges.map(({ node }: any) => ({
    name: node.product.name,
    why: node.explanation.text,
    shares: node.reasons.map(({ share }: any) => share),
  }))
}

const names = (page: Page) => page.getByRole('heading', { level: 3 }).allTextContents()
const explanations = (page: Page) => page.locator('.explanation p').allTextContents()
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
const alert = (page: Page) => page.getByRole('alert')

describe.skipIf(chromium === null)('the storefront’s list for a customer', () => {
  test('shows six recommendations as the API ranks them, with name, category, price and reasons', async () => {
    const { page, problems } = await open('/?customer=customer-1')
    await heading(page, 'For you').waitFor()
    const expected = await recommended('customer-1')
    expect(expected).toHaveLength(6)
    expect(await names(page)).toEqual(expected.map(({ name }) => name))
    const cards = page.getByRole('article')
    for (const card of await cards.all()) {
      // A product's number says its category, by the remainder of 4, and its price: 10 more.
      const number = Number(/\d+/.exec(await card.getByRole('heading').innerText()))
      const category = ['Bed bath table', 'Garden tools', 'Toys', 'Watches gifts'][number % 4]
      expect(await card.getByText(category, { exact: true }).isVisible()).toBe(true)
      expect(await card.getByText(`€${10 + number}.00`, { exact: true }).isVisible()).toBe(true)
      expect(await card.locator('.because').innerText()).toMatch(/^[A-Z].*(Product No\. \d+|sold .*)\.$/i)
    }
    expect(problems).toEqual([])
  })

  test('is there before any explanation, and each explanation as soon as it is written', async () => {
    const expected = await recommended('customer-1')
    explainer.hold()
    const { page } = await open('/?customer=customer-1')
    await heading(page, 'For you').waitFor()
    expect(await names(page)).toHaveLength(6)
    expect(await explanations(page)).toEqual([])
    expect(await page.getByRole('list').first().getAttribute('aria-busy')).toBe('true')

    explainer.letPass(1)
    await page.locator('.explanation p').first().waitFor()
    expect(await explanations(page)).toHaveLength(1)
    expect(expected.map(({ why }) => why)).toContain((await explanations(page))[0])

    explainer.letAllPass()
    await page.locator('[aria-busy=false]').waitFor()
    expect(await explanations(page)).toEqual(expected.map(({ why }) => why))
  })

  test.each([390, 768, 1280])(
    'moves nothing that can be pressed when explanations arrive, %i wide',
    async (width) => {
      explainer.hold()
      const { page, problems } = await open('/?customer=customer-1', { viewport: { width, height: 900 } })
      await heading(page, 'For you').waitFor()
      await page.evaluate('document.fonts.ready')
      const controls = page.locator('a, summary, select, button')
      const places = () =>
        controls.evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().y)))
      const before = await places()
      expect(before.length).toBeGreaterThan(12)
      explainer.letAllPass()
      await expect.poll(async () => (await explanations(page)).length).toBe(6)
      expect(await places()).toEqual(before)
      expect(problems).toEqual([])
    },
  )

  test('says why on request: the shares of the reasons, which are the whole', async () => {
    const { page } = await open('/?customer=customer-1')
    const [{ name, shares }] = await recommended('customer-1')
    const card = page.getByRole('article').filter({ has: page.getByRole('heading', { name, exact: true }) })
    const summary = card.getByText(`Why am I seeing this? ${name}`)
    expect(await card.getByRole('listitem').count()).toBe(0)
    await summary.focus()
    await page.keyboard.press('Enter')
    const shown = await card.locator('b').allTextContents()
    expect(shown.slice(0, 5)).toEqual(shares.slice(0, 5).map((share) => `${Math.round(share * 100)}%`))
    const sum = shown.reduce((total, percent) => total + Number.parseInt(percent, 10), 0)
    expect(Math.abs(sum - 100)).toBeLessThanOrEqual(shown.length / 2)
  })

  test('of somebody else is one choice away, and has an address of its own', async () => {
    const { page } = await open('/')
    await heading(page, 'For you').waitFor()
    await page.getByLabel('Shopping as').selectOption('customer-2')
    const [{ name }] = await recommended('customer-2')
    await page.getByRole('heading', { level: 3, name, exact: true }).waitFor()
    expect(page.url()).toContain('?customer=customer-2')
    expect(await names(page)).toEqual((await recommended('customer-2')).map((product) => product.name))
  })

  test('of who never bought says that it is what sells', async () => {
    const { page } = await open(`/?customer=${COLD_CUSTOMER}`)
    await page.getByText('This is what sells.').waitFor()
    expect(await names(page)).toHaveLength(6)
  })

  test('of who is not known says so, in the API’s words', async () => {
    const { page, problems } = await open('/?customer=nobody')
    await heading(page, 'We do not know this customer').waitFor()
    const { data } = await ask('{ customer(externalId: "nobody") { ... on DomainError { message } } }')
    expect(await page.getByRole('main').innerText()).toContain(data.customer.message)
    expect(problems).toEqual([])
  })
})

describe.skipIf(chromium === null)('the storefront’s page of a product', () => {
  test('shows it, what orders hold with it, and what is like it', async () => {
    const { page, problems } = await open(`/?product=${sku(5)}`)
    await heading(page, 'Product No. 5').waitFor()
    expect(await page.title()).toBe('Product No. 5 · Storefront')
    for (const [name, intent] of [
      ['Frequently bought together', 'COMPLEMENTARY'],
      ['Related products', 'RELATED'],
    ]) {
      const { data } = await ask(
        `{ product(sku: "${sku(5)}") { ... on Product { recommendations(intent: ${intent}, first: 3) {
          edges { node { product { name } } } } } } }`,
      )
      const expected = data.product.recommendations.edges.map(({ node }: any) => node.product.name)
      const list = page.getByRole('region', { name })
      expect(await list.getByRole('heading', { level: 3 }).allTextContents()).toEqual(expected)
    }
    expect(problems).toEqual([])
  })

  test('of one that is not known says so', async () => {
    const { page } = await open('/?product=nothing')
    await heading(page, 'We do not sell this').waitFor()
  })

  test('is reached by a click, with the focus; Back leads back without asking again, and nothing asks another origin', async () => {
    const { page, posted, requests } = await open('/?customer=customer-1')
    await page.locator('[aria-busy=false]').waitFor()
    const before = await names(page)
    await page.getByRole('link', { name: before[0] }).click()
    await heading(page, before[0]).waitFor()
    expect(new URL(page.url()).searchParams.get('customer')).toBe('customer-1')
    expect(await page.getByRole('main').evaluate((main) => main === document.activeElement)).toBe(true)
    const asked = posted.length
    await page.goBack()
    await heading(page, 'For you').waitFor()
    expect(await names(page)).toEqual(before)
    expect(await page.getByRole('main').evaluate((main) => main === document.activeElement)).toBe(true)
    expect(posted).toHaveLength(asked)
    const origins = requests.map((request) => new URL(request.split(' ')[1]).origin)
    expect(new Set(origins)).toEqual(new Set([new URL(site!.url).origin]))
  })
})

describe.skipIf(chromium === null)('the storefront', () => {
  test('can be used by keyboard alone', async () => {
    const { page } = await open('/?customer=customer-1')
    await heading(page, 'For you').waitFor()
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the products')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    const [first] = await names(page)
    expect(await focused()).toContain(first)
    await page.keyboard.press('Enter')
    await heading(page, first).waitFor()
  })

  test('fits a narrow window and a wide one, and is legible in light and in dark', async () => {
    const { page } = await open('/?customer=customer-1')
    await page.locator('[aria-busy=false]').waitFor()
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
    const grounds = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const [heading1, ground] = await colours(page, 'h1', ':root')
      const [explanation, summary, card] = await colours(page, '.explanation', 'summary', '.card')
      expect(contrast(heading1.text, ground.behind)).toBeGreaterThan(7)
      expect(contrast(explanation.text, card.behind)).toBeGreaterThan(4.5)
      expect(contrast(summary.text, card.behind)).toBeGreaterThan(4.5)
      grounds.push(luminance(ground.behind))
    }
    expect(grounds[0]).toBeGreaterThan(0.8)
    expect(grounds[1]).toBeLessThan(0.1)
  })
})

describe.skipIf(chromium === null)('without a network, the storefront', () => {
  test('says so, and goes on by itself once it is back', async () => {
    const { page } = await open('/?customer=customer-1')
    await heading(page, 'For you').waitFor()
    await page.context().setOffline(true)
    await page.getByLabel('Shopping as').selectOption('customer-3')
    await alert(page).getByText('You are offline').waitFor()
    await page.context().setOffline(false)
    await heading(page, 'For you').waitFor()
    expect(await names(page)).toEqual((await recommended('customer-3')).map(({ name }) => name))
  })

  test('keeps the list whose explanations broke off, and asks for them again', async () => {
    explainer.hold()
    const { page } = await open('/?customer=customer-4')
    await heading(page, 'For you').waitFor()
    explainer.letPass(2)
    await page.locator('.explanation p').nth(1).waitFor()
    site!.cut()
    await alert(page).getByText('The shop does not answer').waitFor()
    expect(await names(page)).toHaveLength(6)
    expect(await explanations(page)).toHaveLength(2)
    explainer.letAllPass()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.explanation p').nth(5).waitFor()
    expect(await alert(page).count()).toBe(0)
  })

  test('gives who left before the explanations were written all of them on return', async () => {
    explainer.hold()
    const { page } = await open('/?customer=customer-5')
    await page.getByRole('article').getByRole('link').first().click()
    await page.getByRole('region', { name: 'Related products' }).waitFor()
    explainer.letAllPass()
    await page.goBack()
    await page.locator('.explanation p').nth(5).waitFor()
  })
})

describe.skipIf(chromium === null)('in production, the storefront', async () => {
  if (folder === null) return
  const apiKeys = new ApiKeyStore(IN_MEMORY)
  afterAll(() => apiKeys.close())
  const trustedDocuments = await readTrustedDocuments(persistedDocuments)
  const trusting = await serving({ trustedDocuments })
  const trusted = await serveStorefront(await buildTrustedStorefront(), trusting.url)
  const closed = await serving({ requireKeys: true, apiKeys })
  const keyed = await serveStorefront(folder, closed.url)

  test('asks for trusted documents by their ids alone, which the server knows, and it knows no others', async () => {
    const { page, posted, problems } = await visit(chromium!, new URL('/?customer=customer-1', trusted.url))
    await page.locator('[aria-busy=false]').waitFor()
    expect(await explanations(page)).toEqual((await recommended('customer-1')).map(({ why }) => why))
    for (const body of posted) expect(Object.keys(body)).toEqual(['documentId', 'variables'])
    expect(problems).toEqual([])
    const { errors } = await trusting.ask('{ __typename }')
    expect(errors).toMatchObject([{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }])
  })

  test('asks as who is signed in, by tokens that the shop’s server signs, and reaches nobody else', async () => {
    const { key } = await apiKeys.create('sign-in', ['sign'], null)
    const signing = await serveStorefront(folder, closed.url, key)
    const { page, problems } = await visit(chromium!, new URL('/?customer=customer-1', signing.url))
    await page.locator('[aria-busy=false]').waitFor()
    expect(await names(page)).toEqual((await recommended('customer-1')).map(({ name }) => name))
    expect(
      await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })'),
    ).toBe('{}')
    const answered = (query: string) =>
      page.evaluate(`fetch('/graphql', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ${key.length}' },
        body: JSON.stringify({ query: ${JSON.stringify(query)} }),
      }).then((answer) => answer.json())`) as Promise<any>
    expect((await answered('{ viewer { externalId } }')).data).toEqual({
      viewer: { externalId: 'customer-1' },
    })
    const other = await answered(
      '{ customer(externalId: "customer-2") { ... on Customer { externalId segment } } }',
    )
    expect(other).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    // The choice of customers takes scope admin, and the browser says so of no other problem.
    expect(problems).toEqual([])
  })

  test('shows nothing of customers to who is not signed in', async () => {
    const { key } = await apiKeys.create('sign-in', ['sign'], null)
    const signing = await serveStorefront(folder, closed.url, key)
    const { page } = await visit(chromium!, signing.url)
    await alert(page).getByText('Something went wrong').waitFor()
    expect(await names(page)).toEqual([])
  })

  test('needs a key that may read, which the proxy adds, and no other', async () => {
    const { key } = await apiKeys.create('web shop', ['read'], null)
    const headers = { extraHTTPHeaders: { Authorization: `Bearer ${key}` } }
    const { page } = await visit(chromium!, new URL('/?customer=customer-1', keyed.url), headers)
    await heading(page, 'For you').waitFor()
    expect(await names(page)).toHaveLength(6)
    await page.goto(keyed.url)
    await alert(page).getByText('Something went wrong').waitFor()
  })
})
