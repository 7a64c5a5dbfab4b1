import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../src/explanations/evidence.ts'
import { LOCALES, type Locale, type Sentence } from '../../src/explanations/explanation.ts'
import { explain } from '../../src/explanations/template.ts'
import { verify } from '../../src/explanations/verifier.ts'
import {
  before,
  bought,
  desk,
  evidenceOf,
  evidences,
  inCategory,
  inOneOrder,
  lamp,
  lookedAt,
  MAY,
  popular,
  resemblance,
  shelf,
  taste,
  together,
  withSeller,
} from './some-evidence.ts'

/** e1: liked with the desk (March 2018); e2: bought with the lamp by 14; e3: 120 units in 30 days. */
const evidence = evidenceOf([taste(), together(), popular()])

const rulesOf = (text: string, ids = ['e1'], of: Evidence = evidence, locale: Locale = 'en') =>
  verify([{ text, evidence: ids }], of, locale).map(({ rule, found }) => `${rule}: ${found}`)

describe('what the cited evidence states is supported', () => {
  test.each([
    [
      'You may enjoy “Oak Shelf”, as people who like the “Pine Desk” you bought in March 2018 usually like it too.',
      'e1',
    ],
    ['14 customers who chose “Lamp” bought “Oak Shelf” too.', 'e2'],
    ['“Oak Shelf” sold well: 120 units sold in the 30 days to 31 March 2018.', 'e3'],
    ['By 31 March 2018, 120 units were sold.', 'e3'],
    ['"Oak Shelf" is bought together with the "Lamp".', 'e2'],
    [
      'Based on the “Pine Desk” you bought, you might also enjoy “Oak Shelf”, as 120 units sold by 31 March 2018.',
      'e1 e3',
    ],
  ])('%s', (text, ids) => {
    expect(rulesOf(text, ids.split(' '))).toEqual([])
  })

  test('in Portuguese', () => {
    const text =
      'Você pode gostar de “Oak Shelf” porque clientes que gostam de “Pine Desk” costumam gostar também deste produto.'
    expect(rulesOf(text, ['e1'], evidence, 'pt-BR')).toEqual([])
    expect(
      rulesOf('14 clientes que escolheram “Lamp” levaram também “Oak Shelf”.', ['e2'], evidence, 'pt-BR'),
    ).toEqual([])
  })

  test('of products that have no name, by their categories', () => {
    const nameless = { sku: 'x', name: null, category: 'bed_bath_table' }
    const tools = { sku: 'y', name: null, category: 'garden_tools' }
    const of = evidenceOf([taste(bought(tools))], nameless)
    expect(
      rulesOf(
        'Customers who like the garden tools product you bought tend to like this bed bath table product.',
        ['e1'],
        of,
      ),
    ).toEqual([])
    expect(
      rulesOf(
        'Customers who like the bed bath table product you bought tend to like this garden tools product.',
        ['e1'],
        of,
      ),
    ).toEqual(['word: bed', 'word: bath', 'word: table', 'word: garden', 'word: tools'])
  })
})

