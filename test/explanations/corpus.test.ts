/**
 * No lie of the corpus reaches a reader, whatever field of an answer a language model puts it into; what the truths of
 * the corpus say can be said by a choice of clauses; and of a cooperative model nearly every answer is used.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { CLAUSE_STYLE } from '../../src/explanations/clause-style.ts'
import type { Evidence } from '../../src/explanations/evidence.ts'
import { LOCALES, type Locale } from '../../src/explanations/explanation.ts'
import { compose, type Plan, type PlannedClause } from '../../src/explanations/clauses.ts'
import { LINKS, TONES } from '../../src/explanations/languages/language.ts'
import { corpus, SCENARIOS } from './corpus/scenarios.ts'
import { COOPERATIVE, type Reply, startOpenAiServer } from './openai-server.ts'
import { writerFor } from './writer.ts'

const server = await startOpenAiServer()
afterAll(() => server.close())

const WORDINGS = [0, 1, 2]

/** Every order of every choice of some of them. */
function orders(ids: readonly string[], before: readonly string[] = []): string[][] {
  const left = ids.filter((id) => !before.includes(id))
  return left.flatMap((id) => {
    const order = before.concat(id)
    return [order].concat(orders(ids, order))
  })
}

/** Every plan that says these pieces of evidence in this order. */
function plansOf(ids: readonly string[]): Plan[] {
  let chosen: PlannedClause[][] = [[]]
  for (const [place, evidence] of ids.entries()) {
    const links = place === 0 ? LINKS.slice(0, 1) : LINKS
    const next = links.flatMap((link) => WORDINGS.map((wording) => ({ evidence, wording, link })))
    chosen = chosen.flatMap((before) => next.map((clause) => before.concat(clause)))
  }
  return TONES.flatMap((tone) => chosen.map((clauses) => ({ tone, clauses })))
}

const textOf = (of: Evidence, plan: Plan, locale: Locale) =>
  compose(of, plan, locale)
    .map(({ text }) => text)
    .join(' ')

const sayable = new Map<string, Set<string>>()

/** All that can be said of a scenario, by any plan. */
function sayableIn(scenario: string, locale: Locale): Set<string> {
  const key = `${scenario} ${locale}`
  const known = sayable.get(key)
  if (known !== undefined) return known
  const evidence = SCENARIOS[scenario]
  const plans = orders(evidence.cited.map(({ id }) => id)).flatMap(plansOf)
  const texts = new Set(plans.map((plan) => textOf(evidence, plan, locale)))
  sayable.set(key, texts)
  return texts
}

