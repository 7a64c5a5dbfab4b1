import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LOCALES } from '../../src/explanations/explanation.ts'
import { explain } from '../../src/explanations/template.ts'
import {
  before,
  bought,
  desk,
  evidenceOf,
  evidences,
  inCart,
  inCategory,
  inOneOrder,
  lamp,
  lookedAt,
  NEAR_PRICE,
  NEAR_WEIGHT,
  NEAR_WIDTH,
  popular,
  popularInPart,
  popularUndated,
  resemblance,
  SAME_CATEGORY,
  SAME_COLOUR,
  SAME_SELLER,
  shelf,
  taste,
  together,
  viewed,
  withSeller,
} from './some-evidence.ts'

type Reasons = Parameters<typeof evidenceOf>[0]

const english = (...reasons: Reasons) => explain(evidenceOf(reasons)).text
const portuguese = (...reasons: Reasons) => explain(evidenceOf(reasons), 'pt-BR').text

describe('a reason becomes a sentence', () => {
  test.each([
    [
      'taste',
      taste(),
      'Customers who like the “Pine Desk” you bought in March 2018 tend to like “Oak Shelf” too.',
    ],
    [
      'likeness',
      resemblance(),
      '“Oak Shelf” is much like the “Pine Desk” you bought in March 2018, in the same category and with a similar price.',
    ],
    [
      'likeness in little',
      resemblance([SAME_COLOUR], bought(desk), 0.3),
      '“Oak Shelf” has something in common with the “Pine Desk” you bought in March 2018, namely the same colour (red).',
    ],
    [
      'likeness in nothing that has a word',
      resemblance([]),
      '“Oak Shelf” is much like the “Pine Desk” you bought in March 2018.',
    ],
    [
      'bought together',
      together(1234),
      '1,234 other customers who chose “Lamp”, as you did in March 2018, chose “Oak Shelf” too.',
    ],
    [
      'bought together by one',
      together(1),
      'Another customer who chose “Lamp”, as you did in March 2018, chose “Oak Shelf” too.',
    ],
    [
      'bought in one order',
      inOneOrder(1234),
      '“Oak Shelf” and the “Pine Desk” you are looking at were bought together in 1,234 orders.',
    ],
    [
      'bought in one order once',
      inOneOrder(1),
      '“Oak Shelf” and the “Pine Desk” you are looking at were bought together in one order.',
    ],
    [
      'popular in a category',
      inCategory(),
      '“Oak Shelf” is in the same category as the “Pine Desk” you bought in March 2018, and sold 12 units in the 30 days to 31 March 2018.',
    ],
    [
      'of a category, but not sold of late',
      inCategory(4),
      '“Oak Shelf” is in the same category as the “Pine Desk” you bought in March 2018.',
    ],
    [
      'popular with a seller',
      withSeller(1),
      '“Oak Shelf” is from the same seller as the “Pine Desk” you bought in March 2018.',
    ],
    ['popular', popular(), '“Oak Shelf” sold well, with 120 units in the 30 days to 31 March 2018.'],
    ['not that popular', popular(2.5, null), '“Oak Shelf” sold 2.5 units by 31 March 2018.'],
    [
      'popular in days of which some are known',
      popularInPart(),
      '“Oak Shelf” sold well, with 120 units between 11 March 2018 and 31 March 2018.',
    ],
    ['popular, who knows when', popularUndated(), '“Oak Shelf” sold well, with 120 units.'],
    ['bought before', before(), 'You bought “Oak Shelf” in March 2018.'],
    ['bought before, many', before(3), 'You bought 3 units of “Oak Shelf”, the last in March 2018.'],
    ['chosen before', before(2, null), 'You have chosen “Oak Shelf” before.'],
    ['bought before, who knows when', before(2, null, 'BOUGHT'), 'You have bought “Oak Shelf” before.'],
    ['viewed', viewed(), '“Oak Shelf” is related to the “Pine Desk” you looked at on 14 March 2018.'],
    ['itself viewed', viewed(shelf), 'You looked at “Oak Shelf” on 14 March 2018.'],
    [
      'in the cart',
      inCart(),
      '“Oak Shelf” is related to the “Pine Desk” you put into your cart on 14 March 2018.',
    ],
    ['itself in the cart', inCart(shelf), 'You put “Oak Shelf” into your cart on 14 March 2018.'],
  ])('%s', (_kind, reason, text) => {
    expect(english(reason)).toBe(text)
  })

  test.each([
    [
      'taste',
      taste(),
      'Clientes que gostam do produto “Pine Desk” que você comprou em março de 2018 costumam gostar também de “Oak Shelf”.',
    ],
    [
      'likeness',
      resemblance(),
      '“Oak Shelf” se parece muito com o produto “Pine Desk” que você comprou em março de 2018, da mesma categoria e com preço parecido.',
    ],
    [
      'bought together',
      together(1234),
      '1.234 outros clientes que, como você em março de 2018, escolheram o produto “Lamp” também escolheram “Oak Shelf”.',
    ],
    [
      'bought in one order',
      inOneOrder(1234),
      '“Oak Shelf” e o produto “Pine Desk” que você está vendo foram comprados juntos em 1.234 pedidos.',
    ],
    [
      'bought in one order once',
      inOneOrder(1),
      '“Oak Shelf” e o produto “Pine Desk” que você está vendo foram comprados juntos em um pedido.',
    ],
    [
      'popular in a category',
      inCategory(),
      '“Oak Shelf” é da mesma categoria que o produto “Pine Desk” que você comprou em março de 2018, e vendeu 12 unidades nos 30 dias até 31 de março de 2018.',
    ],
    [
      'popular with a seller',
      withSeller(1),
      '“Oak Shelf” é do mesmo vendedor que o produto “Pine Desk” que você comprou em março de 2018.',
    ],
    ['popular', popular(2.5, null), '“Oak Shelf” vendeu 2,5 unidades até 31 de março de 2018.'],
    [
      'very popular',
      popular(),
      '“Oak Shelf” vendeu bem, com 120 unidades nos 30 dias até 31 de março de 2018.',
    ],
    [
      'popular in days of which some are known',
      popularInPart(),
      '“Oak Shelf” vendeu bem, com 120 unidades entre 11 de março de 2018 e 31 de março de 2018.',
    ],
    ['popular, who knows when', popularUndated(), '“Oak Shelf” vendeu bem, com 120 unidades.'],
    ['bought before', before(), 'Você comprou “Oak Shelf” em março de 2018.'],
    [
      'bought before, many',
      before(3),
      'Você já comprou 3 unidades de “Oak Shelf”, a última em março de 2018.',
    ],
    ['chosen before', before(2, null), 'Você já escolheu “Oak Shelf”.'],
    ['bought before, who knows when', before(2, null, 'BOUGHT'), 'Você já comprou “Oak Shelf”.'],
    [
      'viewed',
      viewed(),
      '“Oak Shelf” tem relação com o produto “Pine Desk” que você viu em 14 de março de 2018.',
    ],
    ['itself viewed', viewed(shelf), 'Você viu “Oak Shelf” em 14 de março de 2018.'],
    [
      'in the cart',
      inCart(),
      '“Oak Shelf” tem relação com o produto “Pine Desk” que você colocou no carrinho em 14 de março de 2018.',
    ],
    ['itself in the cart', inCart(shelf), 'Você colocou “Oak Shelf” no carrinho em 14 de março de 2018.'],
  ])('%s, in Portuguese', (_kind, reason, text) => {
    expect(portuguese(reason)).toBe(text)
  })
})

