import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CLAUSE_STYLE } from '../../src/explanations/clause-style.ts'
import type { Evidence } from '../../src/explanations/evidence.ts'
import { LOCALES } from '../../src/explanations/explanation.ts'
import { answerKey } from '../../src/explanations/style.ts'
import {
  before,
  bought,
  desk,
  evidenceOf,
  evidences,
  inOneOrder,
  lookedAt,
  popular,
  shelf,
  taste,
  together,
  withSeller,
} from './some-evidence.ts'

test('a prompt holds the product, the segment, and what there is to choose from, and nothing else', () => {
  const { facts } = CLAUSE_STYLE.promptFor(evidenceOf([taste(), together()]), 'en')
  expect(JSON.parse(facts)).toEqual({
    language: 'English',
    product: { name: 'Oak Shelf', category: 'furniture' },
    segment: 'Repeat Loyalists',
    tones: { plain: '', warm: '“Oak Shelf” could be for you: ', direct: 'Why “Oak Shelf”? ' },
    links: { stop: '. ', and: ', and ', semicolon: '; ', besides: '. Besides, ' },
    facts: [
      {
        fact: 'e1',
        kind: 'TASTE',
        clauses: {
          e1a: 'customers who like the “Pine Desk” you bought in March 2018 tend to like “Oak Shelf” too',
          e1b: 'people who like the “Pine Desk” you bought in March 2018 often like “Oak Shelf” as well',
          e1c: 'if you like the “Pine Desk” you bought in March 2018, you may like “Oak Shelf” too',
        },
      },
      {
        fact: 'e2',
        kind: 'BOUGHT_TOGETHER',
        clauses: {
          e2a: '14 other customers who chose “Lamp”, as you did in March 2018, chose “Oak Shelf” too',
          e2b: '14 other customers bought both the “Lamp” you bought in March 2018 and “Oak Shelf”',
          e2c: '“Oak Shelf” was also chosen by 14 other customers who chose “Lamp”, as you did in March 2018',
        },
      },
    ],
  })
})

test('its schema allows nothing but choices: no field of it takes words', () => {
  const { schema } = CLAUSE_STYLE.promptFor(evidenceOf([taste(), before()]), 'pt-BR')
  const strings: unknown[] = []
  JSON.stringify(schema, (name, value) => {
    if (value?.type === 'string') strings.push(value.enum)
    if (value?.type === 'object') expect(value.additionalProperties, name).toBe(false)
    return value
  })
  expect(strings).toEqual([
    ['plain', 'warm', 'direct'],
    ['e1a', 'e1b', 'e1c', 'e2a', 'e2b', 'e2c'],
    ['stop', 'and', 'semicolon', 'besides'],
  ])
})

