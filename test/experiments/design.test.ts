import { beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../../src/documents/block.ts'
import { markdownOf } from '../../src/documents/markdown.ts'
import { pageOf } from '../../src/documents/page.ts'
import { designExperiment } from '../../src/experiments/design.ts'
import { designDocument } from '../../src/experiments/document.ts'
import type { ExperimentDesign } from '../../src/experiments/experiment-design.ts'
import type { DesignRequest } from '../../src/experiments/request.ts'
import { customersWithin } from '../../src/experiments/traffic.ts'
import { type Sale, smallShop } from '../model/small-shop.ts'
import { regularShop, USUAL_REQUEST, withoutPrice } from './regular-shop.ts'

const shop = regularShop()

const design = (changes: Partial<DesignRequest> = {}, dataset = shop) =>
  designExperiment(dataset, { ...USUAL_REQUEST, ...changes })

describe('A design', () => {
  let regular: ExperimentDesign
  beforeAll(async () => {
    regular = await design()
  })

  test('measures the metric and turns the effect into customers and weeks of this shop', () => {
    const { metric, verdict, sampleSize } = regular
    expect(metric.value).toBe(50 / 252)
    // 50 / 252 up by 5 % at 0.8 and 0.05, by statsmodels' samplesize_proportions_2indep_onetail: 25,839.69 an arm.
    expect(verdict.asked.byArm).toEqual([25_840, 25_840])
    // Ten new customers a week and two who count in the first week alone.
    const weeks = Math.ceil((2 * 25_840 - 2) / 10)
    expect(verdict.asked).toMatchObject({ weeks, weeksToResult: weeks + 4 })
    expect(customersWithin(weeks, sampleSize.traffic)).toBeGreaterThanOrEqual(verdict.asked.customers)
  })

  test('gives one verdict in the first paragraph of its document, its chart next, then what follows from it', () => {
    expect(regular.verdict).toMatchObject({ outcome: 'no', isFeasible: false })
    const text = markdownOf(designDocument(regular))
    expect(text).toMatch(
      /^# A\/B test design: repeat-purchase rate\n\nNo: this shop cannot show a rise of 5 % .* within 26 weeks.*\n\n```text\n/,
    )
    // 222 customers come in 22 weeks; 51,680 are needed.
    expect(text).toContain('It needs 51,680 customers, but only 222 come in the 22 weeks of intake that fit.')
    expect(text).toMatch(/```\n\n## What follows\n\nDo not start this test\. /)
  })

  test('plans for half a year if the effect asked for takes too long', () => {
    const { planned, longest } = regular.verdict
    expect(planned).toMatchObject({ weeks: 22, weeksToResult: 26, customers: 222 })
    expect(planned).toEqual(longest)
  })

  test('shows less with more weeks', () => {
    const { shown, curve } = regular.sampleSize
    // The outcomes of 22 weeks of intake are known after 26, the longest that a test should take.
    expect(shown.map(({ weeks }) => weeks)).toEqual([2, 4, 8, 12, 22])
    const effects = curve.map(({ smallestEffect }) => smallestEffect ?? Infinity)
    expect(effects).toEqual(effects.toSorted((a, b) => b - a))
    expect(curve.find(({ weeks }) => weeks === 12)?.smallestEffect).toBe(shown[3].smallestEffect)
  })

  test('has the weeks asked for in its table, and plans for them', async () => {
    const { verdict, sampleSize } = await design({ weeks: 10 })
    expect(sampleSize.shown.map(({ weeks }) => weeks)).toEqual([2, 4, 8, 10, 12, 22])
    expect(verdict.planned).toMatchObject({ weeks: 10, weeksToResult: 14, customers: 102 })
  })

  test('is feasible if the effect is large, and says so', async () => {
    const found = await design({ minimumEffect: 1 })
    expect(found.verdict.isFeasible).toBe(true)
    expect(found.verdict.planned.weeks).toBe(found.verdict.asked.weeks)
    expect(markdownOf(designDocument(found))).toMatch(/\n\nYes: this shop can show a rise of 100 % /)
  })

  test('says if no rise would be shown, however large', async () => {
    // 99 in 100: not even all of them would be told from that in 22 weeks.
    const found = await design({ baselineRate: 0.99, minimumEffect: 0.01 })
    expect(found.verdict.planned.smallestEffect).toBeNull()
    const text = markdownOf(designDocument(found))
    expect(text).toContain('The test described here cannot decide this: it shows no rise, however large.')
    expect(text).not.toContain('A larger effect')
    expect(text).toContain('| none |')
  })

  test('takes more customers for three arms, an alpha of half each', async () => {
    const split = [0.34, 0.33, 0.33]
    const found = await design({ split, treatments: ['default', 'notebook'] })
    expect(found.sampleSize.alphaPerComparison).toBe(0.025)
    expect(found.arms.map(({ name }) => name)).toEqual(['control', 'treatment 1', 'treatment 2'])
    expect(found.verdict.asked.customers).toBeGreaterThan(1.5 * regular.verdict.asked.customers)
  })

  test('of conversion uses the given rate, and computes visitors from customers', async () => {
    const { metric, sampleSize, randomisation, guardrails } = await design({
      primary: 'conversion',
      baselineRate: 0.02,
      weeks: 4,
    })
    expect(metric).toMatchObject({ value: 0.02, variance: 0.0196, measured: null })
    // (10 new and 2 returning) / 0.02; of 4 weeks 42 / 0.02, known a week later.
    expect(sampleSize.traffic).toMatchObject({ newcomers: 500, returning: 100 })
    expect(sampleSize.shown[1]).toMatchObject({ weeks: 4, weeksToResult: 5, customers: 2100 })
    expect(sampleSize.cuped).toBeNull()
    expect(randomisation.replays.metric).toBe('repeat-purchase-rate')
    // Guardrails are about orders: 42 customers, not 2,100.
    const revenue = guardrails.find(({ name }) => name === 'revenue per customer')!
    expect(revenue.baseline!.power).toBeLessThan(0.1)
  })

  test('uses a given repeat-purchase rate instead of the measured one', async () => {
    const { metric } = await design({ baselineRate: 0.1 })
    expect(metric).toMatchObject({ value: 0.1, measured: null })
  })

  test('is the same twice', async () => {
    expect(await design()).toEqual(regular)
  })

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(regular))).toEqual(regular)
  })

  test('has the same content as Markdown and as a page', () => {
    const document = designDocument(regular)
    const [markdown, page] = [markdownOf(document), pageOf(document)]
    const cells = document.blocks.flatMap((block) =>
      block.kind === 'table' ? block.rows.flat().map(textOf) : [],
    )
    for (const cell of cells.filter((text) => /^[\w.,% –]+$/.test(text))) {
      expect(markdown).toContain(cell)
      expect(page).toContain(cell)
    }
    for (const title of [
      'Hypothesis',
      'Control and treatment',
      'Randomisation',
      'Primary metric',
      'Guardrails',
    ]) {
      expect(markdown).toMatch(new RegExp(`^## \\d\\. ${title}$`, 'm'))
    }
    expect(page).toContain('<svg class="chart" role="img"')
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/i)
  })

  test('escapes all text from the shop or its evaluation', async () => {
    const hostile = '<script>alert("1|2")</script>'
    const segments = { name: 'segment', labels: [hostile], codes: new Int32Array(shop.customers.size) }
    const found = await designExperiment(
      { ...shop, segments },
      { ...USUAL_REQUEST, notes: [hostile] },
      {
        evidence: {
          procedure: hostile,
          measure: hostile,
          systems: [{ name: hostile, value: 0.1, low: 0, high: 1, verdict: hostile }],
          notes: [hostile],
        },
      },
    )
    expect(pageOf(designDocument(found))).not.toContain('<script')
    expect(markdownOf(designDocument(found))).not.toMatch(/(?<!\\)<script|1(?<!\\)\|2/)
  })
})

