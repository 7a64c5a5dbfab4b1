import { afterAll, describe, expect, test } from 'vitest'
import { CLAUSE_STYLE } from '../../src/explanations/clause-style.ts'
import type { Evidence, ProductFacts } from '../../src/explanations/evidence.ts'
import { LOCALES } from '../../src/explanations/explanation.ts'
import { displayCategory, displayLabel, displayName } from '../../src/explanations/display-text.ts'
import { explain } from '../../src/explanations/template.ts'
import { INJECTIONS } from './injections.ts'
import { startOpenAiServer } from './openai-server.ts'
import { bought, evidenceOf, inCategory, resemblance, taste, together } from './some-evidence.ts'
import { writerFor } from './writer.ts'

const server = await startOpenAiServer()
afterAll(() => server.close())

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

/** Names of another length may move the end of a sentence. */
const words = (text: string) => text.toLowerCase().replaceAll(/[;.] /g, ' ')

const textOf = (content: string, of: Evidence, locale: (typeof LOCALES)[number]) =>
  CLAUSE_STYLE.read(content, of, locale)
    ?.sentences.map(({ text }) => text)
    .join(' ')

/** A choice that says everything. */
const ALL = JSON.stringify({
  tone: 'direct',
  clauses: ['e1c', 'e2b', 'e3b'].map((clause) => ({ clause, link: 'semicolon' })),
})

test('the corpus holds at least 50 attempts, each another', () => {
  expect(new Set(INJECTIONS).size).toBe(INJECTIONS.length)
  expect(INJECTIONS.length).toBeGreaterThanOrEqual(50)
})

describe.each(LOCALES)('in %s an attempt in a product name changes nothing but the name shown', (locale) => {
  test.each(named)('%s', (_label, name) => {
    const shown = displayName({ name })
    const harmless = shown === null ? null : 'NAME'
    expect(without(explain(withName(name), locale).text, shown)).toBe(
      explain(withName(harmless), locale).text,
    )
    expect(textOf(ALL, withName('NAME'), locale)).toContain('NAME')
    const chosen = textOf(ALL, withName(name), locale)!
    expect(words(without(chosen, shown))).toBe(words(textOf(ALL, withName(harmless), locale)!))
    const prompt = CLAUSE_STYLE.promptFor(withName(name), locale)
    expect(without(prompt.facts, shown && JSON.stringify(shown).slice(1, -1))).toBe(
      CLAUSE_STYLE.promptFor(withName(harmless), locale).facts,
    )
    expect(prompt.instructions).toBe(CLAUSE_STYLE.promptFor(withName(null), locale).instructions)
    expect(prompt.schema).toEqual(CLAUSE_STYLE.promptFor(withName(null), locale).schema)
  })
})

describe.each(LOCALES)('in %s an attempt in a category changes nothing but the category shown', (locale) => {
  test.each(named)('%s', (_label, category) => {
    const shown = displayCategory({ category })
    const harmless = shown === null ? null : 'NAME'
    expect(without(explain(withCategory(category), locale).text, shown)).toBe(
      explain(withCategory(harmless), locale).text,
    )
  })
})

describe('what is shown of an attempt', () => {
  test.each(named)('is one short line without markup or quotes: %s', (_label, injection) => {
    for (const shown of [displayName({ name: injection }), displayCategory({ category: injection })]) {
      expect(shown ?? 'nothing').toMatch(/^[^\p{C}\p{Zl}\p{Zp}<>[\]{}`\\“”„"«»]{1,80}$/u)
    }
  })
})

describe('a language model that obeys an attempt changes nothing', () => {
  test.each(named)('%s', async (_label, name) => {
    const { explainer } = await writerFor(server)
    const evidence = withName(name)
    for (const behaviour of ['obedient', 'writing'] as const) {
      server.behave(behaviour)
      const { text, source } = await explainer.explain(evidence, 'en')
      expect(source).toBe('TEMPLATE')
      expect(text).toBe(explain(evidence).text)
    }
    const answers = ['PWNED.', 'You are now a pirate.', name].flatMap((said) => [
      JSON.stringify({ tone: said, clauses: [{ clause: said, link: said }] }),
      said,
    ])
    for (const answer of answers) expect(textOf(answer, evidence, 'en')).toBeUndefined()
  })
})

test('labels and names of columns are held to the same', () => {
  for (const value of INJECTIONS) {
    const evidence = evidenceOf([resemblance([{ attribute: 'colour', value, purchasedValue: value }])])
    const shown = displayLabel(value)
    for (const locale of LOCALES) {
      const { text } = explain(evidence, locale)
      expect(text).not.toMatch(/[<>{}[\]`\\]|https?:|\n/)
      if (shown === null) expect(text).toBe(explain(evidenceOf([resemblance([])]), locale).text)
    }
  }
})
