import { describe, expect, test } from 'vitest'
import { servingGrocery } from './serving.ts'

const { ask } = await servingGrocery()

const FIRST = 'edges { node { explanation { text } portuguese: explanation(locale: PT_BR) { text } } }'

/** What is said of the first product of a list, which stands somewhere in the answer. */
async function firstOf(query: string): Promise<{ english: string; portuguese: string }> {
  const { data, errors } = await ask(query)
  expect(errors).toBeUndefined()
  let found = data
  while (!found.edges) found = Object.values(found)[0]
  const { explanation, portuguese } = found.edges[0].node
  return { english: explanation.text, portuguese: portuguese.text }
}

const onPage = (sku: string, intent: string) =>
  `{ product(sku: "${sku}") { ... on Product { recommendations(intent: ${intent}, first: 1) { ${FIRST} } } } }`
const forBasket = (sku: string, list: string) =>
  `{ recommend(input: { history: [{ sku: "${sku}", quantity: 1 }], list: ${list} }, first: 1) {
    ... on RecommendationConnection { ${FIRST} } } }`
const forCustomer = (id: string, list: string) =>
  `{ customer(externalId: "${id}") { ... on Customer { ${list}(first: 1) { ${FIRST} } } } }`

describe('each list says in words why', () => {
  // Bread and butter: ann's first two orders, and ben's first.
  test('what goes with the product of a page, which nobody has chosen yet', async () => {
    expect(await firstOf(onPage('bread', 'COMPLEMENTARY'))).toEqual({
      english: '“Alpine butter” and the “Country bread” you are looking at were bought together in 3 orders.',
      portuguese:
        '“Alpine butter” e o produto “Country bread” que você está vendo foram comprados juntos em 3 pedidos.',
    })
  })

  test('what goes with a basket, which was chosen', async () => {
    expect(await firstOf(forBasket('bread', 'COMPLEMENTARY'))).toEqual({
      english: '“Alpine butter” and the “Country bread” you chose were bought together in 3 orders.',
      portuguese:
        '“Alpine butter” e o produto “Country bread” que você escolheu foram comprados juntos em 3 pedidos.',
    })
  })

  test('what is like the product of a page', async () => {
    const { english, portuguese } = await firstOf(onPage('bread', 'RELATED'))
    expect(english).toMatch(/^“.+” is much like the “Country bread” you are looking at/)
    expect(portuguese).toMatch(/^“.+” se parece muito com o produto “Country bread” que você está vendo/)
  })

  test('what is like a basket', async () => {
    const { english, portuguese } = await firstOf(forBasket('bread', 'RELATED'))
    expect(english).toMatch(/^“.+” is much like the “Country bread” you chose/)
    expect(portuguese).toMatch(/^“.+” se parece muito com o produto “Country bread” que você escolheu/)
  })

  // Of dan's butter and jam, ann and ben bought bread with the butter.
  test('what others bought, too', async () => {
    expect(await firstOf(forCustomer('dan', 'alsoBought'))).toEqual({
      english:
        '2 other customers who chose “Alpine butter”, as you did in January 2024, chose “Country bread” too.',
      portuguese:
        '2 outros clientes que, como você em janeiro de 2024, escolheram o produto “Alpine butter” também escolheram “Country bread”.',
    })
  })

  test('what was bought before', async () => {
    expect(await firstOf(forCustomer('eve', 'buyAgain'))).toEqual({
      english: 'You bought 9 units of “Whole milk”, the last in January 2024.',
      portuguese: 'Você já comprou 9 unidades de “Whole milk”, a última em janeiro de 2024.',
    })
  })

  // Seven orders hold bread, eight loaves of it; four hold butter, and four milk, which comes later in the catalogue.
  test('what sells lately, and what has sold', async () => {
    expect(await firstOf(`{ trending(first: 1) { ${FIRST} } }`)).toEqual({
      english: '“Country bread” sold well, with 8 units in the 30 days to 31 January 2024.',
      portuguese: '“Country bread” vendeu bem, com 8 unidades nos 30 dias até 31 de janeiro de 2024.',
    })
    expect(
      await firstOf(`{ category(name: "dairy") { ... on Category { popular(first: 1) { ${FIRST} } } } }`),
    ).toEqual({
      english: '“Alpine butter” sold 4 units by 31 January 2024.',
      portuguese: '“Alpine butter” vendeu 4 unidades até 31 de janeiro de 2024.',
    })
  })
})
