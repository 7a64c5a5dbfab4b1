import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type ExecutionResult, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../src/graphql/schema.ts'
import { setCaller } from '../../src/server/caller.ts'
import { Deadline } from '../../src/server/deadline.ts'
import { exampleQueries } from '../../src/server/examples.ts'
import { CostMeter } from '../../src/server/cost-meter.ts'
import { useOperationLimits } from '../../src/server/operation-limits.ts'
import { all, partsOf } from '../api/parts.ts'
import { serving } from '../api/serving.ts'
import { smallRecommender } from '../api/shop.ts'

const { ask, url } = await serving()

const customers = (first: number | string, each: string) =>
  `customers(first: ${first}) { edges { node { ${each} } } }`

const purchases = (more: string) =>
  `{ ${customers(100, `purchases(first: 48) { edges { node { quantity } } ${more} }`)} }`

describe('every answer states its estimated cost', () => {
  test('and the maximum', async () => {
    const { extensions } = await ask('{ modelInfo { version } }')
    // The root, and modelInfo.
    expect(extensions).toEqual({ cost: { requested: 2, maximum: 5000 } })
  })

  test('also if a field failed', async () => {
    const { errors, extensions } = await ask('{ customers(first: -1) { edges { cursor } } }')
    expect(errors).toHaveLength(1)
    expect(extensions?.cost.requested).toBe(1)
  })

  test('in an answer in parts, the first part states it for all', async () => {
    const query = '{ modelInfo { version ... @defer { factors } } }'
    const parts = await all(partsOf(url, query, { accept: 'multipart/mixed' }))
    expect(parts.map(({ extensions }) => extensions)).toEqual([
      { cost: { requested: 2, maximum: 5000 } },
      undefined,
    ])
  })

  test('so does the first event of a stream', async () => {
    const query =
      'subscription { explanationStream(externalId: "customer-3", first: 2) { recommendation { rank } } }'
    const events = await all(partsOf(url, query, { accept: 'text/event-stream' }))
    // The root; a list at 25 and its two places; for each its event and its recommendation.
    const cost = { requested: Math.ceil(1 + 25 + 2 * 0.07 + 2 + 2 * 2), maximum: 5000 }
    expect(events.map(({ extensions }) => extensions)).toEqual([{ cost }, undefined])
  })
})

describe('an operation is refused before it is executed', () => {
  test('if it may cost more than 5,000', async () => {
    // The root; for each customer itself, a list at 25, its 25 places at 0.07, and 25 recommendations.
    expect(
      (await ask(`{ ${customers(94, 'recommendations(first: 25) { edges { node { rank } } }')} }`))
        .extensions,
    ).toEqual({
      cost: { requested: Math.ceil(1 + 94 * 52.75), maximum: 5000 },
    })
    expect(
      await ask(`{ ${customers(95, 'recommendations(first: 25) { edges { node { rank } } }')} }`),
    ).toEqual({
      status: 200,
      errors: [
        {
          message:
            'The operation may cost 5013, at most 5000 is allowed: ask for shorter pages, or leave out what is expensive ' +
            '(decisivePurchases, whatIf, lists within lists).',
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'cost', maximum: 5000, requested: 5013 },
        },
      ],
      extensions: { cost: { requested: 5013, maximum: 5000 } },
    })
  })

  test('if it may return more than 10,000 objects', async () => {
    // For each of 100 customers an edge, itself, a connection and 48 edges with purchases; and a pageInfo too much.
    expect((await ask(purchases(''))).errors).toBeUndefined()
    expect((await ask(purchases('pageInfo { endCursor }'))).errors).toEqual([
      {
        message:
          'The operation may return 10002 objects, at most 10000 are allowed: ask for shorter pages and for fewer ' +
          'reasons (`first`), or for lists within lists in separate operations.',
        extensions: { code: 'LIMIT_EXCEEDED', limit: 'nodes', maximum: 10_000, requested: 10_002 },
      },
    ])
  })

  test('however its variables bring that about', async () => {
    const query = `query ($n: Int!) { ${customers('$n', 'recommendations(first: $n) { edges { node { rank } } }')} }`
    expect((await ask(query, { n: 10 })).errors).toBeUndefined()
    expect((await ask(query, { n: 100 })).errors?.[0].extensions).toMatchObject({
      limit: 'cost',
      requested: 1 + 100 * (25 + 7 + 1 + 100),
    })
  })

  test('a stream as well', async () => {
    const query =
      'subscription { explanationStream(externalId: "customer-3", first: 100, ranking: { maxPerCategory: 1 }) { recommendation { whatIf(withoutPurchases: []) { __typename } } } }'
    const [{ errors }] = await all(partsOf(url, query, { accept: 'text/event-stream' }))
    expect(errors[0].extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'cost' })
  })

  test('or after that, if other limits are set', async () => {
    const strict = await serving({ limits: { cost: 3, nodes: 4 } })
    expect((await strict.ask('{ modelInfo { version } }')).errors).toBeUndefined()
    expect((await strict.ask(`{ ${customers(3, 'externalId')} }`)).errors?.[0].extensions).toMatchObject({
      limit: 'cost',
      maximum: 3,
    })
    expect((await strict.ask(`{ ${customers(2, 'externalId')} }`)).errors?.[0].extensions).toMatchObject({
      limit: 'nodes',
      maximum: 4,
    })
  })
})

test('an operation that is refused leaves no deadline running', async () => {
  const request = new Request('http://localhost')
  setCaller(request, {
    name: 'ana',
    visitor: 'ana',
    actor: 'ana',
    credential: 'NONE',
    scopes: new Set(),
    customer: null,
  })
  const deadline = new Deadline(new AbortController().signal, 0.05)
  const contextValue = { request, deadline, meter: new CostMeter(() => {}) }
  const refused: ExecutionResult[] = []
  const { onExecute } = useOperationLimits(
    { cost: 1, nodes: 1 },
    {},
    { bought: () => 0, position: () => 0 },
    null,
  )
  onExecute!({
    args: { schema, document: parse('{ modelInfo { version } }'), contextValue },
    setResultAndStopExecution: (result: ExecutionResult) => refused.push(result),
  } as never)
  expect(refused[0].errors?.[0].extensions['code']).toBe('LIMIT_EXCEEDED')
  await pause(100)
  expect(deadline.signal.aborted).toBe(false)
})

test('what is wrong with its variables is said of an operation, not what it may cost', async () => {
  const query = `query ($n: Int!) { ${customers('$n', 'externalId')} }`
  const { errors, extensions } = await ask(query, { n: 'many' })
  expect(errors?.[0].message).toContain('Variable "$n" got invalid value "many"')
  expect(extensions).toBeUndefined()
})

describe('what we show fits well within', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [, first] = /```graphql\n([^]*?)```/.exec(readme)!
  const { model } = await smallRecommender()
  const examples = exampleQueries(model).filter((query) => !query.includes('@defer'))
  const shown = [first, ...examples].map((query) => [/query (\w+)/.exec(query)?.[1] ?? 'README', query])
  test.each(shown)('%s', async (_name, query) => {
    const { errors, extensions } = await ask(query)
    expect(errors).toBeUndefined()
    expect(extensions?.cost.requested).toBeLessThan(2500)
  })
})