describe('two sentences at most', () => {
  test('the second does not name the product again', () => {
    expect(english(resemblance(), together(), taste())).toBe(
      '“Oak Shelf” is much like the “Pine Desk” you bought in March 2018, in the same category and with a similar price. ' +
        '14 other customers who chose “Lamp”, as you did in March 2018, chose this one too.',
    )
  })

  test('the second does not repeat what the first has said about the category', () => {
    expect(english(resemblance(), inCategory())).toMatch(
      / This one sold 12 units in the 30 days to 31 March 2018\.$/,
    )
    expect(english(inCategory(), resemblance())).toMatch(/ The two are much alike, with a similar price\.$/)
    expect(english(resemblance([SAME_SELLER]), withSeller())).toMatch(
      / This one sold 12 units in the 30 days to 31 March 2018\.$/,
    )
  })

  test('a purchase that the first has named, the second does not name again', () => {
    const texts = [
      taste(),
      together(14, bought(desk)),
      together(1, bought(desk)),
      inOneOrder(12, bought(desk)),
      withSeller(4),
    ].map((reason) => english(resemblance(), reason))
    expect(texts.map((text) => text.split(' price. ')[1])).toEqual([
      'Customers who like the one tend to like the other.',
      '14 other customers chose both.',
      'Another customer chose both.',
      'The two were bought together in 12 orders.',
      'This one is from the same seller, too.',
    ])
    expect(english(taste(), resemblance())).toMatch(
      / The two are much alike, in the same category and with a similar price\.$/,
    )
  })

  test('nor in Portuguese', () => {
    const texts = [taste(), together(14, bought(desk)), inOneOrder(1, bought(desk)), withSeller(4)].map(
      (reason) => portuguese(resemblance(), reason),
    )
    expect(texts.map((text) => text.split(' parecido. ')[1])).toEqual([
      'Clientes que gostam de um costumam gostar também do outro.',
      '14 outros clientes escolheram os dois.',
      'Os dois foram comprados juntos em um pedido.',
      'Este produto também é do mesmo vendedor.',
    ])
  })

  test('popularity comes second, even if its amount is larger', () => {
    const { text, sentences } = explain(evidenceOf([popular(), taste(), together()]))
    expect(text).toMatch(
      /^Customers who like .* This one also sold well, with 120 units in the 30 days to 31 March 2018\.$/,
    )
    expect(sentences.map(({ evidence }) => evidence)).toEqual([['e2'], ['e1']])
  })

  test('sales in the category are not stated together with all sales', () => {
    expect(english(inCategory(), popular())).toBe(
      '“Oak Shelf” is in the same category as the “Pine Desk” you bought in March 2018. ' +
        'This one also sold well, with 120 units in the 30 days to 31 March 2018.',
    )
  })

  test('if nothing is left to say, the next reason is used', () => {
    expect(english(resemblance(), inCategory(4), together())).toMatch(/ chose this one too\.$/)
  })

  test('each cites the reason that it states', () => {
    const { sentences } = explain(evidenceOf([resemblance(), inCategory(4), taste()]))
    expect(sentences.map(({ evidence }) => evidence)).toEqual([['e1'], ['e3']])
  })
})

