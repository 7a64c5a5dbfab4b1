import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CitedReason, Evidence, ProductFacts, SharedSource } from '../../src/explanations/evidence.ts'
import { explain } from '../../src/explanations/template.ts'

const shelf: ProductFacts = { sku: 'A1', name: 'Oak Shelf', category: 'furniture' }
const desk: ProductFacts = { sku: 'B2', name: 'Pine Desk', category: 'furniture' }
const lamp: ProductFacts = { sku: 'C3', name: 'Lamp', category: 'lighting' }

describe('the text names the purchases that speak for a product', () => {
  test('when it is the only product bought', () => {
    expect(textOf({ historySize: 1, supporting: [reason(desk)] })).toBe(
      '“Pine Desk”, bought before, speaks for “Oak Shelf”.',
    )
  })

  test('when it was bought more than once', () => {
    expect(textOf({ historySize: 1, supporting: [reason(desk, { quantity: 3 })] })).toBe(
      '“Pine Desk”, bought before (3 units), speaks for “Oak Shelf”.',
    )
  })

  test('when there are two, both of them named', () => {
    const supporting = [reason(desk, { share: 0.7 }), reason(lamp, { share: 0.3, quantity: 2 })]
    expect(textOf({ historySize: 2, supporting })).toBe(
      'Of the 2 products bought before, “Pine Desk” (70% of the weight) and “Lamp” (30%, 2 units) speak for ' +
        '“Oak Shelf”.',
    )
  })

  test('when there are many, the strongest of them named', () => {
    expect(textOf({ historySize: 12, supporting: [reason(desk, { share: 0.4 })] })).toBe(
      'Of the 12 products bought before, “Pine Desk” (40% of the weight) speaks most for “Oak Shelf”.',
    )
  })

  test('when it is the product itself', () => {
    expect(textOf({ historySize: 3, supporting: [reason(shelf, { share: 0.8 })], repurchase: true })).toBe(
      'Of the 3 products bought before, “Oak Shelf” (80% of the weight) speaks most for buying “Oak Shelf” again.',
    )
  })
})

describe('the text says what the strategy rests on', () => {
  const both = {
    historySize: 5,
    supporting: [reason(desk, { share: 0.5 })],
    similar: [reason(desk, { similarity: 0.97 }), reason(lamp, { similarity: 0.5 })],
  }

  test('purchases and likeness for HYBRID', () => {
    expect(textOf({ ...both, strategy: 'HYBRID' })).toBe(
      'Of the 5 products bought before, “Pine Desk” (50% of the weight) speaks most for “Oak Shelf”. ' +
        'It is similar to “Pine Desk” (similarity 0.97) and “Lamp” (0.50).',
    )
  })

  test('purchases alone for COLLABORATIVE', () => {
    expect(textOf({ ...both, strategy: 'COLLABORATIVE' })).not.toContain('similar')
  })

  test('likeness alone for CONTENT', () => {
    expect(textOf({ ...both, strategy: 'CONTENT' })).toBe(
      '“Oak Shelf” is similar to what was bought before: “Pine Desk” (similarity 0.97) and “Lamp” (0.50).',
    )
  })

  test.each([
    [0, 'it has sold no units'],
    [1, 'it has sold 1 unit'],
    [2, 'it has sold 2 units'],
    [1234, 'it has sold 1,234 units'],
    [2.5, 'it has sold 2.5 units'],
  ])('sales for POPULARITY: %d', (popularity, words) => {
    expect(textOf({ strategy: 'POPULARITY', historySize: 0, popularity })).toBe(
      `“Oak Shelf” is recommended for its popularity: ${words}.`,
    )
  })

  test.each(['HYBRID', 'COLLABORATIVE', 'CONTENT'] as const)(
    'that nothing stands out for %s without evidence',
    (strategy) => {
      expect(textOf({ strategy, popularity: 7 })).toBe(
        'No past purchase speaks clearly for “Oak Shelf”; it has sold 7 units.',
      )
    },
  )
})

describe('the text says what a product has in common with the history', () => {
  test('after the purchases that speak for it', () => {
    expect(textOf({ historySize: 1, supporting: [reason(desk)], shared: ['seller', 'category'] })).toBe(
      '“Pine Desk”, bought before, speaks for “Oak Shelf”. It shares a seller with what was bought before and it is ' +
        'of a category bought before.',
    )
  })

  test('alone where no purchase speaks for it, and then names it', () => {
    expect(textOf({ shared: ['coPurchase', 'repeat'] })).toBe(
      'Customers who bought the same also bought “Oak Shelf” and it was bought before.',
    )
  })
})

describe('a product without a name is called by', () => {
  const hash = '99a4788cb24856965c36a24e339b6058'

  test('its category and the beginning of its SKU', () => {
    const product = { sku: hash, name: null, category: 'bed_bath_table' }
    expect(textOf({ strategy: 'POPULARITY', product, popularity: 7 })).toBe(
      'The bed bath table product 99a4788c is recommended for its popularity: it has sold 7 units.',
    )
  })

  test('its SKU alone where there is no category', () => {
    const product = { sku: 'B2-77', name: null, category: null }
    expect(textOf({ strategy: 'POPULARITY', product, popularity: 7 })).toBe(
      'Product B2-77 is recommended for its popularity: it has sold 7 units.',
    )
  })
})

