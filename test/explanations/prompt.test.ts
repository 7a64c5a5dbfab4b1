import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Evidence } from '../../src/explanations/evidence.ts'
import { parseAnswer, promptFor, promptKey } from '../../src/explanations/prompt.ts'
import {
  before,
  bought,
  desk,
  evidenceOf,
  evidences,
  inOneOrder,
  lookedAt,
  shelf,
  taste,
  together,
  withSeller,
} from './some-evidence.ts'

test('a prompt holds the product, the segment and the facts, and nothing else', () => {
  const { facts } = promptFor(evidenceOf([taste(), together()]), 'en')
  expect(JSON.parse(facts)).toEqual({
    product: { name: 'Oak Shelf', category: 'furniture' },
    segment: 'Repeat Loyalists',
    evidence: [
      {
        id: 'e1',
        kind: 'TASTE',
        fact: 'Customers who like the “Pine Desk” you bought in March 2018 tend to like “Oak Shelf” too.',
      },
      {
        id: 'e2',
        kind: 'BOUGHT_TOGETHER',
        fact: '14 other customers who chose “Lamp”, as you did in March 2018, chose “Oak Shelf” too.',
      },
    ],
  })
})

test('a prompt names its language, and allows only the ids of its evidence', () => {
  const { instructions, schema } = promptFor(evidenceOf([taste(), before()]), 'pt-BR')
  expect(instructions).toContain('in Brazilian Portuguese')
  expect(JSON.stringify(schema)).toContain('"enum":["e1","e2"]')
})

test('no prompt holds an id of a product, of a seller or a score', () => {
  fc.assert(
    fc.property(evidences(), (evidence) => {
      const text = JSON.stringify(promptFor(evidence, 'en'))
      const skus = [evidence.product, ...evidence.cited.flatMap(({ purchase }) => purchase?.product ?? [])]
      for (const { sku } of skus) expect(text).not.toContain(sku)
      expect(text).not.toMatch(/amount|share|3d871de0142ce09b/)
    }),
  )
  expect(promptFor(evidenceOf([withSeller()]), 'en').facts).not.toContain('3d871de0142ce09b')
})

const keyOf = (of: Evidence, locale: 'en' | 'pt-BR' = 'en', model = 'm') =>
  promptKey(model, locale, promptFor(of, locale))

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
  ]
  expect(new Set(keys).size).toBe(keys.length)
  const weaker = evidenceOf([[{ ...taste()[0], amount: 0.1 }, taste()[1]]], { ...shelf, sku: 'another' })
  expect(keyOf(weaker)).toBe(keyOf(evidence))
})

test('an answer is read only where it is what was asked for', () => {
  const sentences = [{ text: 'A.', evidence: ['e1'] }]
  expect(parseAnswer(JSON.stringify({ sentences }))).toEqual(sentences)
  for (const content of [
    '',
    'Hello.',
    '{"sentences": [',
    '[]',
    '{"sentences": [{"text": 1, "evidence": []}]}',
  ]) {
    expect(parseAnswer(content)).toBeNull()
  }
})