const bought = (customer: string, day = NaN): Sale => ({ customer, product: 'cup', price: 3, day })

describe('A design is refused', () => {
  test.each<[string, Partial<DesignRequest>, RegExp]>([
    ['an impossible power', { power: 1 }, /^--power 1 has to be at least 0\.5 and below 1/],
    ['a power below a coin’s', { power: 0.2 }, /^--power 0\.2 /],
    ['an alpha of 0', { alpha: 0 }, /^--alpha 0 has to be above 0/],
    ['an effect of 0', { minimumEffect: 0 }, /^--minimum-effect 0% has to be above 0/],
    ['a fall', { minimumEffect: -0.05 }, /^--minimum-effect -5% has to be above 0/],
    ['one arm', { split: [1] }, /^--split 100 has one arm/],
    ['shares that leave customers over', { split: [0.5, 0.4] }, /^--split 50\/40 sums to 90, not to 100/],
    ['an empty arm', { split: [1, 0] }, /^--split 100\/0 has an arm without customers/],
    ['arms without names', { split: [0.4, 0.3, 0.3] }, /^--split 40\/30\/30 has 2 arms besides the control/],
    ['half a week', { weeks: 2.5 }, /^--weeks 2\.5 has to be a whole number/],
    ['a window of half a year', { window: 26 }, /^--window 26 has to be .* from 1 to 25/],
    [
      'conversion without a rate',
      { primary: 'conversion' },
      /needs --baseline-rate: an order history has no visits/,
    ],
    [
      'a rate above 1',
      { primary: 'conversion', baselineRate: 2 },
      /^--baseline-rate 2 has to lie between 0 and 1/,
    ],
    ['a rate of 0', { baselineRate: 0 }, /^--baseline-rate 0 has to lie/],
    [
      'a rate of a mean',
      { primary: 'basket-size', baselineRate: 0.1 },
      /^--baseline-rate 0\.1 is a rate, but --primary basket-size/,
    ],
    [
      'an effect that takes a given rate above 1',
      { baselineRate: 0.9, minimumEffect: 0.2 },
      /^--minimum-effect 20% raises the rate from 0\.9 to 1\.08, above 1: use at most 11\.1%/,
    ],
    [
      'an effect that takes the measured rate above 1',
      { minimumEffect: 5 },
      /^--minimum-effect 500% raises the rate from 0\.1984 to 1\.19, above 1/,
    ],
    [
      'a window in which nobody returns',
      { window: 1 },
      /^--primary repeat-purchase-rate is 0 for each of the 262 customers/,
    ],
  ])('%s', async (_, changes, message) => {
    await expect(design(changes)).rejects.toThrow(message)
  })

  test.each<[string, readonly Sale[], Partial<DesignRequest>, RegExp]>([
    ['one customer', [1, 9, 17].map((day) => bought('ann', day)), {}, /holds one customer with orders/],
    [
      'no timestamps',
      [bought('ann'), bought('bob')],
      {},
      /none of the 2 orders has a time.*add a column timestamp/,
    ],
    [
      'a week of data',
      [bought('ann', 5), bought('bob', 5)],
      {},
      /holds 0 whole weeks of orders in a row; --window 4 needs at least 8/,
    ],
  ])('data with %s', async (_, sales, changes, message) => {
    await expect(design(changes, smallShop(sales))).rejects.toThrow(message)
  })

  test('revenue of a shop without prices', async () => {
    const free = regularShop(withoutPrice)
    await expect(design({ primary: 'revenue-per-customer' }, free)).rejects.toThrow(
      /needs prices, and the data has none/,
    )
  })

  test('a basket size that does not vary', async () => {
    const single = regularShop((one) => ({ ...one, quantity: 1 }))
    await expect(design({ primary: 'basket-size' }, single)).rejects.toThrow(
      /basket-size is 1 for each of the 252 customers/,
    )
  })
})
