import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { all, partsOf } from './parts.ts'
import { failingSearch } from './failing-search.ts'
import { serving } from './serving.ts'

const lines: string[] = []
const logger = pino(
  new Writable({
    write(line, _encoding, done) {
      lines.push(String(line))
      done()
    },
  }),
)

const { ask, url } = await serving({
  kernels: failingSearch(referenceKernels(), 'memory of customer-1 at 0x1234 is gone'),
  logger,
})

test('an unexpected error is masked with a request id, and logged whole under the same id', async () => {
  const query = `{
    modelInfo { products }
    customer(externalId: "customer-1") { ... on Customer { recommendations { strategy } } }
  }`
  const body = JSON.stringify({ query })
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  const text = await response.text()
  const requestId = response.headers.get('x-request-id')
  expect(text).not.toContain('0x1234')
  expect(JSON.parse(text).errors).toEqual([
    {
      message: 'Unexpected error.',
      locations: [{ line: 3, column: 60 }],
      path: ['customer', 'recommendations'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
    },
  ])
  const logged = lines.map((line) => JSON.parse(line))
  expect(logged).toEqual([
    expect.objectContaining({
      requestId,
      path: ['customer', 'recommendations'],
      err: expect.objectContaining({
        message: 'memory of customer-1 at 0x1234 is gone',
        stack: expect.stringContaining('failing-search.ts'),
      }),
    }),
  ])
})

test.each(['@defer', '@ defer', '@ # not now\n defer', '@,defer'])(
  'so is one in a part that comes later, however it is put off: %j',
  async (directive) => {
    const query = `{
      customer(externalId: "customer-1") { ... on Customer { ... ${directive} { recommendations { strategy } } } }
    }`
    for (const accept of ['multipart/mixed', 'multipart/mixed; incrementalSpec=v0.2']) {
      const text = JSON.stringify(await all(partsOf(url, query, { accept })))
      expect(text).not.toContain('0x1234')
      expect(text).toContain('"message":"Unexpected error."')
    }
  },
)

test('each request has an id of its own', async () => {
  const failed = '{ customer(externalId: "customer-1") { ... on Customer { recommendations { strategy } } } }'
  const ids = (await Promise.all([ask(failed), ask(failed)])).map(
    ({ errors }) => errors?.[0].extensions.requestId,
  )
  expect(new Set(ids).size).toBe(2)
})
