/** The document of a design gives one verdict, whatever is asked, and says nothing against it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { markdownOf } from '../../src/documents/markdown.ts'
import { pageOf } from '../../src/documents/page.ts'
import { designExperiment } from '../../src/experiments/design.ts'
import { designDocument } from '../../src/experiments/document.ts'
import type { ExperimentDesign } from '../../src/experiments/experiment-design.ts'
import { PRIMARY_METRICS } from '../../src/experiments/metric-definitions.ts'
import type { DesignRequest } from '../../src/experiments/request.ts'
import { customersByArm, totalWithin } from '../../src/experiments/split.ts'
import { regularShop, USUAL_REQUEST } from './regular-shop.ts'

const shop = regularShop()

const designOf = (changes: Partial<DesignRequest>) => designExperiment(shop, { ...USUAL_REQUEST, ...changes })
const textOf = (design: ExperimentDesign) => markdownOf(designDocument(design))

/** What stands under "What follows". */
function whatFollows(text: string): string {
  return /\n## What follows\n\n([^]*?)\n\n## 1\./.exec(text)![1]
}

/** The line that says which test the sections describe. */
async function describedBy(changes: Partial<DesignRequest>) {
  return textOf(await designOf(changes)).match(/.*the sections below describe/g)
}

/** Parts of 1 of two or three arms. */
const splits = fc.constantFrom([0.5, 0.5], [0.8, 0.2], [0.9, 0.1], [0.34, 0.33, 0.33], [0.6, 0.2, 0.2])

const requests = fc
  .record({
    primary: fc.constantFrom(...PRIMARY_METRICS),
    minimumEffect: fc.oneof(
      fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      fc.double({ min: 0.5, max: 4, noNaN: true }),
    ),
    power: fc.double({ min: 0.5, max: 0.99, noNaN: true }),
    split: splits,
    window: fc.integer({ min: 2, max: 24 }),
    weeks: fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined }),
  })
  .map(({ primary, minimumEffect, power, split, window, weeks }): Partial<DesignRequest> => {
    const treatments = ['default', 'notebook'].slice(0, split.length - 1)
    const rate = primary === 'conversion' ? { baselineRate: 0.02 } : {}
    const intake = weeks === undefined ? {} : { weeks }
    return Object.assign(rate, intake, { primary, minimumEffect, power, split, window, treatments })
  })