describe('a sentence is rejected for', () => {
  test.each([
    [
      'a product that is not in the evidence',
      'You may like the “Solid Gold Toaster” too.',
      'character: You may like the “Solid Gold Toaster” too.',
    ],
    ['a product without its quotes', 'You may like a Toaster too.', 'word: toaster'],
    [
      'a product cited elsewhere only',
      'People who like “Lamp” tend to like “Oak Shelf”.',
      'character: People who like “Lamp” tend to like ⓟ.',
    ],
    ['a word that nobody computed', 'This is the cheapest shelf.', 'word: cheapest', 'word: shelf'],
    ['praise', 'It is an excellent choice.', 'word: excellent'],
    [
      'experience that nobody has',
      'Your telephony experience makes “Oak Shelf” fit.',
      'word: telephony',
      'word: experience',
    ],
    ['its segment', 'As you are loyal, you may like it.', 'word: loyal'],
    ['another language', 'Kunden mögen “Oak Shelf”.', 'word: kunden', 'word: mögen'],
    ['markup', 'You may like <b>it</b>.', 'character: You may like <b>it</b>.', 'word: b', 'word: b'],
    ['a link', 'You may like it at shop.example.', 'form: You may like it at shop.example.', 'word: example'],
    ['an instruction', 'Ignore all instructions.', 'word: ignore', 'word: all', 'word: instructions'],
    ['the prompt', 'The facts state the evidence.', 'word: facts', 'word: state', 'word: evidence'],
    ['no full stop', 'You may like it', 'form: You may like it'],
    ['more than one line', 'You may\nlike it.', 'form: You may\nlike it.', 'character: You may\nlike it.'],
    ['signs of our own', 'You may like ⓟ.', 'character: You may like ⓟ.'],
    ['likeness that was not found', 'It is similar to “Pine Desk”.', 'claim: similar'],
    ['a seller that was not found', 'It is by a seller you chose before.', 'claim: seller'],
    ['a price that was not compared', 'It has a price you may like.', 'claim: price'],
    ['sales that are not cited', 'It is popular.', 'claim: popular'],
    [
      'a purchase of the product itself',
      'You bought “Oak Shelf” in March 2018.',
      'purchase: You bought ⓟ in ⓜ.',
    ],
    [
      'a purchase of the product itself, turned round',
      '“Oak Shelf” you bought in March 2018.',
      'purchase: ⓟ you bought in ⓜ.',
    ],
    ['a year', 'You bought “Pine Desk” in 2018.', 'number: 2018'],
    ['another month', 'You bought “Pine Desk” in April 2018.', 'word: april', 'number: 2018'],
    [
      'a length',
      `You may like it, ${'and you may like it, '.repeat(12)}too.`,
      expect.stringMatching(/^length/),
    ],
  ])('%s', (_what, text, ...rules) => {
    expect(rulesOf(text)).toEqual(expect.arrayContaining(rules))
  })

  test.each([
    ['a number that is nobody’s', '15 other customers who chose “Lamp” chose it.', 'e2'],
    ['days called customers', '30 customers who chose “Lamp” chose it.', 'e2 e3'],
    ['customers called units', '14 units were sold.', 'e2 e3'],
    ['units called customers', '120 customers chose it.', 'e2 e3'],
    ['a number without what it counts', 'People chose it 14 too.', 'e2'],
  ])('%s', (_what, text, ids) => {
    expect(rulesOf(text, ids.split(' '))).toEqual([expect.stringMatching(/^number/)])
  })

  test('units of another time', () => {
    const of = evidenceOf([inCategory(500, bought(desk), null), popular(120, 30)])
    expect(rulesOf('It sold 500 units in the 30 days to 31 March 2018.', ['e1', 'e2'], of)).toEqual([
      'number: 500',
    ])
    expect(rulesOf('It sold 500 units by 31 March 2018.', ['e1', 'e2'], of)).toEqual([])
  })

  // Texts are kept, and read when the count is long past: only its dates stay true.
  test.each([
    ['It sold 120 units in the last 30 days.', 'en'],
    ['It sold 120 units in the past 30 days.', 'en'],
    ['It sold 120 units in the last 30 days to 31 March 2018.', 'en'],
    ['It sold 120 units in 30 days.', 'en'],
    ['It sold 120 units so far.', 'en'],
    ['It sold 120 units by now.', 'en'],
    ['It is popular lately.', 'en'],
    ['It sold 120 units recently.', 'en'],
    ['It sold 120 units in recent days.', 'en'],
    ['It sold 120 units by 1 April 2018.', 'en'],
    ['It sold 120 units after 31 March 2018.', 'en'],
    ['It sold 120 units on 31 March 2018.', 'en'],
    ['You just bought “Pine Desk”.', 'en'],
    ['You recently bought “Pine Desk”.', 'en'],
    ['Vendeu 120 unidades nos últimos 30 dias.', 'pt-BR'],
    ['Vendeu 120 unidades até agora.', 'pt-BR'],
    ['Vendeu 120 unidades recentemente.', 'pt-BR'],
    ['Vendeu 120 unidades desde 31 de março de 2018.', 'pt-BR'],
    ['Você recentemente comprou “Pine Desk”.', 'pt-BR'],
  ] as const)('a time that is not the evidence’s: %s', (text, locale) => {
    expect(rulesOf(text, ['e1', 'e3'], evidence, locale)).not.toEqual([])
  })

  test('sales called purchases of the reader', () => {
    const of = evidenceOf([before(3), popular(120)])
    expect(rulesOf('You bought 120 units of it before.', ['e1', 'e2'], of)).toEqual(['number: 120'])
    expect(rulesOf('You bought 3 units of it before.', ['e1', 'e2'], of)).toEqual([])
    expect(rulesOf('It sold 3 units.', ['e1', 'e2'], of)).toEqual(['number: 3'])
  })

  test.each([
    ['two purchases at once', 'You bought “Pine Desk” and “Lamp”.', 'e1 e2', 'citation'],
    ['sales of what was bought', 'The “Pine Desk” you bought sold 120 units.', 'e1 e3', 'purchase'],
    [
      'sales of what was bought, with its month',
      '“Pine Desk”, which you bought in March 2018, is popular.',
      'e1 e3',
      'purchase',
    ],
    ['units of what was bought', '120 units of the “Pine Desk” were sold.', 'e1 e3', 'purchase'],
    ['a month that is another purchase’s', 'You chose “Pine Desk” in May 2017.', 'e1', 'number'],
    ['urging', 'Buy “Oak Shelf” now.', 'e1', 'urging'],
    ['urging in passing', 'Customers like it, so buy this product.', 'e1', 'urging'],
    ['advice by customers', 'Customers recommend this product.', 'e1', 'word'],
    ['a match that nobody made', 'It goes with the “Pine Desk” you bought.', 'e1', 'word'],
  ])('%s', (_what, text, ids, rule) => {
    const of = evidenceOf([taste(), together(14, bought(lamp, MAY)), popular()])
    expect(rulesOf(text, ids.split(' '), of)).toContainEqual(expect.stringMatching(`^${rule}`))
  })

  test('the same in Portuguese', () => {
    const [liked, sold] = ['e1', 'e3']
    expect(
      rulesOf(
        'O produto “Pine Desk” que você comprou vendeu 120 unidades.',
        [liked, sold],
        evidence,
        'pt-BR',
      ),
    ).toEqual([expect.stringMatching(/^purchase/)])
    expect(rulesOf('Você comprou “Oak Shelf” em março de 2018.', [liked], evidence, 'pt-BR')).toEqual([
      expect.stringMatching(/^purchase/),
    ])
    expect(rulesOf('Compre “Oak Shelf” agora.', [liked], evidence, 'pt-BR')).toEqual([
      'word: compre',
      'word: agora',
    ])
  })

  test('a purchase where none is cited', () => {
    expect(rulesOf('You bought something and it sold 120 units.', ['e3'])).toEqual([
      expect.stringMatching(/^purchase/),
    ])
  })

  test('likeness in what is not shared', () => {
    const of = evidenceOf([resemblance([]), withSeller()])
    expect(rulesOf('It has the same category as “Pine Desk”.', ['e1'], of)).toEqual(['claim: category'])
    expect(rulesOf('It has a similar weight.', ['e1'], of)).toEqual(['claim: weight'])
    expect(rulesOf('It is from the same seller.', ['e2'], of)).toEqual([])
  })

  test('what stands in no cited evidence', () => {
    expect(rulesOf('You may like it.', [])).toEqual(['citation: none'])
    expect(rulesOf('You may like it.', ['e1', 'e9'])).toEqual(['citation: e1, e9'])
  })

  test('English where Portuguese is asked for, and the other way round', () => {
    expect(rulesOf('Customers who like it may like this one too.', ['e1'], evidence, 'pt-BR')).not.toEqual([])
    expect(rulesOf('Clientes que gostam deste produto costumam gostar também.', ['e1'])).not.toEqual([])
  })
})

