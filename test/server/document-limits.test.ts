import fc from 'fast-check'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { documentSize } from '../../src/server/document-size.ts'
import { serving } from '../api/serving.ts'

const { ask, url } = await serving({ production: false })

/** What is refused is refused before anything is executed, so that there is no data. */
const refusal = (limit: string, maximum: number, requested: number, message: string) => ({
  status: 200,
  errors: [{ message, extensions: { code: 'LIMIT_EXCEEDED', limit, maximum, requested } }],
})

const ofTokens = (count: number) => `{ ${Array.from({ length: count - 2 }, () => 'x').join(' ')} }`
const deep = (last: string) => `{
  customer(externalId: "customer-1") { ... on Customer { recommendations(first: 1) { edges { node {
    explanation { evidence { reason { ... on BoughtTogetherReason { purchase { product { ${last} } } } } } }
  } } } } }
}`
const aliases = (count: number) => Array.from({ length: count }, (_, i) => `a${i}: __typename`).join(' ')
const directives = (count: number) => '__typename @include(if: true) '.repeat(count)
const doubling = (i: number) => `fragment F${i} on T { a { ...F${i + 1} } b: a { ...F${i + 1} } }`

describe('tokens', () => {
  test('over 1,000 are refused before the document is read', async () => {
    expect(await ask(ofTokens(1001))).toEqual({
      status: 200,
      errors: [
        {
          message:
            'The document has more than 1000 tokens: ask in several operations, with variables for values.',
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'tokens', maximum: 1000 },
        },
      ],
    })
  })

  test('of 1,000 the document is read', async () => {
    const { errors } = await ask(ofTokens(1000))
    expect(errors?.[0].extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})

describe('depth', () => {
  test('of 10 fields within each other is answered, that of inline fragments not counted', async () => {
    const { data, errors } = await ask(deep('name'))
    expect(errors).toBeUndefined()
    expect(data.customer.recommendations.edges).toHaveLength(1)
  })

  test('of 11 is refused', async () => {
    expect(await ask(deep('availability { inStock }'))).toEqual(
      refusal(
        'depth',
        10,
        11,
        'The operation is 11 fields deep, at most 10 are allowed: ask for less at once, or continue from the ids in ' +
          'another operation.',
      ),
    )
  })

  test('counts what named fragments hold', async () => {
    const { errors } = await ask(
      `${deep('...More')} fragment More on Product { availability { ...Most } } fragment Most on ProductAvailability { inStock }`,
    )
    expect(errors?.[0].extensions).toMatchObject({ limit: 'depth', requested: 11 })
  })

  test('does not reject a fragment that spreads itself: another rule does', async () => {
    const { errors } = await ask(
      '{ ...F } fragment F on Query { modelInfo { ...G } } fragment G on ModelInfo { ...G }',
    )
    expect(errors?.map(({ message }) => message)).toEqual(['Cannot spread fragment "G" within itself.'])
  })
})

describe('aliases', () => {
  test('of 15 in an operation are answered', async () => {
    expect(Object.keys((await ask(`{ ${aliases(15)} }`)).data)).toHaveLength(15)
  })

  test('of 16 are refused', async () => {
    expect(await ask(`{ ${aliases(16)} }`)).toEqual(
      refusal(
        'aliases',
        15,
        16,
        'The operation has 16 aliases, at most 15 are allowed: ask in several operations.',
      ),
    )
  })

  test('count at each spread of their fragment', async () => {
    const products = Array.from({ length: 2 }, (_, i) => `p${i}: product(sku: "sku-${i}") { ...F }`).join(' ')
    const { errors } = await ask(`{ ${products} } fragment F on Product { ${aliases(7)} }`)
    // 2 + 2 × 7.
    expect(errors?.[0].extensions).toMatchObject({ limit: 'aliases', requested: 16 })
  })
})

describe('directives', () => {
  test('of 50 in an operation are heeded', async () => {
    expect((await ask(`{ ${directives(50)} }`)).data).toEqual({ __typename: 'Query' })
  })

  test('of 51 are refused', async () => {
    expect(await ask(`{ ${directives(51)} }`)).toEqual(
      refusal(
        'directives',
        50,
        51,
        'The operation has 51 directives, at most 50 are allowed: leave out fields instead of skipping them by directives.',
      ),
    )
  })

  test('may be only once at a place, as GraphQL requires', async () => {
    const { errors } = await ask('{ __typename @skip(if: false) @skip(if: false) }')
    expect(errors?.[0].message).toContain('The directive "@skip" can only be used once at this location.')
  })
})

test('a refusal is 400 for those who read GraphQL’s own media type', async () => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: `{ ${'__typename @include(if: true) '.repeat(51)} }` }),
  })
  expect(response.status).toBe(400)
})