test('no more than three attributes are named, and none that means nothing to people', () => {
  const photos = { attribute: 'product_photos_qty', value: 2, purchasedValue: 2 }
  const height = { attribute: 'product_height_cm', value: 9, purchasedValue: 9 }
  const shared = [photos, SAME_CATEGORY, NEAR_WIDTH, height, NEAR_WEIGHT, NEAR_PRICE]
  expect(english(resemblance(shared))).toMatch(/, in the same category and with a similar size and weight\.$/)
  expect(english(resemblance([NEAR_WIDTH, NEAR_WEIGHT, NEAR_PRICE]))).toMatch(
    /, with a similar size, weight and price\.$/,
  )
})

describe('a product without a name is called by its category', () => {
  const bath = { sku: '99a4788cb24856965c36a24e339b6058', name: null, category: 'bed_bath_table' }
  const appliance = { sku: '4d2a1c0f9d3b4a55b1c3b76f3f3a9c11', name: null, category: 'home_appliances_2' }
  const evidence = evidenceOf([taste(bought(appliance))], bath)

  test('in English', () => {
    expect(explain(evidence).text).toBe(
      'Customers who like the “home appliances” product you bought in March 2018 tend to like this “bed bath table” product too.',
    )
    expect(explain(evidenceOf([together(14, bought(appliance))], bath)).text).toBe(
      '14 other customers who chose the same “home appliances” product as you did in March 2018 chose this “bed bath table” product too.',
    )
  })

  test('in Portuguese, where the words of the shop are quoted', () => {
    expect(explain(evidence, 'pt-BR').text).toBe(
      'Clientes que gostam do produto da categoria “home appliances” que você comprou em março de 2018 costumam gostar ' +
        'também deste produto da categoria “bed bath table”.',
    )
  })

  test('which is stated once if a purchase has the same', () => {
    const towel = { ...bath, sku: 'f'.repeat(32) }
    expect(explain(evidenceOf([inOneOrder(1, lookedAt(towel))], bath)).text).toBe(
      'This product and the “bed bath table” product you are looking at were bought together in one order.',
    )
    expect(explain(evidenceOf([resemblance(undefined, bought(towel))], bath)).text).toBe(
      'This product is much like the “bed bath table” product you bought in March 2018, with a similar price.',
    )
  })

  test('also where it is that itself', () => {
    const again = evidenceOf([[before()[0], bought(bath)]], bath)
    expect(explain(again).text).toBe('You bought this “bed bath table” product in March 2018.')
    expect(explain(again, 'pt-BR').text).toBe(
      'Você comprou este produto da categoria “bed bath table” em março de 2018.',
    )
  })

  test('and is just a product if there is none', () => {
    const bare = { sku: 'f'.repeat(32), name: null, category: null }
    expect(explain(evidenceOf([taste(bought(bare))], bare)).text).toBe(
      'Customers who like the product you bought in March 2018 tend to like this product too.',
    )
  })
})