describe('A document of a design', () => {
  test('holds to its verdict: a property', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (changes) => {
        const design = await designOf(changes).catch((error) => {
          // A rate of 0.198 cannot rise by more than 404 %.
          expect(error.message).toMatch(/raises the rate from|in a row/)
          return undefined
        })
        if (design === undefined) return
        const { verdict, request } = design
        const text = textOf(design)
        const shows = verdict.planned.smallestEffect ?? Infinity
        const longest = verdict.longest.smallestEffect ?? Infinity
        expect(text.match(/^(?:Yes: |No: |Not in )/gm)).toHaveLength(1)
        const rounding = 1 + 1e-9
        switch (verdict.outcome) {
          case 'yes':
            expect(text).toMatch(/\n\nYes: this shop can show /)
            expect(shows).toBeLessThanOrEqual(request.minimumEffect * rounding)
            expect(text).not.toMatch(/cannot show|cannot decide|Do not start/)
            break
          case 'longer':
            expect(text).toMatch(/\n\nNot in \d+ weeks? of intake: to show /)
            expect(shows).toBeGreaterThan(request.minimumEffect / rounding)
            expect(longest).toBeLessThanOrEqual(request.minimumEffect * rounding)
            expect(text).not.toMatch(/cannot show|Do not start this test\./)
            break
          case 'no':
            expect(text).toMatch(/\n\nNo: this shop cannot show /)
            expect(longest).toBeGreaterThan(request.minimumEffect / rounding)
            expect(text).not.toMatch(/this shop can show/)
        }
        // Nothing is offered that takes longer than 26 weeks.
        const after = [...whatFollows(text).matchAll(/result after ([^,.]*)/g)].map(([, weeks]) => weeks)
        for (const weeks of after) {
          expect(weeks).toMatch(/^\d+ weeks?$/)
          expect(Number.parseInt(weeks, 10)).toBeLessThanOrEqual(26)
        }
        for (const form of [text, pageOf(designDocument(design))]) {
          expect(form).not.toMatch(
            /NaN|undefined|Infinity|∞|\[object|(?<!more than 2 )years|\b1 weeks|null(?! hypothesis)/,
          )
          // A sign of a command line, not of a style sheet's variables.
          expect(form.replace(/<style>[^]*<\/style>/, '')).not.toMatch(
            /(?:^|[\s(])--[a-z]|\brationale (?:experiment|evaluate)/,
          )
        }
        // No section is empty.
        expect(`${text}\n## `).not.toMatch(/^## .*\n\n## /m)
      }),
      { numRuns: 40 },
    )
  })

  test('says if the weeks asked for are too few, and how many are enough', async () => {
    // A doubling of 50 of 252: it takes 14 weeks, and 4 show less of it.
    const found = await designOf({ minimumEffect: 1, weeks: 4 })
    const { asked, planned } = found.verdict
    expect(found.verdict.outcome).toBe('longer')
    expect(planned.smallestEffect).toBeGreaterThan(1)
    const text = textOf(found)
    expect(text).toContain('\n\nNot in 4 weeks of intake: to show a rise of 100 % ')
    expect(whatFollows(text)).toContain(
      `The same rise of 100 %, in ${asked.weeks} weeks of intake: the result after ${asked.weeks! + 4} weeks.`,
    )
    // Four weeks show more than a doubling alone: nothing to plan on.
    expect(whatFollows(text)).not.toContain('A larger effect')
  })

  test('proposes the rise that the weeks asked for show, if they are too few', async () => {
    const half = { baselineRate: 0.5, minimumEffect: 0.5 }
    const { weeks } = (await designOf(half)).verdict.asked
    const found = await designOf({ ...half, weeks: weeks! - 2 })
    expect(found.verdict.outcome).toBe('longer')
    const shown = /A larger effect, in the \d+ weeks asked for: a rise of ([\d.]+) % or more/.exec(
      textOf(found),
    )!
    expect(Number(shown[1])).toBeGreaterThan(50)
    expect(Number(shown[1])).toBeLessThan(100)
    expect(textOf(found)).not.toMatch(/Read the result once/)
  })

  test('does not advise a longer test than necessary, if more weeks were asked for than are needed', async () => {
    const found = await designOf({ minimumEffect: 1, weeks: 60 })
    expect(found.verdict.outcome).toBe('yes')
    const text = textOf(found)
    expect(text).toContain('The 60 weeks of intake, with the result after 64 weeks, show ')
    expect(text).toContain(': longer than the 26 weeks that a test should take.')
    const { asked } = found.verdict
    expect(whatFollows(text)).toContain(`Let customers enter for ${asked.weeks} weeks, `)
    expect(whatFollows(text)).toContain(`Read the result once, ${asked.weeksToResult} weeks after the start.`)
  })

  test('says which test its sections describe', async () => {
    expect(await describedBy({ minimumEffect: 0.4 })).toEqual([
      expect.stringMatching(/^- A larger effect: 22 weeks/),
    ])
    expect(await describedBy({ minimumEffect: 0.4, weeks: 40 })).toEqual([
      expect.stringMatching(/^No: .* The 40 weeks of intake, /),
    ])
  })

  test('proposes another metric only if its result is known in time', async () => {
    // One rise in four customers' revenue is slower than their items an order: 40 % of either.
    const found = await designOf({ minimumEffect: 0.4 })
    const inTime = found.verdict.otherMetrics.filter(({ weeksToResult }) => weeksToResult! <= 26)
    expect(found.verdict.outcome).toBe('no')
    expect(inTime.length).toBeGreaterThan(0)
    const offered = whatFollows(textOf(found)).match(/^- The same rise of 40 % in /gm)
    expect(offered).toHaveLength(inTime.length)
  })

  test('has the steps to take, its verdict being yes', async () => {
    const text = textOf(await designOf({ minimumEffect: 1 }))
    expect(whatFollows(text)).toMatch(
      /^- Before the start: .*Measure what the order history does not hold: .*p95 latency/,
    )
    expect(whatFollows(text)).toMatch(/^- Read the result once, \d+ weeks after the start\.$/m)
  })
})

test('Customers are enough for a total exactly where its arms, rounded up, take at most as many: a property', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), splits, (customers, split) => {
      const total = totalWithin(customers, split)
      const taken = (some: number) => customersByArm(some, split).reduce((sum, count) => sum + count, 0)
      expect(taken(total)).toBeLessThanOrEqual(customers)
      expect(taken(total + 1e-6)).toBeGreaterThan(customers)
    }),
  )
})