test('other limits apply if they are set', async () => {
  const strict = await serving({ limits: { depth: 2, aliases: 1, directives: 1, tokens: 30 } })
  const limitOf = async (query: string) => (await strict.ask(query)).errors?.[0].extensions['limit']
  expect(await limitOf('{ modelInfo { version } }')).toBeUndefined()
  expect(await limitOf('{ modelInfo { segments { name } } }')).toBe('depth')
  expect(await limitOf('{ a: __typename b: __typename }')).toBe('aliases')
  expect(await limitOf('{ __typename @skip(if: true) modelInfo @skip(if: false) { version } }')).toBe(
    'directives',
  )
  expect(await limitOf(`{ ${'__typename '.repeat(29)} }`)).toBe('tokens')
})

describe('the size of a document', () => {
  test('is that of its largest operation', () => {
    const document = parse('query A { a { b { c } } } query B @live { x: d y: d @skip(if: true) }')
    expect(documentSize(document)).toEqual({ depth: 3, aliases: 2, directives: 2 })
  })

  test('is found in time if fragments double each other', () => {
    const levels = Array.from({ length: 60 }, (_, i) => doubling(i)).join(' ')
    const document = parse(`{ ...F0 } ${levels} fragment F60 on T { a }`)
    // Each level doubles the aliases below it and adds one: 2⁶⁰ − 1, as a double has it.
    expect(documentSize(document)).toEqual({ depth: 61, aliases: 2 ** 60, directives: 0 })
  })

  test('is the same with fragments written out in place', () => {
    const fields = fc.letrec<{ set: Tree; field: Tree[number] }>((tie) => ({
      set: fc.array(tie('field'), { minLength: 1, maxLength: 3, depthIdentifier: 'fields' }),
      field: fc.record({
        alias: fc.boolean(),
        directive: fc.boolean(),
        fragment: fc.boolean(),
        set: fc.option(tie('set'), { depthIdentifier: 'fields', maxDepth: 4 }),
      }),
    })).set
    fc.assert(
      fc.property(fields, (tree) => {
        const fragments: string[] = []
        const spread = `{ ${written(tree, fragments)} }`
        expect(documentSize(parse([spread, ...fragments].join(' ')))).toEqual(
          documentSize(parse(`{ ${written(tree, null)} }`)),
        )
      }),
    )
  })
})

type Tree = { alias: boolean; directive: boolean; fragment: boolean; set: Tree | null }[]

/** As GraphQL; some fields are moved into named fragments if there is a list for these. */
function written(tree: Tree, fragments: string[] | null): string {
  return tree
    .map(({ alias, directive, fragment, set }) => {
      const held = set === null ? '' : ` { ${written(set, fragments)} }`
      const field = `${alias ? 'a: ' : ''}f${directive ? ' @d' : ''}${held}`
      if (!fragment || fragments === null) return field
      const name = `F${fragments.length}`
      fragments.push(`fragment ${name} on T { ${field} }`)
      return `...${name}`
    })
    .join(' ')
}
