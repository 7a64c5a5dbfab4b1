import { pino } from 'pino'
import { expect, test } from 'vitest'
import { serving } from '../api/serving.ts'
import { keptLog } from './kept-log.ts'

const log = keptLog()
const logger = pino({}, log)
// What cannot be read costs 50, so that three such requests spend it all.
const rateLimit = { capacity: 150, perSecond: 0.01 }
const { url } = await serving({ logger, limits: { cost: 100, nodes: 60, rateLimit } })

const list = (first: number) => `{ customers(first: ${first}) { edges { node { externalId } } } }`

test.each([
  ['too long a body', 'LIMIT_EXCEEDED', `{ __typename } #${'-'.repeat(262_144)}`],
  ['too many tokens', 'LIMIT_EXCEEDED', `{ ${'x '.repeat(1000)} }`],
  ['too deep', 'LIMIT_EXCEEDED', `${'{ x '.repeat(11)}${'}'.repeat(11)}`],
  ['too dear', 'LIMIT_EXCEEDED', list(100)],
  ['too much to return', 'LIMIT_EXCEEDED', list(40)],
  ['about the schema', 'GRAPHQL_VALIDATION_FAILED', '{ __schema { description } }'],
  [
    'none of several operations',
    'OPERATION_RESOLUTION_FAILURE',
    'query A { __typename } query B { __typename }',
  ],
  ['not GraphQL', 'GRAPHQL_PARSE_FAILED', '{'],
  ['not GraphQL either', 'GRAPHQL_PARSE_FAILED', '{ "'],
  ['from who has spent it all', 'THROTTLED', '{ __typename }'],
])('what is refused as %s is told why, with nothing of the server’s inside', async (_what, code, query) => {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const text = await response.text()
  expect(response.status).toBeLessThan(500)
  const codes = JSON.parse(text).errors.map(({ extensions }: any) => extensions.code)
  expect(codes).toContain(code)
  expect(text).not.toMatch(/stack|node_modules|file:|\.ts\b|requestId/)
})

test('none of it is logged as unexpected', () => {
  expect(log.lines).toEqual([])
})