test('what is in a basket was chosen, not bought', () => {
  expect(english(taste(bought(desk, null)))).toBe(
    'Customers who like the “Pine Desk” you chose tend to like “Oak Shelf” too.',
  )
  expect(english(together(14, bought(lamp, null)))).toBe(
    '14 other customers who chose “Lamp”, as you did, chose “Oak Shelf” too.',
  )
})

test('a product without a date was also bought, if the customer is known', () => {
  const owned = bought(desk, null, 1, 'BOUGHT')
  expect(english(resemblance([], owned))).toBe('“Oak Shelf” is much like the “Pine Desk” you bought.')
  expect(portuguese(resemblance([], owned))).toBe(
    '“Oak Shelf” se parece muito com o produto “Pine Desk” que você comprou.',
  )
})

describe('what is looked at was neither chosen nor bought', () => {
  const seen = lookedAt(desk)
  const reasons = [
    taste(seen),
    resemblance([], seen),
    together(14, seen),
    inOneOrder(12, seen),
    inCategory(4, seen),
    withSeller(4, seen),
  ]

  test('in English', () => {
    expect(reasons.map((reason) => english(reason))).toEqual([
      'Customers who like the “Pine Desk” you are looking at tend to like “Oak Shelf” too.',
      '“Oak Shelf” is much like the “Pine Desk” you are looking at.',
      '14 other customers who chose the “Pine Desk” you are looking at chose “Oak Shelf” too.',
      '“Oak Shelf” and the “Pine Desk” you are looking at were bought together in 12 orders.',
      '“Oak Shelf” is in the same category as the “Pine Desk” you are looking at.',
      '“Oak Shelf” is from the same seller as the “Pine Desk” you are looking at.',
    ])
  })

  test('in Portuguese', () => {
    expect(reasons.map((reason) => portuguese(reason))).toEqual([
      'Clientes que gostam do produto “Pine Desk” que você está vendo costumam gostar também de “Oak Shelf”.',
      '“Oak Shelf” se parece muito com o produto “Pine Desk” que você está vendo.',
      '14 outros clientes que escolheram o produto “Pine Desk” que você está vendo também escolheram “Oak Shelf”.',
      '“Oak Shelf” e o produto “Pine Desk” que você está vendo foram comprados juntos em 12 pedidos.',
      '“Oak Shelf” é da mesma categoria que o produto “Pine Desk” que você está vendo.',
      '“Oak Shelf” é do mesmo vendedor que o produto “Pine Desk” que você está vendo.',
    ])
  })
})

test('where no reason can be named, the text says so', () => {
  expect(english()).toBe('Nothing in particular speaks for “Oak Shelf”.')
  expect(portuguese()).toBe('Nenhum motivo em particular se destaca para “Oak Shelf”.')
})

test('an explanation carries its evidence, its source, its wording and its language', () => {
  const evidence = evidenceOf([taste()])
  expect(explain(evidence, 'pt-BR')).toMatchObject({
    source: 'TEMPLATE',
    model: null,
    promptVersion: 'template-6',
    locale: 'pt-BR',
    evidence,
  })
})

test.each(LOCALES)('in %s the same evidence gives the same text, of the sentences, without ids', (locale) => {
  fc.assert(
    fc.property(evidences(fc.stringMatching(/^[A-Z][a-z]{2,9}$/)), (evidence) => {
      const { text, sentences } = explain(evidence, locale)
      expect(explain(evidence, locale).text).toBe(text)
      expect(sentences.map((sentence) => sentence.text).join(' ')).toBe(text)
      expect(text).not.toMatch(/[0-9a-f]{16}|\be\d\b/)
    }),
  )
})
