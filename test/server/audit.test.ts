import { serverAudits } from 'graphql-http'
import { describe, expect, test } from 'vitest'
import { serving } from '../api/serving.ts'

// Some of the audit asks for __type.
const { url } = await serving({ introspection: true })
const audits = serverAudits({ url })

describe('GraphQL over HTTP, as the graphql-http package audits it', () => {
  test.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn()
    expect(result).toMatchObject({ status: 'ok' })
  })
})

test('the audit is the whole one: 13 MUST, 23 SHOULD, 25 MAY', () => {
  const counts = ['MUST', 'SHOULD', 'MAY'].map(
    (word) => audits.filter(({ name }) => name.startsWith(word)).length,
  )
  expect(counts).toEqual([13, 23, 25])
})
