/** Numbers, dates and what agrees with them, in every wording; expected words by the grammar of each language. */
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../src/explanations/evidence.ts'
import type { Locale } from '../../src/explanations/explanation.ts'
import { clausesOf, compose } from '../../src/explanations/clauses.ts'
import {
  before,
  bought,
  evidenceOf,
  inOneOrder,
  lamp,
  popular,
  resemblance,
  SAME_CATEGORY,
  SAME_COLOUR,
  taste,
  together,
} from './some-evidence.ts'

const wordings = (of: Evidence, locale: Locale) => clausesOf(of, of.cited[0], locale)

describe('units', () => {
  test.each([
    [0.5, '0.5 units', 'were', '0,5 unidade', 'foi vendida'],
    [1, '1 unit', 'was', '1 unidade', 'foi vendida'],
    [1.004, '1 unit', 'was', '1 unidade', 'foi vendida'],
    [1.5, '1.5 units', 'were', '1,5 unidade', 'foi vendida'],
    [2, '2 units', 'were', '2 unidades', 'foram vendidas'],
    [12.25, '12.25 units', 'were', '12,25 unidades', 'foram vendidas'],
    [1234.5, '1,234.5 units', 'were', '1.234,5 unidades', 'foram vendidas'],
    [1_000_000, '1,000,000 units', 'were', '1.000.000 unidades', 'foram vendidas'],
  ])('%d', (count, english, were, portuguese, foram) => {
    const of = evidenceOf([popular(count)])
    const to = 'in the 30 days to 31 March 2018'
    const ate = 'nos 30 dias até 31 de março de 2018'
    const well = count >= 5
    expect(wordings(of, 'en')).toEqual([
      well ? `“Oak Shelf” sold well, with ${english} ${to}` : `“Oak Shelf” sold ${english} ${to}`,
      `${english} of “Oak Shelf” ${were} sold ${to}`,
      `${to}, “Oak Shelf” sold ${english}`,
    ])
    expect(wordings(of, 'pt-BR')).toEqual([
      well ? `“Oak Shelf” vendeu bem, com ${portuguese} ${ate}` : `“Oak Shelf” vendeu ${portuguese} ${ate}`,
      `${foram} ${portuguese} de “Oak Shelf” ${ate}`,
      `${ate}, “Oak Shelf” vendeu ${portuguese}`,
    ])
  })
})

describe('customers and orders', () => {
  test.each([
    [
      1,
      'another customer who chose',
      'outro cliente que, como você, escolheu',
      'one order',
      'um pedido incluiu',
    ],
    [
      2,
      '2 other customers who chose',
      '2 outros clientes que, como você, escolheram',
      '2 orders',
      '2 pedidos incluíram',
    ],
    [
      1234,
      '1,234 other customers who chose',
      '1.234 outros clientes que, como você, escolheram',
      '1,234 orders',
      '1.234 pedidos incluíram',
    ],
  ])('%d', (count, others, outros, orders, pedidos) => {
    const chose = evidenceOf([together(count, bought(lamp, null))])
    for (const wording of [wordings(chose, 'en')[0], wordings(chose, 'en')[2]])
      expect(wording).toContain(others)
    for (const wording of [wordings(chose, 'pt-BR')[0], wordings(chose, 'pt-BR')[2]])
      expect(wording).toContain(outros)
    const ordered = evidenceOf([inOneOrder(count)])
    for (const wording of wordings(ordered, 'en')) expect(wording).toContain(orders)
    expect(wordings(ordered, 'pt-BR')[1]).toMatch(new RegExp(`^${pedidos} `))
  })

  test('below the limit for exact counts they are a few, and so are units', () => {
    const of: Evidence = { ...evidenceOf([together(4), inOneOrder(4), popular(4)]), exactFrom: 5 }
    for (const [locale, few] of [
      ['en', /\b[Aa] few (?:other customers|orders|units)\b/],
      ['pt-BR', /\b(?:[Aa]lguns (?:outros clientes|pedidos)|[Aa]lgumas unidades)\b/],
    ] as const) {
      for (const cited of of.cited) {
        for (const wording of clausesOf(of, cited, locale)) {
          expect(wording).toMatch(few)
          expect(wording).not.toMatch(/\b4\b|one order|um pedido|another customer/)
        }
      }
    }
    const one = { ...evidenceOf([together(1)]), exactFrom: 5 }
    expect(wordings(one, 'en')[1]).toMatch(/^a few other customers bought both/)
    const five = { ...evidenceOf([together(5)]), exactFrom: 5 }
    expect(wordings(five, 'en')[1]).toMatch(/^5 other customers/)
  })
})

test('the customer’s own purchases are stated exactly', () => {
  const of = { ...evidenceOf([before(3)]), exactFrom: 5 }
  expect(wordings(of, 'en')[0]).toBe('you bought 3 units of “Oak Shelf”, the last in March 2018')
})

test.each([
  [Date.UTC(2018, 0, 1, 12), '1 January 2018', '1º de janeiro de 2018'],
  [Date.UTC(2018, 9, 21, 12), '21 October 2018', '21 de outubro de 2018'],
  [Date.UTC(2018, 4, 11, 12), '11 May 2018', '11 de maio de 2018'],
])('days are written as people do: %#', (until, english, portuguese) => {
  const [reason, purchase] = popular()
  const sales = { ...reason.sales, until, since: until - 30 * 86_400_000 }
  const of = evidenceOf([[{ ...reason, sales }, purchase]])
  expect(wordings(of, 'en')[0]).toMatch(new RegExp(`in the 30 days to ${english}$`))
  expect(wordings(of, 'pt-BR')[0]).toMatch(new RegExp(`nos 30 dias até ${portuguese}$`))
})

test.each([
  'Wow!',
  'Who, me?',
  'A. B. C.',
  '“Best” of',
  'x: y; z',
  '50% off, and more',
  'The End',
  '3 in 1',
  'ß',
])('a name stands as it is, between quotes: %s', (name) => {
  const of = evidenceOf([taste(), popular()], { sku: 'x', name, category: null })
  const clauses = [
    { evidence: 'e1', wording: 1, link: 'stop' as const },
    { evidence: 'e2', wording: 0, link: 'and' as const },
  ]
  const shown = name.replaceAll(/[“”]/g, '’')
  const text = compose(of, { tone: 'direct', clauses }, 'en')
    .map((sentence) => sentence.text)
    .join(' ')
  expect(text).toBe(
    `Why “${shown}”? People who like the “Pine Desk” you bought in March 2018 often like this product as well, ` +
      'and this one also sold well, with 120 units in the 30 days to 31 March 2018.',
  )
})

test('the other product is named again after another was mentioned', () => {
  const of = evidenceOf([taste(), together(), resemblance([SAME_CATEGORY, SAME_COLOUR])])
  const clauses = ['e1', 'e2', 'e3'].map((evidence) => ({ evidence, wording: 0, link: 'stop' as const }))
  expect(compose(of, { tone: 'plain', clauses }, 'en').at(-1)!.text).toBe(
    'This one is much like the “Pine Desk” you bought in March 2018, in the same category and with the same colour (red).',
  )
})