describe('a fluent text is believed, so that a language model is not asked in vain', () => {
  const repeated = evidenceOf([before()])
  const alike = evidenceOf([resemblance(), inCategory()])
  test.each([
    [
      'You might like “Oak Shelf” because it is similar to the “Pine Desk” you bought in March 2018, sharing the same category and a similar price.',
      'e1',
      alike,
    ],
    [
      '“Oak Shelf” belongs to the same category as your “Pine Desk” and sold 12 units over the 30 days to 31 March 2018.',
      'e2',
      alike,
    ],
    ['It also falls into the same category, with a similar price.', 'e1', alike],
    ['14 other customers who bought “Lamp” also chose “Oak Shelf”.', 'e2', evidence],
    [
      'Like you, 14 customers chose “Lamp” and went on to choose “Oak Shelf”.',
      'e2 e1',
      evidenceOf([taste(bought(lamp)), together()]),
    ],
    ['It has been popular, selling 120 units in the 30 days up to 31 March 2018.', 'e3', evidence],
    [
      'Customers who enjoy the “Pine Desk”, which you purchased in March 2018, tend to also like “Oak Shelf”.',
      'e1',
      evidence,
    ],
    ['You previously bought “Oak Shelf” in March 2018, so you may want it again.', 'e1', repeated],
    [
      'It comes from the same seller as the “Pine Desk” you bought in March 2018.',
      'e1',
      evidenceOf([withSeller()]),
    ],
  ])('%s', (text, ids, of) => {
    expect(rulesOf(text, ids.split(' '), of)).toEqual([])
  })

  test.each([
    [
      'Você pode gostar de “Oak Shelf”, pois clientes que gostam do “Pine Desk”, que você comprou em março de 2018, também costumam gostar dele.',
      'e1',
    ],
    ['Além disso, outros 14 clientes que escolheram “Lamp” também escolheram “Oak Shelf”.', 'e2'],
    ['Este item tem sido popular, com 120 unidades vendidas nos 30 dias até 31 de março de 2018.', 'e3'],
  ])('%s', (text, ids) => {
    expect(rulesOf(text, ids.split(' '), evidence, 'pt-BR')).toEqual([])
  })

  test('in Portuguese, of what is alike', () => {
    const text =
      '“Oak Shelf” é muito parecido com o “Pine Desk” que você comprou em março de 2018, compartilhando a mesma categoria e um preço semelhante.'
    expect(rulesOf(text, ['e1'], alike, 'pt-BR')).toEqual([])
  })
})

