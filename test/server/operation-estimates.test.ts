import fc from 'fast-check'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { costTable } from '../../src/graphql/cost.ts'
import { schema } from '../../src/graphql/schema.ts'
import { operationEstimates } from '../../src/server/operation-estimates.ts'

const table = costTable(0)
const document = parse(`
  query Lists(
    $id: String!, $first: Int, $last: Int, $before: String, $filter: ProductFilter, $ids: [String!], $reasons: Boolean = true
  ) {
    customer(externalId: $id) { ... on Customer {
      recommendations(first: $first, last: $last, before: $before, filter: $filter) {
        edges { node { rank reasons @include(if: $reasons) { amount } } }
      }
    } }
    recommendations(externalIds: $ids) { recommendations { edges { node { rank } } } }
  }
  query Type { __typename }
`)

const variables = fc.record(
  {
    id: fc.oneof(fc.string(), fc.constant(null), fc.integer()),
    first: fc.oneof(fc.integer({ min: -1, max: 120 }), fc.constant(null), fc.constant('ten')),
    last: fc.option(fc.integer({ min: 0, max: 3 })),
    before: fc.option(fc.string()),
    filter: fc.option(
      fc.record(
        { categories: fc.record({ anyOf: fc.array(fc.string(), { maxLength: 2 }) }), inStock: fc.boolean() },
        { requiredKeys: [] },
      ),
    ),
    ids: fc.oneof(fc.array(fc.string(), { maxLength: 30 }), fc.string(), fc.constant(null)),
    reasons: fc.boolean(),
  },
  { requiredKeys: ['id'] },
)
const operation = fc.record({
  operationName: fc.constantFrom('Lists', 'Type', 'Other', undefined),
  variableValues: variables,
})

describe('cached estimates', () => {
  test('are equal to an estimate without the cache, after any other requests', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 2, maxLength: 40 }), (operations) => {
        const keeping = operationEstimates(table)
        for (const { operationName, variableValues } of operations) {
          const args = { schema, document, operationName: operationName!, variableValues }
          const alone = operationEstimates(table)(args)
          const kept = keeping(args)
          // Variables that cannot be executed may be priced as those they resemble: execution refuses them.
          if (alone !== null) expect(kept).toEqual(alone)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('are found for other texts, and computed again for other numbers', () => {
    const estimate = operationEstimates(table)
    const asked = (id: string, first: number) =>
      estimate({ schema, document, operationName: 'Lists', variableValues: { id, first } })
    const former = asked('a', 10)
    expect(asked('b', 10)).toBe(former)
    expect(asked('a', 11)).not.toEqual(former)
  })

  test('are not cached for operations that could not be estimated', () => {
    const estimate = operationEstimates(table)
    const trending = parse(
      'query ($at: DateTime) { trending(at: $at, first: 5) { edges { node { rank } } } }',
    )
    const at = (moment: string) => estimate({ schema, document: trending, variableValues: { at: moment } })
    expect(at('no moment')).toBeNull()
    expect(at('2018-01-01T00:00:00Z')?.cost).toBeGreaterThan(95)
  })
})