describe('the corpus', () => {
  test.each(LOCALES)('holds at least 200 lies and 200 truths of at least ten kinds in %s', (locale) => {
    for (const what of ['lies', 'truths'] as const) {
      const lines = corpus(what, locale)
      expect(new Set(lines.map(({ text }) => text)).size).toBeGreaterThanOrEqual(200)
      expect(new Set(lines.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(10)
      for (const { evidence, ids } of lines) {
        for (const id of ids) expect(evidence.cited.map((cited) => cited.id)).toContain(id)
      }
    }
  })
})

/** An answer that puts a lie into a field of the plan, beside clauses that are there or alone. */
const FIELDS: Readonly<Record<string, (lie: string) => unknown>> = {
  'the whole answer': (lie) => lie,
  'a clause': (lie) => ({ tone: 'plain', clauses: [{ clause: lie, link: 'stop' }] }),
  'a clause beside a right one': (lie) => ({
    tone: 'warm',
    clauses: [
      { clause: 'e1a', link: 'stop' },
      { clause: lie, link: 'and' },
    ],
  }),
  'a clause behind its id': (lie) => ({ tone: 'plain', clauses: [{ clause: `e1a ${lie}`, link: 'stop' }] }),
  'the tone': (lie) => ({ tone: lie, clauses: [{ clause: 'e1b', link: 'stop' }] }),
  'a link': (lie) => ({
    tone: 'plain',
    clauses: [
      { clause: 'e1c', link: lie },
      { clause: 'e2a', link: lie },
    ],
  }),
  'fields of its own': (lie) => ({
    text: lie,
    [lie]: lie,
    tone: 'direct',
    clauses: [{ clause: 'e1a', link: 'stop', text: lie, [lie]: lie }],
    sentences: [{ text: lie, evidence: ['e1'] }],
  }),
  'sentences, as they were once asked for': (lie) => ({ sentences: [{ text: lie, evidence: ['e1'] }] }),
  'a list of clauses': (lie) => ({ tone: 'plain', clauses: [lie] }),
  'clauses that are no list': (lie) => ({ tone: 'plain', clauses: lie }),
  'text around the plan': (lie) =>
    `${lie} {"tone":"plain","clauses":[{"clause":"e1a","link":"stop"}]} ${lie}`,
}

test('more than 11,000 texts can be said of its evidence', () => {
  const sizes = LOCALES.flatMap((locale) =>
    Object.keys(SCENARIOS).map((scenario) => sayableIn(scenario, locale).size),
  )
  expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(11_000)
})

describe.each(LOCALES)('in %s no lie reaches a reader', (locale) => {
  const lies = corpus('lies', locale)

  test('none can be said by a choice of clauses, nor as part of one', () => {
    const sayableLies = lies.filter(({ scenario, text }) =>
      [...sayableIn(scenario, locale)].some((said) => said.includes(text.replace(/\.$/, ''))),
    )
    expect(sayableLies.map(({ text }) => text)).toEqual([])
  })

  test.each(Object.entries(FIELDS))('a model that answers it in %s', (_field, answer) => {
    for (const { text: lie, scenario, evidence } of lies) {
      const answered = answer(lie)
      const content = typeof answered === 'string' ? answered : JSON.stringify(answered)
      const read = CLAUSE_STYLE.read(content, evidence, locale)
      if (read === null) continue
      expect(sayableIn(scenario, locale)).toContain(read.sentences.map(({ text }) => text).join(' '))
      expect(read.kept).not.toContain(lie)
    }
  })

  test('over HTTP, by the real client, from the model to the reader', async () => {
    const { explainer } = await writerFor(server, { daily: { tokens: Infinity, money: Infinity } })
    const fields = Object.values(FIELDS)
    for (const [place, { text: lie, scenario, evidence }] of lies.entries()) {
      const answered = fields[place % fields.length](lie)
      server.behave(withContent(typeof answered === 'string' ? answered : JSON.stringify(answered)))
      // Of a segment of its own, so that nothing is found that was kept.
      const { text, source } = await explainer.explain({ ...evidence, segment: `s ${place}` }, locale)
      expect(['LLM', 'TEMPLATE']).toContain(source)
      expect(sayableIn(scenario, locale)).toContain(text)
      expect(text).not.toContain(lie)
    }
  })
})

const withContent =
  (content: string): Reply =>
  (_request, right) => {
    const [choice] = right.choices
    return { body: { ...right, choices: [{ ...choice, message: { ...choice.message, content } }] } }
  }

/** What each scenario's numbers may stand in, written by hand from its evidence. */
const READINGS: Readonly<Record<Locale, Readonly<Record<string, readonly RegExp[]>>>> = {
  en: {
    basics: [
      /14 other customers(?= who chose “Lamp”| bought both| chose both|\.|,|;)/g,
      /\b120 units(?= of (?:it|“Oak Shelf”) were sold| in the|\.|;|,)/g,
      /in the 30 days to 31 March 2018/gi,
      /in March 2018/g,
    ],
    alike: [/\b12 units/g, /in the 30 days to 31 March 2018/gi, /in March 2018/g],
    seller: [/\b12 units/g, /in the 30 days to 31 March 2018/gi, /in March 2018/g],
    page: [/\b12 orders/g],
    basket: [],
    repeat: [
      /\byou (?:have )?bought 3 units of (?:it|this one|“Oak Shelf”)/gi,
      /\b120 units(?= of (?:it|“Oak Shelf”) were sold| in the|\.|;|,)/g,
      /in the 30 days to 31 March 2018/gi,
      /in March 2018/g,
    ],
    interest: [
      /\b120 units(?= of (?:it|“Oak Shelf”) were sold| in the|\.|;|,)/g,
      /in the 30 days to 31 March 2018/gi,
      /on 14 March 2018/g,
    ],
    nameless: [/\b1,200 units/g, /by 31 March 2018/gi, /in March 2018/g],
  },
  'pt-BR': {
    basics: [
      /14 outros clientes(?= que, como você| compraram| escolheram|\.|,|;)/g,
      /\b120 unidades/g,
      /nos 30 dias até 31 de março de 2018/gi,
      /em março de 2018/g,
    ],
    alike: [/\b12 unidades/g, /nos 30 dias até 31 de março de 2018/gi, /em março de 2018/g],
    seller: [/\b12 unidades/g, /nos 30 dias até 31 de março de 2018/gi, /em março de 2018/g],
    page: [/\b12 pedidos/g],
    basket: [],
    repeat: [
      /você (?:já )?comprou 3 unidades (?:deste produto|de “Oak Shelf”)/gi,
      /\b120 unidades/g,
      /nos 30 dias até 31 de março de 2018/gi,
      /em março de 2018/g,
    ],
    interest: [/\b120 unidades/g, /nos 30 dias até 31 de março de 2018/gi, /em 14 de março de 2018/g],
    nameless: [/1\.200 unidades/g, /até 31 de março de 2018/gi, /em março de 2018/g],
  },
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  basics: ['Oak Shelf', 'Pine Desk', 'Lamp'],
  alike: ['Oak Shelf', 'Pine Desk'],
  seller: ['Oak Shelf', 'Pine Desk'],
  page: ['Oak Shelf', 'Pine Desk'],
  basket: ['Oak Shelf', 'Pine Desk', 'Lamp'],
  repeat: ['Oak Shelf'],
  interest: ['Oak Shelf', 'Pine Desk', 'Lamp'],
  nameless: ['bed bath table', 'garden tools'],
}

const SOLD =
  /“(?:Pine Desk|Lamp)”(?: (?:you bought|que você comprou)(?: (?:in|em) [^,.;“]*)?)?,? (?:which |que )?(?:also |também )?(?:had )?(?:sold|vendeu)/
const NOT_BOUGHT = /you (?:have |last )?bought|você (?:já )?comprou|que comprou/i
const NOT_SEEN = /looking at|está vendo/

/** Who did what, and to what, that no clause of a scenario may say, written by hand from its evidence. */
const UNTRUE: Readonly<Record<string, readonly RegExp[]>> = {
  basics: [
    SOLD,
    NOT_SEEN,
    /(?:you (?:have )?bought|você comprou) (?:both |tanto )?(?:the |o produto )?“Oak/i,
    // Of the desk it is known who likes it, of the lamp who bought it.
    /(?:like|gosta[mr]?) [^“.;,]*“Lamp”/,
    /(?:chose|escolheram) [^“.;,]*“Pine Desk”/,
    /together|juntos|orders?\b|pedidos?\b/i,
    /much like|parece|categor|seller|vendedor/,
  ],
  alike: [SOLD, NOT_SEEN, /customers|clientes|orders|pedidos|seller|vendedor/i],
  seller: [SOLD, NOT_SEEN, /much like|parece|categor|orders|pedidos/],
  page: [NOT_BOUGHT, /you chose|você escolheu|sold|vendeu|seller|vendedor|tend to like|costumam/i],
  basket: [NOT_BOUGHT, NOT_SEEN, /sold|vendeu|orders|pedidos|\b(?:19|20)\d\d\b/],
  repeat: [NOT_SEEN, /customers|clientes|orders|pedidos|much like|parece/i],
  interest: [
    SOLD,
    NOT_SEEN,
    // What was viewed, or put into the cart, was neither bought nor chosen.
    /bought|comprou|comprad|chose|escolh|orders?\b|pedidos?\b|customers|clientes/i,
    /(?:looked at|viu) (?:the |o produto )?“(?:Lamp|Oak)/,
    /put the “Pine|“Pine Desk” (?:you put|que você colocou)|colocou o produto “Pine/,
    /much like|parece|like|gosta|categor|seller|vendedor/,
  ],
  nameless: [
    NOT_SEEN,
    /you bought (?:the|this|a product from) “bed|comprou (?:este|o|um) produto da categoria “bed|“garden tools” product (?:sold|had)/,
  ],
}

/** Each word of a truth that says something, and how a clause says the same. */
const DETAILS: Readonly<Record<Locale, readonly (readonly [RegExp, RegExp])[]>> = {
  en: [
    [/“Pine Desk”/, /“Pine Desk”/],
    [/“Lamp”/, /“Lamp”/],
    [/garden tools/, /garden tools/],
    [/bed bath table/, /bed bath table/],
    [/in March 2018/i, /in March 2018/],
    [/31 March 2018/, /31 March 2018/],
    [/\b30 days/, /\b30 days to 31 March 2018/],
    [/\b14\b(?! March)/, /\b14 other customers/],
    [/\b14 March 2018/, /\bon 14 March 2018/],
    [/\b120\b/, /\b120 units/],
    [/\b12 units|\b12 were sold/, /\b12 units/],
    [/\b12 (?:orders|times|of the orders)/, /\b12 orders/],
    [/\b3 units/, /\b3 units/],
    [/\b1,200/, /\b1,200 units/],
    [/\b(?:another customer|someone else|one other)\b/i, /\banother customer/i],
    [/categor/, /\bcategory/],
    [/seller/, /\bseller/],
    [/\bprice/, /\bprice/],
    [/weigh/, /\bweight/],
    [/colour|\bred\b/, /colour \(red\)/],
    [/\byou(?: have)? (?:bought|got|purchased)/i, /\byou (?:have |last )?bought|as you did in March/i],
    [/(?<!than )\byou (?:chose|picked)/i, /\byou chose|as you did/i],
    [/\byou are (?:looking at|viewing)/i, /\byou are looking at/i],
    [/\b(?:you looked at|you viewed)/i, /\byou looked at/i],
    [/\bcart\b/, /\binto your cart on 14 March 2018/],
  ],
  'pt-BR': [
    [/“Pine Desk”/, /“Pine Desk”/],
    [/“Lamp”/, /“Lamp”/],
    [/garden tools/, /garden tools/],
    [/bed bath table/, /bed bath table/],
    [/em março de 2018/i, /em março de 2018/],
    [/31 de março de 2018/, /31 de março de 2018/],
    [/\b30 dias/, /\b30 dias até 31 de março de 2018/],
    [/\b14\b(?! de março)/, /\b14 outros clientes/],
    [/\b14 de março de 2018/, /\bem 14 de março de 2018/],
    [/\b120\b/, /\b120 unidades/],
    [/\b12 unidades|\b12 foram vendidos/, /\b12 unidades/],
    [/\b12 (?:pedidos|vezes|dos pedidos)/, /\b12 pedidos/],
    [/\b3 unidades/, /\b3 unidades/],
    [/1\.200/, /1\.200 unidades/],
    [/outr[oa] (?:cliente|pessoa)\b/i, /\boutro cliente\b/i],
    [/categor/, /categoria/],
    [/vendedor/, /vendedor/],
    [/preço/, /preço/],
    [/\bpes[ao]/i, /peso/],
    [/colour|\bred\b/, /colour igual \(red\)/],
    [/você (?:já )?(?:comprou|levou)/i, /você (?:já )?comprou|que comprou|como você em março/i],
    [/você (?:já )?escolheu|que escolheu/i, /você escolheu|que escolheu|como você/i],
    [/você está (?:vendo|olhando)/i, /você está vendo/i],
    [/você (?:viu|olhou)/i, /você viu/i],
    [/carrinho/, /no carrinho em 14 de março de 2018/],
  ],
}

const detailsIn = (text: string, locale: Locale) =>
  DETAILS[locale].filter(([says]) => says.test(text)).map(([, clause]) => clause)

/**
 * Reads what can be said by itself, without our code: every number counts what the evidence counts, every name stands
 * where it may, and the words that make a claim stand only where it holds.
 */
describe.each(LOCALES)('in %s all that can be said is true', (locale) => {
  const counts = READINGS[locale]

  test.each(Object.keys(SCENARIOS))('%s', (scenario) => {
    for (const text of sayableIn(scenario, locale)) {
      const rest = counts[scenario].reduce((left, phrase) => left.replaceAll(phrase, ''), text)
      expect(rest, text).not.toMatch(/\d/)
      const names = Array.from(text.matchAll(/“([^”]*)”/g), ([, name]) => name)
      for (const name of names) expect(NAMES[scenario]).toContain(name)
      expect(text).not.toMatch(
        locale === 'en'
          ? /\b(not?|never|nobody|only|more|most|less|best)\b/i
          : /\b(não|nunca|só|mais|menos|melhor)\b/i,
      )
      for (const untrue of UNTRUE[scenario]) expect(text).not.toMatch(untrue)
      expect(text).toMatch(/^[\p{Lu}\d“].*\.$/u)
      expect(text).not.toMatch(/ {2}|\.\.|,,|, \.| ,|“”|undefined|null|NaN|\(\)/)
    }
  })
})

const textsByIds = new Map<string, string[]>()

/** What can be said that rests on these pieces of evidence, and on all of them. */
function textsOf(scenario: string, ids: readonly string[], locale: Locale): string[] {
  const key = [scenario, locale, ...ids].join(' ')
  const known = textsByIds.get(key)
  if (known !== undefined) return known
  const texts = plansOf(ids)
    .map((plan) => compose(SCENARIOS[scenario], plan, locale))
    .filter((sentences) => new Set(sentences.flatMap(({ evidence }) => evidence)).size === ids.length)
    .map((sentences) => sentences.map(({ text }) => text).join(' '))
  textsByIds.set(key, texts)
  return texts
}

/** Truths are mapped by what they say: names, numbers, months, what the reader did, and what is shared. */
describe.each(LOCALES)('in %s what a truth says can be said', (locale) => {
  test.each(Object.entries(Object.groupBy(corpus('truths', locale), ({ kind }) => kind)))(
    '%s',
    (_kind, truths) => {
      for (const truth of truths ?? []) {
        const said = detailsIn(truth.text, locale)
        const saying = textsOf(truth.scenario, truth.ids, locale).filter((text) =>
          said.every((detail) => detail.test(text)),
        )
        expect(saying.length, `${truth.text} ${said.join(' ')}`).toBeGreaterThan(0)
      }
    },
  )
})

test('of a cooperative model at least 95 % of the answers are used', async () => {
  const { explainer } = await writerFor(server, { daily: { tokens: Infinity, money: Infinity } })
  let used = 0
  const asked = 400
  for (let call = 0; call < asked; call++) {
    // As models do: mostly right, one time in three with something of their own.
    server.behave(call % 3 === 0 ? COOPERATIVE[2 + ((call / 3) % (COOPERATIVE.length - 2))] : 'right')
    const scenarios = Object.values(SCENARIOS)
    const evidence = { ...scenarios[call % scenarios.length], segment: `s ${call}` }
    const { source } = await explainer.explain(evidence, LOCALES[call % 2])
    if (source === 'LLM') used++
  }
  expect(used / asked).toBeGreaterThanOrEqual(0.95)
})