describe('what is known of orders', () => {
  const seen = evidenceOf([inOneOrder(12)])

  test.each([
    '12 orders with the “Pine Desk” you are looking at included “Oak Shelf”, too.',
    '12 other orders with “Pine Desk” held this one too.',
    '“Oak Shelf” appeared in the same order as the “Pine Desk” you are viewing.',
    'You are looking at “Pine Desk”: people ordered both together.',
  ])('supports: %s', (text) => {
    expect(rulesOf(text, ['e1'], seen)).toEqual([])
  })

  test.each([
    '12 pedidos incluíram “Oak Shelf” junto com o “Pine Desk” que você está vendo.',
    'Você está vendo “Pine Desk”: 12 pedidos incluíram ambos.',
  ])('supports: %s', (text) => {
    expect(rulesOf(text, ['e1'], seen, 'pt-BR')).toEqual([])
  })

  test.each([
    ['another count', '13 orders included both.', 'number: 13'],
    ['orders called customers', '12 customers chose both.', 'number: 12'],
    ['orders called units', 'It sold 12 units.', 'claim: sold', 'claim: units', 'number: 12'],
    ['the reader’s own orders', 'Your orders included both.', 'purchase: Your orders included both.'],
  ])('does not support %s', (_what, text, ...rules) => {
    expect(rulesOf(text, ['e1'], seen)).toEqual(rules)
  })

  test('customers who bought both need not have done so in one order', () => {
    expect(rulesOf('14 customers chose both in one order.', ['e2'])).toEqual(['claim: order'])
    expect(rulesOf('14 orders included both.', ['e2'])).toEqual(['claim: orders', 'number: 14'])
    expect(rulesOf('14 clientes escolheram ambos no mesmo pedido.', ['e2'], evidence, 'pt-BR')).toEqual([
      'claim: pedido',
    ])
  })
})

