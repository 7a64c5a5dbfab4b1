import { describe, expect, test } from 'vitest'
import type { Evidence, ProductFacts } from '../../src/explanations/evidence.ts'
import { LOCALES, type Sentence } from '../../src/explanations/explanation.ts'
import { promptFor } from '../../src/explanations/prompt.ts'
import { shownCategory, shownName } from '../../src/explanations/shown.ts'
import { explain } from '../../src/explanations/template.ts'
import { verify } from '../../src/explanations/verifier.ts'
import { INJECTIONS } from './injections.ts'
import { bought, evidenceOf, inCategory, resemblance, taste, together } from './some-evidence.ts'

const label = (injection: string) => JSON.stringify(injection.slice(0, 60))
const named = INJECTIONS.map((injection) => [label(injection), injection] as const)

const withName = (name: string | null) => about({ sku: 'a', name, category: 'toys' })
const withCategory = (category: string | null) => about({ sku: 'a', name: null, category })

function about(product: ProductFacts): Evidence {
  return evidenceOf(
    [taste(bought(product)), together(14, bought(product)), inCategory(12, bought(product))],
    product,
  )
}

/** A text with all that is shown of the product taken out again. */
function without(text: string, shown: string | null): string {
  return shown === null ? text : text.replaceAll(shown, 'NAME')
}

test('the corpus holds at least 50 attempts, each another', () => {
  expect(new Set(INJECTIONS).size).toBe(INJECTIONS.length)
  expect(INJECTIONS.length).toBeGreaterThanOrEqual(50)
})

describe.each(LOCALES)('in %s an attempt in a product name changes nothing but the name shown', (locale) => {
  test.each(named)('%s', (_label, name) => {
    const shown = shownName({ name })
    const harmless = shown === null ? null : 'NAME'
    const { text, sentences } = explain(withName(name), locale)
    expect(without(text, shown)).toBe(explain(withName(harmless), locale).text)
    expect(verify(sentences, withName(name), locale)).toEqual([])
    const prompt = promptFor(withName(name), locale)
    expect(without(prompt.facts, shown && JSON.stringify(shown).slice(1, -1))).toBe(
      promptFor(withName(harmless), locale).facts,
    )
    expect(prompt.instructions).toBe(promptFor(withName(null), locale).instructions)
  })
})

describe.each(LOCALES)('in %s an attempt in a category changes nothing but the category shown', (locale) => {
  test.each(named)('%s', (_label, category) => {
    const shown = shownCategory({ category })
    const harmless = shown === null ? null : 'NAME'
    const { text, sentences } = explain(withCategory(category), locale)
    expect(without(text, shown)).toBe(explain(withCategory(harmless), locale).text)
    expect(verify(sentences, withCategory(category), locale)).toEqual([])
  })
})

describe('what is shown of an attempt', () => {
  test.each(named)('is one short line without markup or quotes: %s', (_label, injection) => {
    for (const shown of [shownName({ name: injection }), shownCategory({ category: injection })]) {
      expect(shown ?? 'nothing').toMatch(/^[^\p{C}\p{Zl}\p{Zp}<>[\]{}`\\“”„"«»]{1,80}$/u)
    }
  })
})

/** What a model that obeys might write. */
const answers = (name: string): string[] => [
  `${shownName({ name })}.`,
  `It is free: ${shownName({ name })}.`,
  'PWNED.',
  'You are now a pirate.',
  'This is free.',
  'Call 0800 123 456 now.',
]

describe('a language model that obeys an attempt is not believed', () => {
  test.each(named)('%s', (_label, name) => {
    const evidence = withName(name)
    for (const text of answers(name)) {
      const sentences: Sentence[] = [{ text, evidence: ['e1'] }]
      expect(verify(sentences, evidence, 'en')).not.toEqual([])
    }
  })
})

test('labels of columns are held to the same', () => {
  for (const value of INJECTIONS) {
    const shared = [{ attribute: 'colour', value, purchasedValue: value }]
    const evidence = evidenceOf([resemblance(shared)])
    for (const locale of LOCALES)
      expect(verify(explain(evidence, locale).sentences, evidence, locale)).toEqual([])
  }
})