test('no prompt holds an id of a product, of a seller or a score', () => {
  fc.assert(
    fc.property(evidences(), (evidence) => {
      const text = JSON.stringify(CLAUSE_STYLE.promptFor(evidence, 'en'))
      const skus = [evidence.product, ...evidence.cited.flatMap(({ purchase }) => purchase?.product ?? [])]
      for (const { sku } of skus) expect(text).not.toContain(sku)
      expect(text).not.toMatch(/amount|share"|3d871de0142ce09b/)
    }),
  )
  expect(CLAUSE_STYLE.promptFor(evidenceOf([withSeller()]), 'en').facts).not.toContain('3d871de0142ce09b')
})

const keyOf = (of: Evidence, locale: 'en' | 'pt-BR' = 'en', model = 'm') =>
  answerKey(model, CLAUSE_STYLE, locale, CLAUSE_STYLE.promptFor(of, locale))

test('the key changes with the model, the language, the evidence and what the reader did, and with nothing else', () => {
  const evidence = evidenceOf([taste()])
  const keys = [
    keyOf(evidence),
    keyOf(evidence, 'pt-BR'),
    keyOf(evidence, 'en', 'other'),
    keyOf(evidenceOf([together()])),
    keyOf({ ...evidence, segment: null }),
    ...[lookedAt(desk), bought(desk, null), bought(desk, null, 1, 'BOUGHT'), bought(desk)].map((known) =>
      keyOf(evidenceOf([inOneOrder(12, known)])),
    ),
    keyOf(evidenceOf([inOneOrder(13, bought(desk))])),
    keyOf({ ...evidenceOf([inOneOrder(4, bought(desk))]), exactFrom: 5 }),
    keyOf(evidenceOf([inOneOrder(4, bought(desk))])),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  const weaker = evidenceOf([[{ ...taste()[0], amount: 0.1 }, taste()[1]]], { ...shelf, sku: 'another' })
  expect(keyOf(weaker)).toBe(keyOf(evidence))
})

/** What a number may count, and the noun behind it, in each language. */
const COUNTED = {
  en: /([\d.,]*\d) (other customers?|orders?|units?|days)/g,
  'pt-BR': /([\d.,]*\d) (outros clientes|pedidos?|unidades?|dias)/g,
} as const

/** The numbers of the evidence by the first letters of what they count. */
function numbersIn({ cited }: Evidence): Record<string, number[]> {
  const numbers: Record<string, number[]> = { customers: [], orders: [], units: [], days: [] }
  for (const { reason, purchase } of cited) {
    if (reason.kind === 'BOUGHT_TOGETHER') numbers.customers.push(reason.customers)
    if (reason.kind === 'SAME_ORDER') numbers.orders.push(reason.orders)
    if ('sales' in reason) numbers.units.push(reason.sales.units)
    if ('sales' in reason && reason.sales.days !== null) numbers.days.push(reason.sales.days)
    if (reason.kind === 'BOUGHT_BEFORE') numbers.units.push(purchase!.quantity)
  }
  return numbers
}

/** Years and days of the month that the evidence names. */
function datesIn({ cited }: Evidence): number[] {
  const times = cited.flatMap(({ reason, purchase }) => [
    purchase?.purchasedAt ?? [],
    purchase?.interestAt ?? [],
    'sales' in reason ? [reason.sales.since ?? [], reason.sales.until ?? []].flat() : [],
  ])
  return times.flat().flatMap((time) => [new Date(time).getUTCFullYear(), new Date(time).getUTCDate()])
}

function kindOf(noun: string): string {
  if (/custom|client/.test(noun)) return 'customers'
  if (/order|pedid/.test(noun)) return 'orders'
  return /unit|unidad/.test(noun) ? 'units' : 'days'
}

const clause = (id: string, link = 'stop') => ({ clause: id, link })

describe('an answer is read', () => {
  const evidence = evidenceOf([taste(), together(), popular()])
  const textOf = (answer: unknown) => {
    const content = typeof answer === 'string' ? answer : JSON.stringify(answer)
    return CLAUSE_STYLE.read(content, evidence, 'en')
      ?.sentences.map(({ text }) => text)
      .join(' ')
  }
  const ofTaste = 'Customers who like the “Pine Desk” you bought in March 2018 tend to like “Oak Shelf” too.'
  const sold = '“Oak Shelf” sold well, with 120 units in the 30 days to 31 March 2018.'

  test.each([
    ['what was asked for', { tone: 'plain', clauses: [clause('e1a')] }, ofTaste],
    ['code fences', '```json\n{"tone":"plain","clauses":[{"clause":"e1a","link":"stop"}]}\n```', ofTaste],
    ['words around it', 'Sure: {"tone":"plain","clauses":[{"clause":"e1a","link":"and"}]} Bye.', ofTaste],
    ['more fields', { tone: 'plain', why: 'x', clauses: [{ ...clause('e1a'), text: 'x' }] }, ofTaste],
    ['no tone', { clauses: [clause('e1a')] }, ofTaste],
    ['a tone that there is not', { tone: 'loud', clauses: [clause('e1a')] }, ofTaste],
    ['no link', { tone: 'plain', clauses: [{ clause: 'e1a' }] }, ofTaste],
    ['evidence twice', { tone: 'plain', clauses: [clause('e3a'), clause('e3b')] }, sold],
    ['an id that there is not, beside one', { tone: 'plain', clauses: [clause('e9a'), clause('e3a')] }, sold],
  ])('with %s', (_what, answer, text) => {
    expect(textOf(answer)).toBe(text)
  })

  test('once "besides" has been said it is not said again', () => {
    const clauses = [clause('e1a'), clause('e2b', 'besides'), clause('e3c', 'besides')]
    expect(textOf({ tone: 'plain', clauses })).toBe(
      `${ofTaste} Besides, 14 other customers bought both the “Lamp” you bought in March 2018 and this one. ` +
        'In the 30 days to 31 March 2018, this one sold 120 units.',
    )
  })

  test('and a sentence that is long takes no further clause', () => {
    const clauses = [clause('e2b'), clause('e1c', 'and'), clause('e3a', 'and')]
    expect(textOf({ tone: 'plain', clauses })).toBe(
      '14 other customers bought both the “Lamp” you bought in March 2018 and “Oak Shelf”, and if you like the ' +
        '“Pine Desk” you bought in March 2018, you may like this one too. ' +
        'This one also sold well, with 120 units in the 30 days to 31 March 2018.',
    )
  })

  test('and few sales are stated alone, in the plain tone', () => {
    const weak = evidenceOf([popular(3), taste()])
    const read = (clauses: object[]) =>
      CLAUSE_STYLE.read(JSON.stringify({ tone: 'warm', clauses }), weak, 'en')?.sentences.map(
        ({ text }) => text,
      )
    const few = '“Oak Shelf” sold 3 units in the 30 days to 31 March 2018.'
    expect(read([clause('e1a')])).toEqual([few])
    expect(read([clause('e2a'), clause('e1a')])).toEqual([
      '“Oak Shelf” could be for you: customers who like the “Pine Desk” you bought in March 2018 tend to like this product too.',
    ])
  })

  test('and nothing is put under the condition of another clause', () => {
    const clauses = [clause('e1c'), clause('e3a', 'and')]
    expect(textOf({ tone: 'plain', clauses })).toBe(
      'If you like the “Pine Desk” you bought in March 2018, you may like “Oak Shelf” too. ' +
        'This one also sold well, with 120 units in the 30 days to 31 March 2018.',
    )
  })

  test.each([
    '',
    'Hello.',
    '{',
    '{"clauses": [',
    '[]',
    'null',
    '{"tone":"plain"}',
    '{"tone":"plain","clauses":[]}',
    '{"tone":"plain","clauses":{"clause":"e1a"}}',
    '{"tone":"plain","clauses":["e1a"]}',
    '{"tone":"plain","clauses":[{"clause":"e4a","link":"stop"}]}',
    '{"tone":"plain","clauses":[{"clause":"e1","link":"stop"}]}',
    '{"tone":"plain","clauses":[{"clause":"e1A","link":"stop"}]}',
    '{"tone":"plain","clauses":[{"clause":1,"link":"stop"}]}',
    '{"tone":"plain","clauses":[{"clause":"__proto__","link":"constructor"}]}',
  ])('as none where it is %j', (content) => {
    expect(textOf(content)).toBeUndefined()
  })

  test('of any content, without an error, and the stored part reads the same', () => {
    const json = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((text) => `{"clauses":[${text}]}`),
    )
    fc.assert(
      fc.property(json, (content) => {
        const read = CLAUSE_STYLE.read(content, evidence, 'en')
        if (read) expect(CLAUSE_STYLE.read(read.kept, evidence, 'en')).toEqual(read)
      }),
    )
    const chosen = fc.record({
      clause: fc.constantFrom('e1a', 'e1b', 'e1c', 'e2a', 'e2b', 'e2c', 'e3a', 'e3b', 'e3c', 'e3z', 'x'),
      link: fc.constantFrom('stop', 'and', 'semicolon', 'besides', 'x'),
    })
    const plans = fc.record({
      tone: fc.constantFrom('plain', 'warm', 'direct', 'x'),
      clauses: fc.array(chosen, { maxLength: 8 }),
    })
    fc.assert(
      fc.property(plans, (plan) => {
        const read = CLAUSE_STYLE.read(JSON.stringify(plan), evidence, 'en')
        if (read) expect(CLAUSE_STYLE.read(read.kept, evidence, 'en')).toEqual(read)
        expect(read === null).toBe(plan.clauses.every((chosenClause) => chosenClause.clause === 'x'))
      }),
    )
  })
})

describe.each(LOCALES)('in %s, whatever the evidence, the shop’s texts and the choice', (locale) => {
  const choices = fc.array(
    fc.tuple(fc.nat(2), fc.nat(2), fc.constantFrom('stop', 'and', 'semicolon', 'besides')),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  const plain = fc.stringMatching(/^[A-Z][a-z]{2,9}$/)

  test('each clause has the same number of wordings, wherever it stands, and none is empty or has a colon', () => {
    fc.assert(
      fc.property(
        evidences(plain),
        fc.constantFrom('plain', 'warm', 'direct'),
        choices,
        (evidence, tone, chosen) => {
          const clauses = chosen.flatMap(([fact, wording, link]) =>
            fact < evidence.cited.length ? [{ clause: `e${fact + 1}${'abc'[wording]}`, link }] : [],
          )
          const read = CLAUSE_STYLE.read(JSON.stringify({ tone, clauses }), evidence, locale)
          if (read === null) return
          for (const { text, evidence: ids } of read.sentences) {
            expect(text).toMatch(/^[\p{Lu}\d“].*[^.,;: ]\.$/u)
            // A name may hold any letters, those of null too.
            expect(text.replaceAll(/“[^”]+”/g, '“x”')).not.toMatch(
              / {2}|\.\.|,,|, \.| [,.;]|“”|undefined|null|NaN|\(\)|: [^“]*:/,
            )
            expect(ids.length).toBeGreaterThan(0)
            const cited = evidence.cited.filter(({ id }) => ids.includes(id))
            const known = numbersIn({ ...evidence, cited })
            for (const [, digits, noun] of text.matchAll(COUNTED[locale])) {
              const plainDigits =
                locale === 'en' ? digits.replaceAll(',', '') : digits.replaceAll('.', '').replace(',', '.')
              expect(known[kindOf(noun)], text).toContain(Number(plainDigits))
            }
            // What is left of digits are months and days of the evidence.
            const rest = text.replaceAll(COUNTED[locale], '').replaceAll(/“[^”]*”/g, '')
            for (const [date] of rest.matchAll(/\d+/g)) expect(datesIn(evidence)).toContain(Number(date))
          }
          const { facts } = CLAUSE_STYLE.promptFor(evidence, locale)
          for (const { clauses: offered } of JSON.parse(facts).facts) {
            expect(Object.values(offered)).toHaveLength(3)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