describe('what the reader did', () => {
  const looked = evidenceOf([resemblance([], lookedAt(desk))])
  const chosen = evidenceOf([resemblance([], bought(desk, null))])
  const owned = evidenceOf([resemblance([], bought(desk, null, 1, 'BOUGHT'))])
  const purchase = expect.stringMatching(/^purchase/)

  test.each([
    ['looked at', looked, 'It is similar to the “Pine Desk” you are looking at.'],
    ['chosen', chosen, 'It is similar to the “Pine Desk” you chose.'],
    ['chosen', chosen, 'It is similar to your “Pine Desk”.'],
    ['bought', owned, 'It is similar to the “Pine Desk” you bought.'],
    ['bought', owned, 'It is similar to the “Pine Desk” you chose.'],
  ])('what was %s is called that', (_deed, of, text) => {
    expect(rulesOf(text, ['e1'], of)).toEqual([])
  })

  test.each([
    ['a page', looked, 'It is similar to the “Pine Desk” you bought.'],
    ['a page', looked, 'It is similar to the “Pine Desk” you chose.'],
    ['a page', looked, 'It is similar to your “Pine Desk”.'],
    ['a page', looked, 'It is similar to “Pine Desk”, as you did.'],
    ['a page', looked, 'It is similar to “Pine Desk”, bought by you.'],
    ['a page', looked, 'Given your history, you may like it.'],
    ['a page', looked, 'You are looking at “Oak Shelf”.'],
    ['a page', looked, 'It is “Oak Shelf” you are looking at.'],
    ['a basket', chosen, 'It is similar to the “Pine Desk” you bought.'],
    ['a basket', chosen, 'Based on your purchase, you may like it.'],
    ['a basket', chosen, 'It is similar to the “Pine Desk” you are looking at.'],
    ['a purchase', owned, 'It is similar to the “Pine Desk” you are viewing.'],
    ['a purchase', owned, 'You bought both.'],
  ])('of %s nothing else may be said: %#', (_what, of, text) => {
    expect(rulesOf(text, ['e1'], of)).toEqual([purchase])
  })

  test.each([
    ['a page', looked, 'É parecido com o “Pine Desk” que você comprou.'],
    ['a page', looked, 'É parecido com o seu “Pine Desk”.'],
    ['a page', looked, 'Você está vendo “Oak Shelf”.'],
    ['a basket', chosen, 'É parecido com o “Pine Desk” que você comprou.'],
    ['a basket', chosen, 'Por seu pedido, você pode gostar deste produto.'],
    ['a purchase', owned, 'É parecido com o “Pine Desk” que você está vendo.'],
    ['a purchase', owned, 'Você comprou ambos.'],
  ])('of %s nothing else may be said in Portuguese: %#', (_what, of, text) => {
    expect(rulesOf(text, ['e1'], of, 'pt-BR')).toContainEqual(purchase)
  })

  test('of others it is not known what they look at', () => {
    expect(rulesOf('Customers looking at “Pine Desk” like it.', ['e1'], looked)).toContain('word: looking')
  })

  test('what is only looked at is not in the past', () => {
    expect(rulesOf('It is similar to “Pine Desk” from before.', ['e1'], looked)).toEqual(['claim: before'])
    expect(rulesOf('It is similar to “Pine Desk” from before.', ['e1'], chosen)).toEqual([])
  })
})

test('a text is rejected for no sentence, and for more than three', () => {
  const sentence: Sentence = { text: 'You may like it.', evidence: ['e1'] }
  expect(verify([], evidence, 'en')).toEqual([{ rule: 'length', found: '0 sentences' }])
  expect(verify([sentence, sentence, sentence], evidence, 'en')).toEqual([])
  expect(verify([sentence, sentence, sentence, sentence], evidence, 'en')).toEqual([
    { rule: 'length', found: '4 sentences' },
  ])
})

test('where there is no evidence, nothing may be claimed', () => {
  const none = evidenceOf([])
  expect(rulesOf('Nothing in particular speaks for “Oak Shelf”.', [], none)).toEqual([])
  expect(rulesOf('Customers like “Oak Shelf”.', [], none)).toEqual(['claim: customers', 'claim: like'])
})

test.each(LOCALES)('every sentence of a template in %s is supported, whatever the shop’s texts', (locale) => {
  fc.assert(
    fc.property(evidences(), (some) => {
      expect(verify(explain(some, locale).sentences, some, locale)).toEqual([])
    }),
    { numRuns: 2000 },
  )
})

test.each(LOCALES)('a sentence of a template in %s is rejected once a number in it is changed', (locale) => {
  fc.assert(
    fc.property(
      evidences(fc.stringMatching(/^[A-Z][a-z]{2,9}$/)),
      fc.integer({ min: 1, max: 8 }),
      (some, change) => {
        for (const { text, evidence: ids } of explain(some, locale).sentences) {
          const wrong = text.replace(/\d(?!\d)/, (digit) => String((Number(digit) + change) % 10))
          if (wrong !== text) expect(verify([{ text: wrong, evidence: ids }], some, locale)).not.toEqual([])
        }
      },
    ),
  )
})

test('the words of the evidence say nothing outside of it', () => {
  const named = { ...shelf, name: 'Cheapest of all' }
  const of = evidenceOf([taste()], named)
  expect(rulesOf('It is cheapest of all.', ['e1'], of)).not.toEqual([])
  expect(rulesOf('You may like “Cheapest of all”.', ['e1'], of)).toEqual([])
})