describe('numbers are rounded, but only the whole is called whole', () => {
  test.each([
    [0.284, '28%'],
    [0.286, '29%'],
    [0.999, '99%'],
    [1, '100%'],
    [0.004, 'under 1%'],
  ])('a share of %d is called %s', (share, words) => {
    expect(textOf({ historySize: 3, supporting: [reason(desk, { share })] })).toContain(
      `(${words} of the weight)`,
    )
  })

  test.each([
    [0.9975, '0.99'],
    [1 - 1e-12, '1.00'],
    [0.566, '0.57'],
  ])('a similarity of %d is called %s', (similarity, words) => {
    expect(textOf({ strategy: 'CONTENT', similar: [reason(desk, { similarity })] })).toContain(
      `(similarity ${words})`,
    )
  })
})

test('the same evidence gives the same text', () => {
  fc.assert(fc.property(evidences(), (evidence) => explain(evidence).text === explain(evidence).text))
})

test('every name and every number in the text stands in the evidence', () => {
  fc.assert(
    fc.property(evidences(), (evidence) => {
      const cited = [...evidence.supporting, ...evidence.similar]
      const products = [evidence.product, ...cited.map(({ product }) => product)]
      const text = products.reduce(
        (rest, product) => rest.replaceAll(nameOf(product), ''),
        explain(evidence).text,
      )
      expect(text).not.toMatch(/[“”]/)
      const amounts = new Set([
        evidence.historySize,
        evidence.popularity,
        ...cited.map(({ purchase }) => purchase.quantity),
      ])
      for (const [, digits, percent] of text.matchAll(/(\d[\d,]*(?:\.\d+)?)(%?)/g)) {
        const stated = Number(digits.replaceAll(',', ''))
        // "99%" may be anything from there to the whole, and "under 1%" anything beneath.
        const slack = stated === 99 || stated === 1 || stated === 0.99 ? 1 : 0.501
        const isShare = cited.some(({ share }) => Math.abs(100 * share! - stated) <= slack)
        const isSimilarity = cited.some(({ similarity }) => Math.abs(similarity! - stated) <= slack / 100)
        expect(percent ? isShare : isSimilarity || amounts.has(stated)).toBe(true)
      }
    }),
  )
})

test('an explanation carries its evidence, its source and its wording', () => {
  const evidence = evidenceOf({})
  expect(explain(evidence)).toMatchObject({
    source: 'TEMPLATE',
    model: null,
    promptVersion: 'template-2',
    evidence,
  })
})

function textOf(evidence: Partial<Evidence>): string {
  return explain(evidenceOf(evidence)).text
}

function evidenceOf(evidence: Partial<Evidence>): Evidence {
  return {
    strategy: 'HYBRID',
    product: shelf,
    historySize: 3,
    supporting: [],
    similar: [],
    shared: [],
    repurchase: false,
    popularity: 12,
    ...evidence,
  }
}

function reason(
  product: ProductFacts,
  {
    share = 1,
    similarity = null,
    quantity = 1,
  }: { share?: number; similarity?: number | null; quantity?: number } = {},
): CitedReason {
  return {
    product,
    purchase: { product: 0, quantity, purchasedAt: null },
    contribution: share,
    share,
    similarity,
  }
}

/** What the text may call a product, for products whose names hold letters only. */
function nameOf({ sku, name, category }: ProductFacts): string | RegExp {
  if (name !== null) return `“${name}”`
  const id = sku.length <= 12 ? sku : sku.slice(0, 8)
  return new RegExp(
    category === null
      ? `[Pp]roduct ${id}(?!\\w)`
      : `[Tt]he ${category.replaceAll('_', ' ')} product ${id}(?!\\w)`,
    'g',
  )
}

function evidences(): fc.Arbitrary<Evidence> {
  const words = fc.stringMatching(/^[a-z]{3,9}(_[a-z]{3,9})?$/)
  const facts = fc.record({
    sku: fc.stringMatching(/^[0-9a-f]{1,32}$/),
    name: fc.option(words),
    category: fc.option(words),
  })
  const share = fc.integer({ min: 0, max: 10_000 }).map((parts) => parts / 10_000)
  const quantity = fc.integer({ min: 1, max: 1e6 })
  const reasons = fc.array(
    fc
      .tuple(facts, share, share, quantity)
      .map(([product, part, similarity, units]) =>
        reason(product, { share: part, similarity, quantity: units }),
      ),
    { maxLength: 2 },
  )
  return fc
    .record({
      strategy: fc.constantFrom('HYBRID', 'COLLABORATIVE', 'CONTENT', 'POPULARITY'),
      product: facts,
      historySize: fc.integer({ min: 1, max: 500 }),
      supporting: reasons,
      similar: reasons,
      shared: fc.uniqueArray(fc.constantFrom<SharedSource>('coPurchase', 'category', 'seller', 'repeat')),
      repurchase: fc.boolean(),
      popularity: quantity,
    })
    .map((evidence) => evidenceOf(evidence))
}
